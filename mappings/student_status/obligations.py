"""What the register's form demands: what a school has to add, and what it has to look at again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from contracts.code_systems import CodeSystem
from contracts.records import UnmappedValue
from mappings.rules import Rule
from mappings.tables import FieldRow, Obligation

Applies = Callable[[Mapping[str, str]], bool]

_APPLIES: Mapping[Obligation, Applies | None] = {
    Obligation.YES: None,
    Obligation.CHINESE: lambda values: values.get("nationality", "CHN") == "CHN",
    Obligation.WITH_DOCUMENT: lambda values: values.get("document_kind") not in ("Z", "B"),
    Obligation.DISABLED: lambda values: values.get("disabled") != "0",
}


@dataclass(frozen=True)
class Obligations:
    """The demanding rows of a crosswalk, ready to be held against a record."""

    wanted: tuple[tuple[str, str, str, Applies | None], ...]
    volatile: tuple[tuple[str, str], ...]
    placed: tuple[tuple[str, str], ...]
    regions: CodeSystem = field(repr=False)
    changed: frozenset[str] = field(repr=False)

    @classmethod
    def of(cls, rows: Sequence[FieldRow], regions: CodeSystem) -> "Obligations":
        """The obligations that a crosswalk's rows state."""
        return cls(
            wanted=tuple(
                (row.target, row.sources[0], row.label, _APPLIES[row.required])
                for row in rows
                if row.required is not Obligation.NO
            ),
            volatile=tuple((row.sources[0], row.label) for row in rows if row.confirm),
            placed=tuple((row.sources[0], row.label) for row in rows if row.rule is Rule.REGION12),
            regions=regions,
            changed=frozenset(c for c, spans in regions.spans.items() if spans[-1].valid_to),
        )

    def missing(
        self,
        values: Mapping[str, str],
        written: Mapping[str, str],
        unmapped: Sequence[UnmappedValue],
    ) -> tuple[str, ...]:
        """The labels of what is demanded and absent; what waits for a crosswalk row is not."""
        waiting = {value.field for value in unmapped} if unmapped else ()
        labels = [
            label
            for target, source, label, applies in self.wanted
            if target not in written
            and (applies is None or applies(values))
            and source not in waiting
        ]
        return tuple(labels)

    def doubtful(self, values: Mapping[str, str], on: date) -> tuple[str, ...]:
        """The labels of what is stale quickly, and of regions no longer valid on that day."""
        labels = [label for source, label in self.volatile if source in values]
        for source, label in self.placed:
            code = values.get(source, "")[:6]
            if code in self.changed and self.regions.find(code, on) is None:
                labels.append(label)
        return tuple(labels)
