"""What reading a list gives: its rows under canonical headings, and what was left aside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.sheets.faults import CellFault


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a list may be; anything above refuses the whole file."""

    body_bytes: int = 32 * 1024 * 1024
    rows: int = 20_000
    cell_bytes: int = 4 * 1024


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row: its 序号 (its line where that is blank) and a text for every known column.

    A blank, absent or refused cell is an empty text; a refused one is named in `faults`.
    """

    row: str
    line: int
    cells: Mapping[str, str] = field(repr=False)
    faults: tuple[CellFault, ...] = ()


@dataclass(frozen=True, slots=True)
class SchoolList:
    """A list that was accepted: its rows, to be read once, and the titles not taken over.

    `ignored` are unknown columns, `dropped` those that may not be collected (职务, 收入, 工作单位).
    """

    rows: Iterator[ListRow] = field(repr=False)
    ignored: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
