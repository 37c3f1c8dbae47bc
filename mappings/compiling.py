"""Making crosswalk tables ready to run."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from contracts import code_systems
from contracts.code_systems import BrokenTable, CodeSystem
from mappings import rules
from mappings.compiled import Compiled, PairStep, Quick, Step
from mappings.rules import LISTING, PAIRED, PLACED, TABLED, Convert, ConvertPair, Rule
from mappings.tables import FieldRow, Fields, Outline, load_codes

DATES_KEPT = 4096  # a season's entrants share a few hundred birth dates

Systems = Callable[[str], CodeSystem]


def compile_fields(
    fields: Fields,
    folder: Path,
    outline: Outline,
    systems: Systems,
    canonical: Collection[str],
) -> Compiled:
    """The crosswalk of `folder` ready to run, or raise `BrokenTable`."""
    rows = fields.rows
    own = {name for row in rows for name in row.sources if name}
    steps, again = _steps(rows, folder, systems, canonical)
    return Compiled(
        steps=steps,
        quick={source: step.quick for source, step in steps.items()},
        targets={source: step.target for source, step in steps.items()},
        again=again,
        pairs=tuple(
            PairStep(row.sources[0], row.sources[1], row.target, _pair(row, folder))
            for row in rows
            if row.rule in PAIRED
        ),
        evident=tuple((row.sources[0], row.target) for row in rows if row.rule is Rule.EVIDENT),
        extended=tuple(row.sources[0] for row in rows if row.rule is Rule.EXTEND),
        aliases=fields.aliases,
        own=frozenset(own),
        known=frozenset(own | fields.aliases.keys() | outline.frame),
        code_systems=_targets(rows, outline, canonical),
        owner=outline.owner,
    )


def known_codes(folder: Path, name: str) -> dict[str, str]:
    """The decided source codes of a code crosswalk that have a target."""
    return {row.source: row.target for row in load_codes(folder / f"{name}.csv") if row.target}


def loader(folder: Path = code_systems.FOLDER) -> Systems:
    """A function that loads each code system once."""
    kept: dict[str, CodeSystem] = {}

    def load(name: str) -> CodeSystem:
        if name not in kept:
            kept[name] = code_systems.load(name, folder)
        return kept[name]

    return load


_PLAIN: Mapping[Rule, Convert] = {
    Rule.COPY: rules.copy,
    Rule.IDENTIFIER: rules.identifier,
    Rule.NUMBER: rules.number,
    Rule.DATE: rules.date,
    Rule.COMPACT_DATE: rules.compact_date,
    Rule.REGION12: rules.region12,
}


def _steps(
    rows: Sequence[FieldRow], folder: Path, systems: Systems, canonical: Collection[str]
) -> tuple[dict[str, Step], tuple[tuple[str, Step], ...]]:
    """The single conversions by source, and those that use a source once more."""
    first: dict[str, Step] = {}
    again: list[tuple[str, Step]] = []
    for row in rows:
        if row.rule in PAIRED or row.rule in PLACED:
            continue
        step = Step(row.target, *_conversion(row, folder, systems), _field(row, canonical))
        if first.setdefault(row.sources[0], step) is not step:
            again.append((row.sources[0], step))
    return first, tuple(again)


def _table(row: FieldRow, folder: Path, systems: Systems) -> Mapping[str, str]:
    """What a row's listed values become; empty for rules that need no table."""
    if row.rule is Rule.CODE:
        return known_codes(folder, row.codes)
    if row.rule is Rule.LISTED:
        return systems(row.codes).by_notation()
    if row.rule is Rule.REGION:
        return {text: code for code in systems(row.codes).spans for text in (code, f"'{code}")}
    return {}


def _conversion(row: FieldRow, folder: Path, systems: Systems) -> tuple[Quick, Convert]:
    """The quick and the careful conversion of a row."""
    plain = _PLAIN.get(row.rule)
    if plain and row.rule in (Rule.DATE, Rule.COMPACT_DATE):
        plain = lru_cache(maxsize=DATES_KEPT)(plain)
    if plain:
        return (str.strip if row.rule is Rule.COPY else plain), plain
    table = _table(row, folder, systems)
    return table.get, (rules.region if row.rule is Rule.REGION else rules.lookup)(table)


def _pair(row: FieldRow, folder: Path) -> ConvertPair:
    known = known_codes(folder, row.codes)
    if row.rule is Rule.DISABILITY:
        return rules.disability(known)
    return rules.document_kind(known)


def _field(row: FieldRow, canonical: Collection[str]) -> str:
    """The canonical name of what a row carries, whichever side it stands on."""
    return row.target if row.target in canonical else row.sources[0]


def _targets(
    rows: Sequence[FieldRow], outline: Outline, canonical: Collection[str]
) -> dict[str, str]:
    """For each field whose values are codes, the code system they are to belong to."""
    systems = {_field(row, canonical): row.codes for row in rows if row.rule in LISTING}
    for row in rows:
        if row.rule in TABLED:
            if row.codes not in outline.code_systems:
                raise BrokenTable(f"{outline.title}: no code system for {row.codes}")
            systems[_field(row, canonical)] = outline.code_systems[row.codes]
    return systems
