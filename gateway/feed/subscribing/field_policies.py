"""Field policies: which of a child's fields an event carries, in a reviewed table."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from contracts.errors import JisuiError

_FILE = Path(__file__).parent / "field_policies.csv"
THIN = "thin"
_YEAR_LENGTH = 4
# These are looked up with authority and never told, whoever asks: at most whether there is one.
_NEVER_TOLD = frozenset({"number", "document"})


class InvalidFieldPolicy(JisuiError):
    """The table says what no policy may say; nothing may be told by it."""


class How(StrEnum):
    """How much of a field is told."""

    FULL = "full"
    MASKED = "masked"
    YES_NO = "yes_no"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class FieldPolicy:
    """What is told of each field; a field the policy does not name is absent."""

    name: str
    fields: Mapping[str, How]

    @property
    def thin(self) -> bool:
        """Whether nothing of the child is told: such a policy needs no approval."""
        return all(how is How.ABSENT for how in self.fields.values())

    def told(self, detail: Mapping[str, str]) -> dict[str, str | bool]:
        """What an event says of these fields, in the order of the policy."""
        return {
            name: _told(name, detail[name], how)
            for name, how in self.fields.items()
            if how is not How.ABSENT and name in detail
        }


FieldPolicies = Mapping[str, FieldPolicy]


def load_field_policies(file: Path = _FILE) -> FieldPolicies:
    """Every policy by name; raise `InvalidFieldPolicy` for a row that cannot be meant."""
    policies: dict[str, dict[str, How]] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, strict=True):
            fields = policies.setdefault(row["policy"], {})
            if row["field"] in fields or row["how"] not in set(How):
                raise InvalidFieldPolicy(f"{row['policy']}: {row['field']}")
            fields[row["field"]] = _allowed(row["field"], How(row["how"]))
    return {name: FieldPolicy(name, fields) for name, fields in policies.items()}


def _allowed(field: str, how: How) -> How:
    if field in _NEVER_TOLD and how not in (How.YES_NO, How.ABSENT):
        raise InvalidFieldPolicy(f"{field} is never told")
    return how


def _told(name: str, value: str, how: How) -> str | bool:
    if how is How.YES_NO:
        return bool(value)
    if how is How.FULL or not value:
        return value
    # Of a date the year is left, of anything else the first character.
    return value[:_YEAR_LENGTH] if name.endswith("_on") else f"{value[0]}**"
