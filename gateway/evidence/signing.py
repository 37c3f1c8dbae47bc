"""Signs a log's checkpoints: its name, its key, and what each checkpoint says of itself."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.evidence.checkpoints import UNWITNESSED, Checkpoint, checkpoint_text, hash_line
from gateway.evidence.hashing import TreeHash
from gateway.evidence.note_keys import Kind, VerifierKey, sign, verifier_key
from gateway.evidence.notes import Note


@dataclass(frozen=True, slots=True)
class Signatory:
    """In whose name checkpoints are signed, and whether anybody witnesses them."""

    origin: str
    key: Ed25519PrivateKey = field(repr=False)
    hashing: TreeHash
    witnessed: bool

    def checkpoint(self, size: int, root: bytes) -> Checkpoint:
        """What is signed over the log at this size."""
        unwitnessed = () if self.witnessed else (UNWITNESSED,)
        return Checkpoint(self.origin, size, root, hash_line(self.hashing.algorithm) + unwitnessed)

    def sign(self, checkpoint: Checkpoint) -> Note:
        """The signed note; raise `InvalidNote` where the log's name can sign nothing."""
        text = checkpoint_text(checkpoint)
        return Note(text, (sign(text, self.origin, self.key),))

    def public(self) -> VerifierKey:
        """What whoever relies on the checkpoints is given."""
        return verifier_key(self.origin, Kind.ED25519, self.key)
