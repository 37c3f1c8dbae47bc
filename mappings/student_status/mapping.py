"""Canonical records as students of the primary and secondary register, and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.code_systems import CodeSystem
from contracts.records import CanonicalRecord, Provenance, UnmappedValue
from mappings.canonical import flatten, identity_of
from mappings.compiled import Compiled
from mappings.compiling import Systems, compile_fields, known_codes
from mappings.envelope import set_apart
from mappings.student_status.family import FAMILY, flat_texts, guardian_documents
from mappings.student_status.obligations import Obligations
from mappings.tables import Forbidden, load_fields, load_outline

_PREFIX = f"{FAMILY}[]."


@dataclass(frozen=True, slots=True)
class Written:
    """A record under the register's keys, and what is to be said about it.

    `to_supplement` names what the school has to add, `confirm` what it has to look at again
    (volatile values, regions abolished since); both in the form's own words.
    """

    fields: dict[str, object] = field(repr=False)
    to_supplement: tuple[str, ...]
    confirm: tuple[str, ...]
    unmapped: tuple[UnmappedValue, ...]
    extension: dict[str, str] = field(repr=False)
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class StudentStatusMapping:
    """The crosswalks of the primary and secondary register, compiled."""

    writing: Compiled
    reading: Compiled
    obligations: Obligations
    member_keys: tuple[tuple[str, str], ...]
    statuses: Mapping[str, str]
    forbidden: Forbidden

    def write(self, record: CanonicalRecord, *, number: str) -> Written:
        """The primary record of a child under its carried number; nothing is made up."""
        values = flatten(record)
        values["number"] = number
        converted = self.writing.apply(values)
        unmapped = record.unmapped + converted.unmapped
        to_supplement = self.obligations.missing(values, converted.values, unmapped)
        confirm = self.obligations.doubtful(values, record.provenance.read_at.date())
        return Written(
            fields=self._nested(converted.values),
            to_supplement=to_supplement,
            confirm=confirm,
            unmapped=unmapped,
            extension=dict(record.extension),
            dropped=record.dropped,
        )

    def read(self, fields: Mapping[str, object], *, provenance: Provenance) -> CanonicalRecord:
        """The canonical record of a student; the first guardian listed is taken as the guardian."""
        texts, blocks = flat_texts(fields, self.forbidden)
        named, unknown = self.reading.sort_out(texts)
        converted = self.reading.apply(named)
        apart = set_apart(named, self.reading.extended, unknown, self.forbidden)
        return CanonicalRecord(
            identity=identity_of(converted.values, guardian_documents(fields)),
            fields=converted.values,
            extension=apart.extension,
            provenance=provenance,
            unmapped=converted.unmapped,
            dropped=apart.dropped + blocks,
        )

    def live(self, status_label: str) -> bool | None:
        """Whether a status means that the child is a student there; None for one not listed."""
        status = self.statuses.get(status_label.strip())
        return None if status is None else status == "live"

    def _nested(self, flat: dict[str, str]) -> dict[str, object]:
        """The flat values with the guardian's gathered into a member of the family."""
        member = {}
        for key, short in self.member_keys:
            if key in flat:
                member[short] = flat.pop(key)
        return {**flat, FAMILY: [member]} if member else {**flat}


def load(
    folder: Path,
    systems: Systems,
    canonical: Mapping[str, str],
    forbidden: Forbidden,
    regions: CodeSystem,
) -> StudentStatusMapping:
    """The mapping of the primary and secondary register, or raise `BrokenTable`."""
    outline = load_outline(folder / "mapping.toml")
    writes, reads = load_fields(folder / "write.csv"), load_fields(folder / "read.csv")
    keys = [row.target for row in writes.rows if row.target.startswith(_PREFIX)]
    return StudentStatusMapping(
        writing=compile_fields(writes, folder, outline, systems, canonical),
        reading=compile_fields(reads, folder, outline, systems, canonical),
        obligations=Obligations.of(writes.rows, regions),
        member_keys=tuple((key, key.removeprefix(_PREFIX)) for key in keys),
        statuses=known_codes(folder, "status"),
        forbidden=forbidden,
    )
