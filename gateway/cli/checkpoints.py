"""Signs a checkpoint with the log's own key, for the command line."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.cli.endings import NoEnvironment
from gateway.evidence.checkpoints import UNWITNESSED, Checkpoint, checkpoint_text
from gateway.evidence.note_keys import Kind, key_text, sign, verifier_key
from gateway.evidence.notes import Note, note_bytes
from gateway.keys import KeysMissing, open_lone_key
from gateway.settings import Settings

KEY_NAME = "evidence"


def sign_checkpoint(settings: Settings, size: int, root: bytes) -> tuple[str, str]:
    """The signed note of the log at this size, and the key to verify it with.

    Raises `NoEnvironment` without the key, and `InvalidNote` where the log's name can sign nothing.
    """
    name = settings.evidence_log
    key = _open_key(settings)
    text = checkpoint_text(Checkpoint(name, size, root, (UNWITNESSED,)))
    written = note_bytes(Note(text, (sign(text, name, key),)))
    return written.decode(), key_text(verifier_key(name, Kind.ED25519, key))


def _open_key(settings: Settings) -> Ed25519PrivateKey:
    try:
        seed = open_lone_key(settings.keys_folder, KEY_NAME, create=settings.embedded)
    except KeysMissing as error:
        raise NoEnvironment(f"密钥不可用 · a key cannot be read: {error}") from None
    return Ed25519PrivateKey.from_private_bytes(seed)
