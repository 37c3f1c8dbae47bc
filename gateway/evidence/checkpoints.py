"""Checkpoints as C2SP writes them: a log's name, its size and its root, signed and cosigned."""

import re
from dataclasses import dataclass

from gateway.evidence.hashing import HASH_LENGTH, SHA256, SM3, Algorithm, TreeHash
from gateway.evidence.notes import InvalidNote, decoded, encoded

# On a checkpoint of a log that no witness follows; those who read it see what it is worth.
UNWITNESSED = "unwitnessed"
# On every checkpoint of a log that is hashed with SM3, which tools elsewhere do not expect.
_HASHED_WITH_SM3 = "hash sm3"
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_FEWEST_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log at one size; `extensions` are lines of its own, which no witness vouches for."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """The text that is signed, or raise `InvalidNote` where it would not read back."""
    lines = (
        checkpoint.origin,
        str(checkpoint.size),
        encoded(checkpoint.root),
        *checkpoint.extensions,
    )
    text = "".join(f"{line}\n" for line in lines)
    if parse_checkpoint(text) != checkpoint:
        raise InvalidNote("a line of the checkpoint holds an end of line")
    return text


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text, or raise `InvalidNote`; the caller verifies who signed."""
    if not text.endswith("\n"):
        raise InvalidNote("the last line has no end")
    lines = text[:-1].split("\n")
    if len(lines) < _FEWEST_LINES or not all(lines):
        raise InvalidNote("an empty line, or one too few")
    origin, size, root, *extensions = lines
    if _SIZE.fullmatch(size) is None:
        raise InvalidNote("not a size")
    if len(decoded(root)) != HASH_LENGTH:
        raise InvalidNote("not a root")
    return Checkpoint(origin, int(size), decoded(root), tuple(extensions))


def hash_line(algorithm: Algorithm) -> tuple[str, ...]:
    """What a checkpoint says of its hash; nothing for the one that everybody expects."""
    return (_HASHED_WITH_SM3,) if algorithm is Algorithm.SM3 else ()


def hashing_of(checkpoint: Checkpoint) -> TreeHash:
    """The hash of the log this checkpoint is about."""
    return SM3 if _HASHED_WITH_SM3 in checkpoint.extensions else SHA256
