"""A crosswalk ready to run: each row is a source, a target and a conversion."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import call
from typing import NamedTuple

from contracts.records import UnmappedValue
from mappings.rules import Convert, ConvertPair

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
