"""How many distinct children one person may be shown in one window, by purpose and signal."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from contracts.errors import JisuiError
from gateway.access.vocabulary import Purpose


class Signal(StrEnum):
    """What looked like pulling records in bulk."""

    HONEY = "honey"  # a record that nobody has a reason to open
    CHILDREN = "children"  # too many distinct children
    CASE = "case"  # too many of them under one case
    NEIGHBOURS = "neighbours"  # numbers that lie side by side
    OFF_HOURS = "off_hours"  # too many outside office hours


class InvalidThresholds(JisuiError):
    """The table leaves a purpose out, or a number that is none."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """So many distinct children may be shown for a purpose; one more is too many."""

    children: int
    case: int
    neighbours: int
    off_hours: int

    def exceeded(self, counted: "Thresholds") -> Signal | None:
        """The first signal that is over its threshold."""
        over = (f.name for f in fields(self) if getattr(counted, f.name) > getattr(self, f.name))
        name = next(over, None)
        return Signal(name) if name is not None else None


def load_thresholds(file: Path | None = None) -> Mapping[Purpose, Thresholds]:
    """The thresholds in this file, else those shipped with the gateway."""
    shipped = files("gateway.access.looks").joinpath("thresholds.csv")
    text = file.read_text("utf-8") if file is not None else shipped.read_text("utf-8")
    return compile_thresholds(text.splitlines())


def compile_thresholds(lines: Iterable[str]) -> Mapping[Purpose, Thresholds]:
    """The thresholds by purpose; raise `InvalidThresholds` where a purpose would go unwatched."""
    try:
        found = {Purpose(row.pop("purpose")): _row(row) for row in csv.DictReader(lines)}
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidThresholds(str(error)) from error
    if missing := sorted(set(Purpose) - set(found)):
        raise InvalidThresholds(f"without a row: {', '.join(missing)}")
    return found


def _row(row: Mapping[str, str]) -> Thresholds:
    counts = {name: int(value) for name, value in row.items()}
    if negative := [name for name, count in counts.items() if count < 0]:
        raise ValueError(f"negative: {', '.join(negative)}")
    return Thresholds(**counts)
