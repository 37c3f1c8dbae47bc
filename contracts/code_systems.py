"""Code systems: published tables of codes, each code with its label and the time it is valid."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent / "codes"

_COLUMNS = (
    "code",
    "label",
    "label_en",
    "standard",
    "edition",
    "source",
    "confidence",
    "valid_from",
    "valid_to",
)
CONFIDENCES = frozenset({"solid", "likely", "doubtful", "invented"})


class BrokenTable(ValueError):
    """A table that cannot be used; the message names file, line and reason, never a value."""


@dataclass(frozen=True, slots=True)
class Code:
    """One code during one span of time; `valid_to` is the first day it no longer holds."""

    code: str
    label: str
    label_en: str
    standard: str
    edition: str
    source: str
    confidence: str
    valid_from: date | None
    valid_to: date | None
    replaced_by: str = ""
    notations: tuple[str, ...] = ()

    def valid(self, on: date) -> bool:
        """Whether the code holds on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on < self.valid_to
        )


@dataclass(frozen=True)
class CodeSystem:
    """A published table; each code maps to its spans, oldest first."""

    name: str
    spans: Mapping[str, tuple[Code, ...]] = field(repr=False)

    def __contains__(self, code: str) -> bool:
        return code in self.spans

    def find(self, code: str, on: date | None = None) -> Code | None:
        """The code as it stood on that day, or as last known; None where it did not hold."""
        spans = self.spans.get(code, ())
        if on is None:
            return spans[-1] if spans else None
        return next((span for span in spans if span.valid(on)), None)

    def label(self, code: str, on: date | None = None) -> str | None:
        """What the code meant on that day, or means as last known."""
        found = self.find(code, on)
        return found.label if found else None

    def successor(self, code: str, on: date) -> str | None:
        """The code that stands for this one on that day: itself while valid, else who took over.

        A code abolished since is followed from successor to successor; None where the trail ends,
        or where the day lies before the code came into being.
        """
        seen: set[str] = set()
        while code not in seen:
            seen.add(code)
            spans = self.spans.get(code, ())
            if any(span.valid(on) for span in spans):
                return code
            last = spans[-1] if spans else None
            if last is None or not last.replaced_by or not _ended(last, on):
                return None
            code = last.replaced_by
        return None

    def by_notation(self) -> dict[str, str]:
        """Every way the standard writes a code (code, label, other notations) → the code."""
        return {
            text: span.code
            for spans in self.spans.values()
            for span in spans
            for text in (*span.notations, span.label, span.code)
        }


def names(folder: Path = FOLDER) -> tuple[str, ...]:
    """The code systems in a folder, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.csv")))


def load(name: str, folder: Path = FOLDER) -> CodeSystem:
    """The code system in `<name>.csv`, or raise `BrokenTable`; the caller keeps it."""
    path = folder / f"{name}.csv"
    spans: dict[str, tuple[Code, ...]] = {}
    for line, row in enumerate(_rows(path), start=2):
        code = _code(row, f"{path.name}:{line}")
        spans[code.code] = (*spans.get(code.code, ()), code)
    ordered = {code: _ordered(found, f"{path.name}: {code}") for code, found in spans.items()}
    return CodeSystem(name, MappingProxyType(ordered))


def check(system: CodeSystem) -> list[str]:
    """What is wrong with a code system beyond what `load` refuses: successors leading nowhere."""
    return [
        f"{system.name}: {code} is replaced by {spans[-1].replaced_by}, which is not listed"
        for code, spans in system.spans.items()
        if spans[-1].replaced_by and spans[-1].replaced_by not in system
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            if tuple(reader.fieldnames or ())[: len(_COLUMNS)] != _COLUMNS:
                raise BrokenTable(f"{path.name}: columns must begin with {','.join(_COLUMNS)}")
            return list(reader)
    except FileNotFoundError as error:
        raise BrokenTable(f"{path.name}: no such code system") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BrokenTable(f"{path.name}: not a UTF-8 CSV file") from error


def _code(row: dict[str, str], place: str) -> Code:
    if None in row or None in row.values():
        raise BrokenTable(f"{place}: wrong number of columns")
    if not row["code"] or not row["label"] or row["confidence"] not in CONFIDENCES:
        raise BrokenTable(f"{place}: code, label and a known confidence are needed")
    return Code(
        **{name: row[name] for name in _COLUMNS[:7]},
        valid_from=_day(row["valid_from"], place),
        valid_to=_day(row["valid_to"], place),
        replaced_by=row.get("replaced_by", ""),
        notations=_notations(row),
    )


def _notations(row: dict[str, str]) -> tuple[str, ...]:
    listed = (row.get("alpha2", ""), row.get("numeric", ""), *row.get("also", "").split())
    return tuple(text for text in listed if text)


def _day(text: str, place: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BrokenTable(f"{place}: a date must be YYYY-MM-DD") from error


def _ordered(spans: tuple[Code, ...], place: str) -> tuple[Code, ...]:
    """The spans oldest first; raise `BrokenTable` where two of them share a day."""
    ordered = tuple(sorted(spans, key=lambda span: span.valid_from or date.min))
    for earlier, later in pairwise(ordered):
        if earlier.valid_to is None or (later.valid_from or date.min) < earlier.valid_to:
            raise BrokenTable(f"{place}: listed twice for one day")
    return ordered


def _ended(span: Code, on: date) -> bool:
    return span.valid_to is not None and span.valid_to <= on
