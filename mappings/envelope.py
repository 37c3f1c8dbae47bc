"""What a source says beyond our fields: kept in the extension, or dropped with its name noted."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mappings.tables import Forbidden


class Apart(NamedTuple):
    """What travels beside the canonical fields, and the names of what does not travel."""

    extension: dict[str, str]
    dropped: tuple[str, ...]


def set_apart(
    cells: Mapping[str, str],
    extended: Sequence[str],
    unknown: Sequence[str],
    forbidden: Forbidden,
) -> Apart:
    """The filled cells without a canonical field; position, income and workplace only by name."""
    dropped = tuple([name for name in unknown if name in forbidden]) if unknown else ()
    extension = {}
    for name in (*extended, *unknown):
        text = cells.get(name, "").strip()
        if text and name not in dropped:
            extension[name] = text
    return Apart(extension, dropped)
