"""Rows of an admission list as identities, however carelessly they were typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.records import Identity
from mappings.canonical import identity_of
from mappings.compiled import Compiled
from mappings.compiling import Systems, compile_fields
from mappings.tables import load_fields, load_outline

_BETWEEN_NUMBERS = re.compile(r"[、,;/ ]+")


@dataclass(frozen=True)
class AdmissionListMapping:
    """The crosswalk of admission lists, compiled."""

    reading: Compiled

    def identity(self, cells: Mapping[str, str]) -> Identity:
        """The identity a row states; blanks and what cannot be read are None, sex then 0."""
        named, _ = self.reading.sort_out(cells)
        values = self.reading.apply(named).values
        guardians = _BETWEEN_NUMBERS.split(values.get("guardian_document_number", ""))
        return identity_of(values, tuple(number for number in guardians if number))


def load(folder: Path, systems: Systems, canonical: Mapping[str, str]) -> AdmissionListMapping:
    """The mapping of admission lists in a folder of tables, or raise `BrokenTable`."""
    fields, outline = load_fields(folder / "read.csv"), load_outline(folder / "mapping.toml")
    return AdmissionListMapping(compile_fields(fields, folder, outline, systems, canonical))
