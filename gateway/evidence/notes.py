"""Signed notes as C2SP writes them: a text and the lines of those who signed it."""

import base64
import binascii
from dataclasses import dataclass

from contracts.errors import JisuiError

KEY_ID_LENGTH = 4
MOST_SIGNATURES = 100
_DASH = "\u2014 "


class InvalidNote(JisuiError):
    """Not a signed note, or not signed as it says."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who signed, with which key, and the bytes that key gives meaning to."""

    name: str
    key_id: bytes
    signed: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends with its line, and its signatures, none of them verified yet."""

    text: str
    signatures: tuple[Signature, ...]


def note_bytes(note: Note) -> bytes:
    """The note as it is stored and sent; raise `InvalidNote` where it would not read back."""
    lines = "".join(signature_line(signature) for signature in note.signatures)
    written = f"{note.text}\n{lines}".encode()
    if parse_note(written) != note:
        raise InvalidNote("a text without an end of line, or a name that is none")
    return written


def parse_note(written: bytes) -> Note:
    """The note in these bytes, or raise `InvalidNote`."""
    try:
        whole = written.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidNote("not UTF-8") from None
    if any(character < " " and character != "\n" for character in whole):
        raise InvalidNote("a control character")
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise InvalidNote("no signature lines")
    signatures = lines[:-1].split("\n")
    if len(signatures) > MOST_SIGNATURES:
        raise InvalidNote("too many signatures")
    return Note(text + "\n", tuple(map(parse_line, signatures)))


def require_name(name: str) -> None:
    """Return where a key may be named so; raise `InvalidNote`."""
    if not name or "+" in name or any(each.isspace() or each < " " for each in name):
        raise InvalidNote("a key's name has no spaces and no plus, and is not empty")


def decoded(text: str) -> bytes:
    """The bytes a base64 text stands for in its only spelling, or raise `InvalidNote`."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidNote("not base64") from None
    if encoded(content) != text:
        raise InvalidNote("not base64 as it is written")
    return content


def encoded(content: bytes) -> str:
    """The bytes in base64."""
    return base64.b64encode(content).decode()


def signature_line(signature: Signature) -> str:
    """The signature in a line of its own, with its end."""
    return f"{_DASH}{signature.name} {encoded(signature.key_id + signature.signed)}\n"


def parse_line(line: str) -> Signature:
    """The signature in a line without its end, or raise `InvalidNote`."""
    if not line.startswith(_DASH):
        raise InvalidNote("a signature line begins with a dash and a space")
    name, space, written = line.removeprefix(_DASH).partition(" ")
    require_name(name)
    content = decoded(written)
    if not space or len(content) <= KEY_ID_LENGTH:
        raise InvalidNote("a signature is missing")
    return Signature(name, content[:KEY_ID_LENGTH], content[KEY_ID_LENGTH:])
