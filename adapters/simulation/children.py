"""How a register looks children up: literally, by the texts it was given."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from pydantic import Field

from adapters.simulation.answers import Asked

QUESTIONS_AT_ONCE = 100

# Registers store what was typed, and people type the interpunct of a name in many ways.
_INTERPUNCTS = str.maketrans(dict.fromkeys("\u2022\u2027\u30fb\uff0e\ufe52", "\u00b7"))
_PARTED = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")

Key = tuple[str, ...]


class ByNumber(Asked):
    """By student number."""

    number: str = Field(min_length=1)

    def key(self) -> Key:
        """Where the index keeps it."""
        return ("number", self.number.strip())


class ByDocument(Asked):
    """By the number of an identity document, of whatever kind."""

    document: str = Field(min_length=1)

    def key(self) -> Key:
        """Where the index keeps it."""
        return ("document", plain(self.document))


class ByPerson(Asked):
    """By name, sex (GB/T 2261.1) and birth date (ISO)."""

    name: str = Field(min_length=1)
    sex: str
    born_on: str

    def key(self) -> Key:
        """Where the index keeps it."""
        return ("person", folded(self.name), self.sex, self.born_on)


class ByGuardian(Asked):
    """By the number of a guardian's document."""

    guardian_document: str = Field(min_length=1)

    def key(self) -> Key:
        """Where the index keeps it."""
        return ("guardian", plain(self.guardian_document))


class Query(Asked):
    """Up to a hundred questions, mixed; more are counted before they are read."""

    questions: list[ByNumber | ByDocument | ByPerson | ByGuardian] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Traits:
    """What a record can be found by, as its cells say it; sex as GB/T 2261.1."""

    number: str = field(repr=False)
    document: str = field(repr=False)
    name: str = field(repr=False)
    sex: str
    born_on: str = field(repr=False)
    guardians: tuple[str, ...] = field(default=(), repr=False)

    def index_keys(self) -> set[Key]:
        """Every key of the index that leads to the record; blanks lead nowhere."""
        day = parse_day(self.born_on)
        found: set[Key] = {("guardian", plain(number)) for number in self.guardians}
        found |= {("number", self.number.strip()), ("document", plain(self.document))}
        if day is not None:
            found.add(("person", folded(self.name), self.sex, day.isoformat()))
        return {key for key in found if key[1]}


class ChildIndex:
    """Record ids by everything they can be found by."""

    def __init__(self) -> None:
        self._ids: dict[Key, dict[str, None]] = {}
        self._keys: dict[str, set[Key]] = {}

    def put(self, record_id: str, traits: Traits) -> None:
        """Keep the record under these traits and no others."""
        before, now = self._keys.get(record_id, set()), traits.index_keys()
        for key in before - now:
            del self._ids[key][record_id]
        for key in now - before:
            self._ids.setdefault(key, {})[record_id] = None
        self._keys[record_id] = now

    def drop(self, record_id: str) -> None:
        """Forget the record, if it was kept."""
        for key in self._keys.pop(record_id, ()):
            del self._ids[key][record_id]

    def find(self, *keys: Key) -> list[str]:
        """The records under any of these keys, each once."""
        found: dict[str, None] = {}
        for key in keys:
            found.update(self._ids.get(key, {}))
        return list(found)


def first_of(cells: dict[str, str], names: Iterable[str]) -> str:
    """The first cell under one of these column names, or an empty text."""
    return next((cells[name] for name in names if name in cells), "")


def plain(number: str) -> str:
    """A document number as compared: no apostrophe before it, the X in upper case."""
    return number.strip().removeprefix("'").upper()


def folded(name: str) -> str:
    """A name as compared: trimmed, every interpunct alike."""
    return name.strip().translate(_INTERPUNCTS)


def parse_day(text: str) -> date | None:
    """The day a cell names, padded or not, or None where it names none."""
    cell = text.strip().removeprefix("'")
    matched = _PARTED.fullmatch(cell) or _COMPACT.fullmatch(cell)
    if matched is None:
        return None
    try:
        return date(*map(int, matched.groups()))
    except ValueError:
        return None
