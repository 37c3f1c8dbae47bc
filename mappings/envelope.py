"""What a source says beyond our fields: kept in the extension, or dropped with its name noted."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mappings.compiled import Compiled
from mappings.tables import Forbidden


@dataclass(frozen=True, slots=True)
class Apart:
    """What travels beside the canonical fields, and the names of what does not travel."""

    extension: dict[str, str] = field(repr=False)
    dropped: tuple[str, ...]


def set_apart(cells: Mapping[str, str], crosswalk: Compiled, forbidden: Forbidden) -> Apart:
    """The filled cells without a canonical field; position, income and workplace only by name."""
    names = crosswalk.extended
    dropped: tuple[str, ...] = ()
    if not cells.keys() <= crosswalk.known:
        unknown = [name for name in cells if name not in crosswalk.known and cells[name].strip()]
        dropped = tuple(name for name in unknown if name in forbidden)
        names = (*names, *(name for name in unknown if name not in forbidden))
    extension = {name: text for name in names if (text := cells.get(name, "").strip())}
    return Apart(extension, dropped)
