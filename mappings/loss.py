"""What every mapping keeps, narrows, makes up, sets apart or drops, as a list made from its tables.

`LOSS.csv` is the list as last agreed. `python -m mappings.loss` prints the list as it is now.
"""

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from mappings.rules import TABLED, Rule
from mappings.tables import (
    ROOT,
    FieldRow,
    Relation,
    load_canonical,
    load_codes,
    load_fields,
    load_forbidden,
)

AGREED = Path(__file__).parent / "LOSS.csv"

CROSSWALKS = (
    ("admission_list", "read"),
    ("national_template", "columns"),
    ("preschool", "read"),
    ("student_status", "read"),
    ("student_status", "write"),
)


class Fate(StrEnum):
    """What becomes of a value on its way."""

    KEPT = "kept"
    NARROWED = "narrowed"  # a code loses meaning, or has no counterpart
    DEFAULTED = "defaulted"  # the target has a value that no source field holds
    APART = "apart"  # travels in the extension
    DROPPED = "dropped"  # does not travel, or has no target
    BLANK = "blank"  # a target nothing is written to


class Loss(NamedTuple):
    """One line of the list; `code` is filled where the fate is that of a single code."""

    mapping: str
    fate: str
    source: str
    code: str
    target: str


LOSSES = frozenset({Fate.NARROWED, Fate.DEFAULTED, Fate.DROPPED})


def losses(root: Path = ROOT) -> list[Loss]:
    """The list as the tables are now, sorted."""
    canonical = load_canonical(root / "canonical.csv")
    lines: list[Loss] = []
    for folder, name in CROSSWALKS:
        rows = load_fields(root / folder / f"{name}.csv").rows
        mapping = f"{folder}/{name}"
        lines += [line for row in rows for line in _of_row(mapping, row, root / folder)]
        lines += _of_unread(mapping, rows, canonical) if name == "write" else []
    forbidden = load_forbidden(root / "forbidden.csv")
    lines += [Loss("*", Fate.DROPPED, word, "", "") for word in forbidden]
    return sorted(set(lines))


def grown(agreed: Sequence[Loss], found: Sequence[Loss]) -> list[str]:
    """What is wrong when the list found is held against the one agreed."""
    known = set(agreed)
    new = [line for line in found if line not in known]
    loss = [f"LOSS.csv: loss has grown: {' '.join(filter(None, n))}" for n in new if _lossy(n)]
    stale = set(agreed) != set(found)
    renew = "LOSS.csv: is not the list of today; renew it by `python -m mappings.loss`"
    return loss + ([renew] if stale else [])


def load_agreed(root: Path = ROOT) -> list[Loss]:
    """The list as last agreed: the one beside the tables, else the one shipped."""
    beside = root / "LOSS.csv"
    path = beside if beside.is_file() else AGREED
    with path.open(encoding="utf-8", newline="") as lines:
        return [Loss(**row) for row in csv.DictReader(lines)]


def as_csv(lines: Sequence[Loss]) -> str:
    """The list as `LOSS.csv` holds it."""
    written = StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(Loss._fields)
    writer.writerows(lines)
    return written.getvalue()


def _of_row(mapping: str, row: FieldRow, folder: Path) -> Iterator[Loss]:
    source = "+".join(row.sources)
    yield Loss(mapping, _fate(row), source, "", row.target)
    if row.rule in TABLED:
        for code in load_codes(folder / f"{row.codes}.csv"):
            if code.relation is not Relation.EQUIVALENT:
                yield Loss(mapping, Fate.NARROWED, source, code.source, row.target)


def _fate(row: FieldRow) -> str:
    if row.rule is Rule.EVIDENT:
        return Fate.DEFAULTED
    if row.rule is Rule.EXTEND:
        return Fate.APART
    if row.rule is Rule.OMIT:
        return Fate.DROPPED if row.sources[0] else Fate.BLANK
    return Fate.KEPT


def _of_unread(
    mapping: str, rows: Sequence[FieldRow], canonical: Mapping[str, str]
) -> Iterator[Loss]:
    """Canonical fields that no row of a writing crosswalk takes up."""
    read = {name for row in rows for name in row.sources}
    return (Loss(mapping, Fate.DROPPED, name, "", "") for name in canonical if name not in read)


def _lossy(line: Loss) -> bool:
    return line.fate in LOSSES


if __name__ == "__main__":
    sys.stdout.write(as_csv(losses()))
