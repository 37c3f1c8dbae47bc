"""Keys that sign notes: a log's Ed25519, and a witness's cosignature/v1, which tells the time.

A further kind, such as SM2, is one more byte here and one more way to verify; who does not know it
passes its lines over.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.evidence.notes import (
    KEY_ID_LENGTH,
    InvalidNote,
    Note,
    Signature,
    decoded,
    encoded,
    require_name,
)

_PUBLIC_LENGTH = 32
_TIME_LENGTH = 8
_LATEST = 1 << 63  # what readers elsewhere can hold
_KEY_ID = re.compile(r"[0-9a-f]{8}")


class NotSigned(InvalidNote):
    """The note bears no signature of this key."""


class Kind(IntEnum):
    """What a signature says; the byte takes part in the key's id."""

    ED25519 = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a key, as those who rely on it are given it."""

    name: str
    kind: Kind
    public: bytes

    def key_id(self) -> bytes:
        """The id that its signature lines bear."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return sha256(named).digest()[:KEY_ID_LENGTH]


def verifier_key(name: str, kind: Kind, key: Ed25519PrivateKey) -> VerifierKey:
    """The public half of a key under this name, or raise `InvalidNote` for the name."""
    require_name(name)
    return VerifierKey(name, kind, key.public_key().public_bytes_raw())


def key_text(key: VerifierKey) -> str:
    """The key in one word, the way C2SP writes it."""
    return f"{key.name}+{key.key_id().hex()}+{encoded(bytes([key.kind]) + key.public)}"


def parse_key(text: str) -> VerifierKey:
    """The key in this word, or raise `InvalidNote`, also for a kind that is not known here."""
    name, _, rest = text.partition("+")
    key_id, _, written = rest.partition("+")
    require_name(name)
    content = decoded(written)
    if len(content) != 1 + _PUBLIC_LENGTH or content[0] not in tuple(Kind):
        raise InvalidNote("not a key of a known kind")
    key = VerifierKey(name, Kind(content[0]), content[1:])
    if _KEY_ID.fullmatch(key_id) is None or key.key_id().hex() != key_id:
        raise InvalidNote("the key's id is that of another key")
    return key


def sign(text: str, name: str, key: Ed25519PrivateKey) -> Signature:
    """A signature over the text as it is."""
    public = verifier_key(name, Kind.ED25519, key)
    return Signature(name, public.key_id(), key.sign(text.encode()))


def cosign(text: str, name: str, key: Ed25519PrivateKey, at: int) -> Signature:
    """A witness's signature over a checkpoint's text at a time in seconds since 1970."""
    if not 0 <= at < _LATEST:
        raise InvalidNote("not a time")
    public = verifier_key(name, Kind.COSIGNATURE, key)
    time = at.to_bytes(_TIME_LENGTH, "big")
    return Signature(name, public.key_id(), time + key.sign(_timed(text, at)))


def verify_signed(note: Note, key: VerifierKey) -> None:
    """Return where a log's key signed this text; raise `NotSigned` or `InvalidNote`."""
    if key.kind is not Kind.ED25519:
        raise InvalidNote("not the key of a log")
    for signature in _lines_of(note, key):
        _verify(key, signature.signed, note.text.encode())


def verify_cosigned(note: Note, key: VerifierKey) -> int:
    """When the witness signed this text, the latest time; raise `NotSigned` or `InvalidNote`."""
    if key.kind is not Kind.COSIGNATURE:
        raise InvalidNote("not the key of a witness")
    times = []
    for signature in _lines_of(note, key):
        at = int.from_bytes(signature.signed[:_TIME_LENGTH], "big")
        _verify(key, signature.signed[_TIME_LENGTH:], _timed(note.text, at))
        times.append(at)
    return max(times)


def _timed(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _lines_of(note: Note, key: VerifierKey) -> list[Signature]:
    # Lines of other keys are passed over, also where they share the name or the id alone.
    known = (key.name, key.key_id())
    lines = [line for line in note.signatures if (line.name, line.key_id) == known]
    if not lines:
        raise NotSigned("no signature of this key")
    return lines


def _verify(key: VerifierKey, signature: bytes, text: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text)
    except (InvalidSignature, ValueError):
        raise InvalidNote("the signature does not fit the text") from None
