"""Reading crosswalk tables and what belongs to them; every fault names its file and line."""

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from contracts.code_systems import BrokenTable
from mappings.rules import PAIRED, TABLED, Rule

ROOT = Path(__file__).parent
MAPPINGS = ("admission_list", "national_template", "preschool", "student_status")


class Relation(StrEnum):
    """How a source code corresponds to a target code; unmapped: decided to have no counterpart."""

    EQUIVALENT = "equivalent"
    BROADER = "broader"
    NARROWER = "narrower"
    UNMAPPED = "unmapped"


class Obligation(StrEnum):
    """When a target must have a value."""

    YES = "yes"
    NO = "no"
    CHINESE = "chinese"  # unless the nationality is another one
    WITH_DOCUMENT = "with_document"  # unless the kind of document is 其他
    DISABLED = "disabled"  # unless the child is not disabled


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One row of a crosswalk: where a target field comes from and by which rule.

    `sources` holds one name, or two for rules that look at two fields.
    """

    target: str
    sources: tuple[str, ...]
    rule: Rule
    codes: str
    required: Obligation
    justification: str
    label: str
    confirm: bool


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One row of a code crosswalk."""

    source: str
    source_label: str
    relation: Relation
    target: str
    target_label: str
    justification: str


@dataclass(frozen=True, slots=True)
class Fields:
    """A crosswalk and the other names its sources go by."""

    rows: tuple[FieldRow, ...]
    aliases: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outline:
    """What `mapping.toml` says: who keeps the mapping, and which code systems it aims at."""

    title: str
    owner: str
    frame: frozenset[str]
    code_systems: Mapping[str, str]
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Names of fields that are dropped on sight."""

    words: tuple[str, ...]
    exact: frozenset[str]

    def __iter__(self) -> Iterator[str]:
        return iter((*self.words, *sorted(self.exact)))

    def __contains__(self, name: str) -> bool:
        plain = name.rpartition(".")[2].lower()
        return (
            plain in self.exact
            or name.partition(".")[0].lower() in self.exact
            or any(word in name for word in self.words)
        )


def load_fields(path: Path) -> Fields:
    """The crosswalk in a CSV file, or raise `BrokenTable`."""
    aliases: dict[str, str] = {}
    rows = tuple(
        _field_row(row, f"{_place(path)}:{line}", aliases)
        for line, row in enumerate(_read(path), start=2)
    )
    return Fields(rows, aliases)


def load_codes(path: Path) -> tuple[CodeRow, ...]:
    """The code crosswalk in a CSV file, every source code decided once."""
    rows = tuple(
        _code_row(row, f"{_place(path)}:{line}") for line, row in enumerate(_read(path), start=2)
    )
    if len({row.source for row in rows}) != len(rows):
        raise BrokenTable(f"{_place(path)}: a source code is decided twice")
    return rows


def load_outline(path: Path) -> Outline:
    """What a `mapping.toml` says."""
    try:
        text = tomllib.loads(path.read_text(encoding="utf-8"))
        return Outline(
            title=text["title"],
            owner=text["owner"],
            frame=frozenset(text["frame"]),
            code_systems=dict(text["codes"]),
            details={name: value for name, value in text.items() if isinstance(value, str)},
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise BrokenTable(f"{_place(path)}: title, owner, frame and codes are needed") from error


def load_forbidden(path: Path) -> Forbidden:
    """The names of fields that may not be carried."""
    rows = _read(path)
    return Forbidden(
        words=tuple(row["word"] for row in rows if row["match"] == "contains"),
        exact=frozenset(row["word"] for row in rows if row["match"] == "exact"),
    )


def load_canonical(path: Path) -> Mapping[str, str]:
    """The canonical field names, each with the code system of its values or a blank."""
    return {row["name"]: row["code_system"] for row in _read(path)}


def _read(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines, strict=True))
    except OSError as error:
        raise BrokenTable(f"{_place(path)}: cannot be read") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BrokenTable(f"{_place(path)}: not a UTF-8 CSV file") from error
    for line, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise BrokenTable(f"{_place(path)}:{line}: wrong number of columns")
    return rows


def _field_row(row: dict[str, str], place: str, aliases: dict[str, str]) -> FieldRow:
    try:
        sources = tuple(_primary(names, aliases) for names in row["source"].split("+"))
        parsed = FieldRow(
            target=row["target"],
            sources=sources,
            rule=Rule(row["rule"]),
            codes=row["codes"],
            required=Obligation(row["required"]),
            justification=row["justification"],
            label=row.get("label", ""),
            confirm=row.get("confirm", "") == "yes",
        )
    except (KeyError, ValueError) as error:
        raise BrokenTable(f"{place}: unknown rule, obligation or column") from error
    if len(sources) != (2 if parsed.rule in PAIRED else 1):
        raise BrokenTable(f"{place}: {parsed.rule} takes another number of sources")
    if parsed.rule in TABLED and not parsed.codes:
        raise BrokenTable(f"{place}: {parsed.rule} needs a code crosswalk")
    return parsed


def _primary(names: str, aliases: dict[str, str]) -> str:
    primary, *others = names.split("|")
    aliases.update(dict.fromkeys(others, primary))
    return primary


def _code_row(row: dict[str, str], place: str) -> CodeRow:
    try:
        relation = Relation(row["relation"])
        parsed = CodeRow(
            row["source_code"],
            row["source_label"],
            relation,
            row["target_code"],
            row["target_label"],
            row["justification"],
        )
    except (KeyError, ValueError) as error:
        raise BrokenTable(f"{place}: unknown relation or column") from error
    if (relation is Relation.UNMAPPED) != (not parsed.target):
        raise BrokenTable(f"{place}: unmapped means no target code, anything else needs one")
    if relation is not Relation.EQUIVALENT and not parsed.justification:
        raise BrokenTable(f"{place}: {relation} must be justified")
    return parsed


def _place(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
