"""Canonical records as rows of the national import template, columns A to BS."""

from dataclasses import dataclass
from pathlib import Path

from contracts.records import CanonicalRecord
from mappings.student_status.family import FAMILY
from mappings.student_status.mapping import StudentStatusMapping
from mappings.tables import load_fields


@dataclass(frozen=True)
class NationalTemplateMapping:
    """The template's columns, each with the register's key that fills it."""

    columns: tuple[str, ...]
    sources: tuple[str, ...]
    student_status: StudentStatusMapping

    def row(self, record: CanonicalRecord, *, school: str, number: str) -> tuple[str, ...]:
        """The cells of one child in the template's order, codes as the national form has them."""
        fields = self.student_status.write(record, number=number).fields
        cells = {name: text for name, text in fields.items() if isinstance(text, str)}
        cells["school"] = school
        cells.update(_guardian(fields.get(FAMILY)))
        return tuple(cells.get(source, "") for source in self.sources)


def load(folder: Path, student_status: StudentStatusMapping) -> NationalTemplateMapping:
    """The template's mapping in a folder of tables, or raise `BrokenTable`."""
    rows = load_fields(folder / "columns.csv").rows
    return NationalTemplateMapping(
        columns=tuple(row.target for row in rows),
        sources=tuple(row.sources[0] for row in rows),
        student_status=student_status,
    )


def _guardian(family: object) -> dict[str, str]:
    members = family if isinstance(family, list) else []
    return {f"{FAMILY}[].{name}": text for member in members for name, text in member.items()}
