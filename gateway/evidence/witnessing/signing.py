"""The witness's signature: given under a checkpoint that its book has taken in."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.clock import Clock
from gateway.evidence.note_keys import Kind, VerifierKey, cosign, verifier_key
from gateway.evidence.notes import signature_line
from gateway.evidence.witnessing.book import Book
from gateway.evidence.witnessing.growth import Growth


@dataclass(frozen=True, slots=True)
class Cosignatory:
    """In whose name the witness signs, and by which clock."""

    name: str
    key: Ed25519PrivateKey = field(repr=False)
    clock: Clock

    def cosign(self, book: Book, growth: Growth) -> str:
        """The signature line under this growth's checkpoint; raise what `Book.grow` raises."""
        at = int(self.clock.now().timestamp())
        line = cosign(growth.note.text, self.name, self.key, at)
        book.grow(growth, line)
        return signature_line(line)

    def public(self) -> VerifierKey:
        """What logs and auditors are given."""
        return verifier_key(self.name, Kind.COSIGNATURE, self.key)
