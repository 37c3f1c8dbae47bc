"""`jisui witness`: signs what logs elsewhere tell it, until told to stop."""

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.alone import alone
from gateway.api.server import listen
from gateway.api.server import serve as serve_app
from gateway.clock import SystemClock
from gateway.evidence.note_keys import VerifierKey, key_text
from gateway.evidence.witnessing.app import create_witness
from gateway.evidence.witnessing.book import Book
from gateway.evidence.witnessing.signing import Cosignatory
from gateway.keys import open_lone_key
from gateway.processes.telling import tell

KEY = "witness"


async def witness(
    folder: Path, name: str, logs: Sequence[VerifierKey], host: str, port: int
) -> None:
    """Sign for these logs until told to stop; raise `AlreadyRunning`, `PortBusy`, `NotGrown`."""
    cosignatory = open_cosignatory(folder, name)
    listening = listen(host, port)
    bound, at = listening.getsockname()[:2]
    with alone(folder, "witness"):
        books = {log.name: Book(folder / f"{log.key_id().hex()}.db", log) for log in logs}
        tell({"url": f"http://{bound}:{at}", "key": key_text(cosignatory.public())})
        await serve_app(create_witness(books, cosignatory), listening)


def open_cosignatory(folder: Path, name: str) -> Cosignatory:
    """The witness's key in its folder, made where there is none; raise `InvalidNote` for a name."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = Ed25519PrivateKey.from_private_bytes(open_lone_key(folder, KEY, create=True))
    cosignatory = Cosignatory(name, key, SystemClock())
    cosignatory.public()
    return cosignatory
