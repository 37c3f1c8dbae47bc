"""A crosswalk made ready to run: each row becomes a source, a target and a conversion."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from contracts import code_systems
from contracts.code_systems import BrokenTable, CodeSystem
from contracts.records import UnmappedValue
from mappings import rules
from mappings.rules import LISTING, PAIRED, PLACED, TABLED, Convert, ConvertPair, Rule
from mappings.tables import FieldRow, Fields, Outline, load_codes

Systems = Callable[[str], CodeSystem]


class Step(NamedTuple):
    """One field to convert; a tuple, because millions of them run in a summer."""

    source: str
    target: str
    convert: Convert
    field: str  # its canonical name, for reports


class PairStep(NamedTuple):
    """One field made from two."""

    first: str
    second: str
    target: str
    convert: ConvertPair


@dataclass(frozen=True, slots=True)
class Converted:
    """What a crosswalk made of one record."""

    values: dict[str, str]
    unmapped: tuple[UnmappedValue, ...]


@dataclass(frozen=True)
class Compiled:
    """A crosswalk ready to run; `known` are all names it decides about."""

    steps: tuple[Step, ...]
    pairs: tuple[PairStep, ...]
    evident: tuple[tuple[str, str], ...]
    extended: tuple[str, ...]
    aliases: Mapping[str, str]
    known: frozenset[str]
    code_systems: Mapping[str, str]
    owner: str

    def apply(self, cells: Mapping[str, str]) -> Converted:
        """The targets that have a value, and the values that no table lists."""
        values: dict[str, str] = {}
        missing: list[UnmappedValue] = []
        find = cells.get
        for source, target, convert, field in self.steps:
            text = find(source)
            if text:
                value = convert(text)
                if value:
                    values[target] = value
                elif value is None:
                    missing.append(self._unmapped(field, text))
        for first, second, target, combine in self.pairs:
            one, other = find(first) or "", find(second) or ""
            value = combine(one, other)
            if value:
                values[target] = value
            elif value is None:
                missing.append(self._unmapped(target, one or other))
        for source, target in self.evident:
            if not source or source in cells:
                values[target] = "1"
        return Converted(values, tuple(missing))

    def renamed(self, cells: Mapping[str, str]) -> Mapping[str, str]:
        """The cells under the names this crosswalk uses; a filled cell wins over its alias."""
        if self.aliases.keys().isdisjoint(cells):
            return cells
        aliases = self.aliases
        named = {aliases[name]: text for name, text in cells.items() if name in aliases}
        own = {
            name: text
            for name, text in cells.items()
            if name not in aliases and (text or name not in named)
        }
        return named | own

    def _unmapped(self, field: str, text: str) -> UnmappedValue:
        return UnmappedValue(field, self.code_systems.get(field, ""), text.strip(), self.owner)


def compile_fields(
    fields: Fields,
    folder: Path,
    outline: Outline,
    systems: Systems,
    canonical: Collection[str],
) -> Compiled:
    """The crosswalk of `folder` ready to run, or raise `BrokenTable`."""
    rows = fields.rows
    named = {name for row in rows for name in row.sources if name}
    return Compiled(
        steps=tuple(
            Step(row.sources[0], row.target, _single(row, folder, systems), _field(row, canonical))
            for row in rows
            if row.rule not in PAIRED and row.rule not in PLACED
        ),
        pairs=tuple(
            PairStep(row.sources[0], row.sources[1], row.target, _pair(row, folder))
            for row in rows
            if row.rule in PAIRED
        ),
        evident=tuple((row.sources[0], row.target) for row in rows if row.rule is Rule.EVIDENT),
        extended=tuple(row.sources[0] for row in rows if row.rule is Rule.EXTEND),
        aliases=fields.aliases,
        known=frozenset(named | fields.aliases.keys() | outline.frame),
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


def _single(row: FieldRow, folder: Path, systems: Systems) -> Convert:
    if row.rule is Rule.CODE:
        return rules.lookup(known_codes(folder, row.codes))
    if row.rule is Rule.LISTED:
        return rules.lookup(systems(row.codes).by_notation())
    if row.rule is Rule.REGION:
        return rules.region(frozenset(systems(row.codes).spans))
    return _PLAIN[row.rule]


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
