"""How a log tells its witness that it grew: from which size, by which leaves, to which checkpoint.

As in C2SP's witness protocol the first line names the size the witness signed last, and after an
empty line follows the checkpoint. Between them stand the hashes of the new leaves instead of a
proof: who keeps them all can tell exactly what was changed afterwards.
"""

import re
from dataclasses import dataclass

from gateway.evidence.hashing import HASH_LENGTH
from gateway.evidence.notes import InvalidNote, Note, decoded, encoded, note_bytes, parse_note

PATH = "/add-leaves"
MOST_LEAVES = 8192  # in one telling
MOST_BYTES = 512 * 1024
_OLD = re.compile(rb"old (0|[1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class Growth:
    """The size before, the leaves since, and the checkpoint over all of them."""

    old: int
    leaves: tuple[bytes, ...]
    note: Note


def growth_bytes(growth: Growth) -> bytes:
    """The growth as it is sent."""
    lines = [f"old {growth.old}", *map(encoded, growth.leaves), ""]
    return "".join(f"{line}\n" for line in lines).encode() + note_bytes(growth.note)


def parse_growth(body: bytes) -> Growth:
    """The growth in these bytes, or raise `InvalidNote`."""
    head, blank, note = body.partition(b"\n\n")
    first, *lines = head.split(b"\n")
    old = _OLD.fullmatch(first)
    if not blank or old is None or len(lines) > MOST_LEAVES:
        raise InvalidNote("not a growth")
    try:
        leaves = tuple(decoded(line.decode("ascii")) for line in lines)
    except UnicodeDecodeError:
        raise InvalidNote("not base64") from None
    if any(len(leaf) != HASH_LENGTH for leaf in leaves):
        raise InvalidNote("not a leaf's hash")
    return Growth(int(old[1]), leaves, parse_note(note))
