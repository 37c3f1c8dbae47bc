"""What a caller tells of the person it asks about, and what the number alone says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from contracts import citizen_number
from contracts.outcomes import Outcome
from contracts.records import Document, Identity
from gateway.sealing import Sealer
from gateway.verification.claims import contradicts_birth_date, contradicts_sex


class Holds(StrEnum):
    """Whether one attribute holds."""

    YES = "yes"
    NO = "no"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True, slots=True)
class Told:
    """One claim as it was told; birth date and sex may be left out."""

    document_kind: str  # JY/T 1001 SFZJLX
    document_number: str = field(repr=False)
    name: str = field(repr=False)
    born_on: date | None = field(default=None, repr=False)
    sex: str = ""  # GB/T 2261.1

    @property
    def identity(self) -> Identity:
        """The person as verification speaks of one; an X as it is written in numbers."""
        number = self.document_number.upper()
        document = Document(self.document_kind, "", number) if number else None
        return Identity(self.name, self.sex, self.born_on, document, None)

    def question(self, sealer: Sealer) -> str:
        """The keyed hash of the question: an answer is bound to it, and it tells nothing."""
        identity = self.identity
        number = identity.document.number if identity.document else ""
        parts = (self.document_kind, number, self.name, str(self.born_on or ""), self.sex)
        return sealer.index("asked", "|".join(parts))

    def checks(self) -> dict[str, Holds]:
        """Birth date and sex, where told, held against the number: nobody is asked for that."""
        told = {"born_on": self.born_on is not None, "sex": self.sex in ("1", "2")}
        identity = self.identity
        number = identity.document.number if identity.document else ""
        if not citizen_number.is_citizen_number(number):
            return {name: Holds.CANNOT_SAY for name, given in told.items() if given}
        wrong = {
            "born_on": contradicts_birth_date(identity, number),
            "sex": contradicts_sex(identity, number),
        }
        return {
            name: Holds.NO if wrong[name] else Holds.YES for name, given in told.items() if given
        }


_BY_OUTCOME = {
    Outcome.MATCH: (Holds.YES, Holds.YES),
    Outcome.NAME_MISMATCH: (Holds.YES, Holds.NO),
    Outcome.NOT_ON_FILE: (Holds.NO, Holds.CANNOT_SAY),
}


def attributes(outcome: Outcome | None, checks: Mapping[str, Holds]) -> dict[str, Holds]:
    """What the answer says of each attribute: the number is on file, the name is its bearer's."""
    number, name = _BY_OUTCOME.get(outcome or Outcome.UNKNOWN, (Holds.CANNOT_SAY,) * 2)
    return {"number": number, "name": name, **checks}
