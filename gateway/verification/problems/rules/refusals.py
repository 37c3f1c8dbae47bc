"""Why an act on a problem record is refused: a closed list, with the words people read."""

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from contracts.errors import JisuiError


class Refusal(StrEnum):
    """Every reason; a row of `refusals.csv` each."""

    NOT_ALLOWED = "not_allowed"
    NOT_YOUR_TURN = "not_your_turn"
    SAME_PERSON = "same_person"
    REMEDY_UNSUITABLE = "remedy_unsuitable"
    NOTHING_CHANGED = "nothing_changed"
    HIGHER_OFFICE = "higher_office"
    NO_DUPLICATE = "no_duplicate"
    REFERENCE_MISSING = "reference_missing"


class Refused(JisuiError):
    """An act that may not be done; nothing was changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class RefusalWording:
    """A refusal in words; `kind` is the kind of problem it is answered with."""

    kind: str
    zh: str
    en: str


@cache
def load_refusals() -> dict[Refusal, RefusalWording]:
    """The wording of every refusal, read from the table beside this module once."""
    text = files(__package__).joinpath("refusals.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {Refusal(r["refusal"]): RefusalWording(r["kind"], r["zh"], r["en"]) for r in rows}
