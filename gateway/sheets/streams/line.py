"""One line of a sheet on its way, as every format gives it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.sheets.cells import Cell


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of one line; `titles` where each line names its own, as in JSON."""

    number: int
    cells: Sequence[Cell] = field(repr=False)
    titles: tuple[str, ...] | None = None


class Source(Protocol):
    """A sheet's bytes in one format, turned into lines as far as they have come."""

    def feed(self, piece: bytes) -> Iterator[Line]:
        """The lines this piece completes; raise `ListRefused`."""

    def end(self) -> Iterator[Line]:
        """What is left once all bytes are there; raise `ListRefused` where they break off."""
