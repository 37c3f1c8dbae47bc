"""The 28 columns of the preschool form as canonical records, and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.code_systems import BrokenTable
from contracts.records import CanonicalRecord, PreschoolStatus, Provenance
from mappings.canonical import flatten, identity_of
from mappings.compiled import Compiled
from mappings.compiling import Systems, compile_fields, known_codes
from mappings.envelope import set_apart
from mappings.rules import Rule
from mappings.tables import FieldRow, Forbidden, load_codes, load_fields, load_outline

Back = tuple[str, str, Callable[[str], str]]


@dataclass(frozen=True)
class PreschoolMapping:
    """The preschool crosswalk, compiled."""

    reading: Compiled
    backward: tuple[Back, ...]
    columns: tuple[str, ...]
    statuses: Mapping[str, PreschoolStatus]
    forbidden: Forbidden

    def read(
        self, cells: Mapping[str, str], *, number: str | None, provenance: Provenance
    ) -> CanonicalRecord:
        """The canonical record of one row; blanks are absent, unlisted values are reported."""
        named, unknown = self.reading.sort_out(cells)
        converted = self.reading.apply(named)
        values = converted.values
        if number and number.strip():
            values["number"] = number
        guardian = values.get("guardian_document_number")
        apart = set_apart(named, self.reading.extended, unknown, self.forbidden)
        return CanonicalRecord(
            identity=identity_of(values, (guardian,) if guardian else ()),
            fields=values,
            extension=apart.extension,
            provenance=provenance,
            unmapped=converted.unmapped,
            dropped=apart.dropped,
        )

    def write(self, record: CanonicalRecord) -> dict[str, str]:
        """The 28 columns of a record, in the form's order and labels; blanks are empty."""
        cells = dict.fromkeys(self.columns, "")
        cells.update((name, text) for name, text in record.extension.items() if name in cells)
        values = flatten(record)
        for column, name, label in self.backward:
            text = values.get(name)
            if text:
                cells[column] = label(text)
        return cells

    def status(self, label: str) -> PreschoolStatus | None:
        """The status a label stands for; None for one that is not listed."""
        return self.statuses.get(label.strip())


def load(
    folder: Path, systems: Systems, canonical: Mapping[str, str], forbidden: Forbidden
) -> PreschoolMapping:
    """The preschool mapping in a folder of tables, or raise `BrokenTable`."""
    fields = load_fields(folder / "read.csv")
    outline = load_outline(folder / "mapping.toml")
    return PreschoolMapping(
        reading=compile_fields(fields, folder, outline, systems, canonical),
        backward=tuple(back for row in fields.rows for back in _back(row, folder, systems)),
        columns=tuple(dict.fromkeys(name for row in fields.rows for name in row.sources if name)),
        statuses=_statuses(folder),
        forbidden=forbidden,
    )


def _statuses(folder: Path) -> dict[str, PreschoolStatus]:
    try:
        return {
            label: PreschoolStatus(value) for label, value in known_codes(folder, "status").items()
        }
    except ValueError as error:
        raise BrokenTable(f"{folder.name}/status.csv: unknown status") from error


def _back(row: FieldRow, folder: Path, systems: Systems) -> list[Back]:
    """How a field goes back to the column it was read from."""
    if row.rule in (Rule.EXTEND, Rule.EVIDENT) or row.target == "document_kind":
        return []  # the kind of document goes back as the label it was read with
    if row.rule is Rule.LISTED:
        system = systems(row.codes)
        return [(row.sources[0], row.target, lambda code: system.label(code) or "")]
    if not row.codes or row.rule is Rule.REGION:
        return [(row.sources[0], row.target, str)]
    labels = _labels(folder, row.codes)
    column = row.sources[1] if row.rule is Rule.DISABILITY else row.sources[0]
    return [(column, row.target, lambda code: labels.get(code, ""))]


def _labels(folder: Path, codes: str) -> dict[str, str]:
    """For each target code the first label that stands for it."""
    labels: dict[str, str] = {}
    for row in load_codes(folder / f"{codes}.csv"):
        labels.setdefault(row.target, row.source)
    return labels
