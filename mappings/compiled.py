"""A crosswalk made ready to run: each row becomes a source, a target and a conversion."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import call
from pathlib import Path
from typing import NamedTuple

from contracts import code_systems
from contracts.code_systems import BrokenTable, CodeSystem
from contracts.records import UnmappedValue
from mappings import rules
from mappings.rules import LISTING, PAIRED, PLACED, TABLED, Convert, ConvertPair, Rule
from mappings.tables import FieldRow, Fields, Outline, load_codes

DATES_KEPT = 4096  # a season's entrants share a few hundred birth dates

Systems = Callable[[str], CodeSystem]
Quick = Callable[[str], str | None]


class Step(NamedTuple):
    """One field to convert.

    `quick` knows the texts as they are usually written and has None for any other; `careful`
    cleans the text first, and its None means that no table lists the value.
    """

    target: str
    quick: Quick
    careful: Convert
    field: str  # its canonical name, for reports


class PairStep(NamedTuple):
    """One field made from two."""

    first: str
    second: str
    target: str
    convert: ConvertPair


class Converted(NamedTuple):
    """What a crosswalk made of one record."""

    values: dict[str, str]
    unmapped: tuple[UnmappedValue, ...]


@dataclass(frozen=True)
class Compiled:
    """A crosswalk ready to run.

    `steps` are found by their source; `quick` and `targets` are the same by column, so that the
    usual record is converted at once. `again` are further uses of a source, `own`
    the names this crosswalk uses, `known` all it decides about (other names, the frame).
    """

    steps: Mapping[str, Step]
    quick: Mapping[str, Quick]
    targets: Mapping[str, str]
    again: tuple[tuple[str, Step], ...]
    pairs: tuple[PairStep, ...]
    evident: tuple[tuple[str, str], ...]
    extended: tuple[str, ...]
    aliases: Mapping[str, str]
    own: frozenset[str]
    known: frozenset[str]
    code_systems: Mapping[str, str]
    owner: str

    def apply(self, cells: Mapping[str, str]) -> Converted:
        """The targets that have a value, and the values that no table lists."""
        tried = self._quickly(cells)
        missing: list[UnmappedValue] = []
        if not all(tried.values()):
            tried = self._carefully(cells, tried, missing)
        values: dict[str, str] = tried  # type: ignore[assignment]  # no None is left in it
        self._apply_rest(cells, values, missing)
        return Converted(values, tuple(missing))

    def _quickly(self, cells: Mapping[str, str]) -> dict[str, str | None]:
        """Every text converted as it stands; a full row without a step of the interpreter."""
        quick, targets = self.quick, self.targets
        if len(cells) >= len(quick):
            try:
                texts = map(cells.__getitem__, quick)
                return dict(zip(targets.values(), map(call, quick.values(), texts), strict=True))
            except KeyError:
                pass  # the row lacks a column
        return {
            targets[name]: quick[name](text)
            for name, text in cells.items()
            if text and name in quick
        }

    def _carefully(
        self,
        cells: Mapping[str, str],
        tried: Mapping[str, str | None],
        missing: list[UnmappedValue],
    ) -> dict[str, str | None]:
        """The values again, with the texts cleaned that were not known as they stood."""
        values: dict[str, str | None] = {}
        for name, text in cells.items():
            step = self.steps.get(name) if text else None
            if step:
                value = tried[step.target]
                value = step.careful(text) if value is None else value
                if value:
                    values[step.target] = value
                elif value is None:
                    missing.append(self._unmapped(step.field, text))
        return values

    def _apply_rest(
        self, cells: Mapping[str, str], values: dict[str, str], missing: list[UnmappedValue]
    ) -> None:
        """The rows that look at a second field, at a field again, or only that it is there."""
        find = cells.get
        for source, step in self.again:
            value = step.careful(find(source) or "")
            if value:
                values[step.target] = value
            elif value is None:
                missing.append(self._unmapped(step.field, cells[source]))
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

    def sort_out(self, cells: Mapping[str, str]) -> tuple[Mapping[str, str], tuple[str, ...]]:
        """The cells under the names this crosswalk uses, and the filled ones it does not know.

        Where a field stands under two names, a filled cell wins over a blank one.
        """
        if self.own.issuperset(cells):
            return cells, ()
        named: dict[str, str] = {}
        for name, text in cells.items():
            primary = self.aliases.get(name, name)
            if text or primary not in named:
                named[primary] = text
        unknown = tuple(name for name in named if name not in self.known and named[name].strip())
        return named, unknown

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
