"""What a register's own code of a change means in the vocabulary of events."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.code_systems import BrokenTable
from contracts.events import Event, load_vocabulary
from mappings.tables import CodeRow, load_codes, load_outline

DERIVED = "derived"  # no code of the register's, but what its record shows to have changed
_PREFIX = "change"
ANY = "*"


@dataclass(frozen=True, slots=True)
class Meant:
    """What a code was decided to mean; no event where it was decided to be no status change."""

    event: Event | None


@dataclass(frozen=True, slots=True)
class ChangeMapping:
    """One register's codes, by the set they are of; `owner` decides about those not listed."""

    owner: str
    sets: Mapping[str, Mapping[str, Meant]]

    def meaning(self, code_system: str, code: str) -> Meant | None:
        """What the code means; None where nobody has decided about it."""
        codes = self.sets.get(code_system.strip().lower(), {})
        return codes.get(code.strip())

    def turn(self, before: str, after: str) -> Meant | None:
        """What it means that a record's status went from one word to another."""
        codes = self.sets.get(DERIVED, {})
        return codes.get(f"{before}>{after}") or codes.get(f"{ANY}>{after}")


def load(folder: Path) -> ChangeMapping:
    """The crosswalks of change codes in a folder of tables, or raise `BrokenTable`.

    `change.csv` holds the codes of a register that has one set, `change_<set>.csv` those of one
    among several.
    """
    owner = load_outline(folder / "mapping.toml").owner
    files = sorted(folder.glob(f"{_PREFIX}*.csv"))
    return ChangeMapping(owner, {_set_of(file): _meanings(file) for file in files})


def _set_of(file: Path) -> str:
    return file.stem.removeprefix(_PREFIX).removeprefix("_")


def _meanings(file: Path) -> Mapping[str, Meant]:
    words = load_vocabulary()

    def meant(row: CodeRow) -> Meant:
        if not row.target:
            return Meant(None)
        event = _event(row.target, file)
        if words[event].label != row.target_label:
            raise BrokenTable(f"{file.name}: {row.target} has another label in the vocabulary")
        return Meant(event)

    return {row.source: meant(row) for row in load_codes(file)}


def _event(target: str, file: Path) -> Event:
    try:
        return Event(target)
    except ValueError as error:
        raise BrokenTable(f"{file.name}: {target} is no event") from error
