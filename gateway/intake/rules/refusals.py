"""Why an act on a handover is refused: a closed list, with the words people read."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from contracts.errors import JisuiError


class Refusal(StrEnum):
    """Every reason; a row of `refusals.csv` each."""

    NOT_ALLOWED = "not_allowed"
    TWICE = "twice"
    OFFER_CHANGED = "offer_changed"
    NOT_PROPOSED = "not_proposed"
    SAME_PERSON = "same_person"
    UNKNOWN_CANDIDATE = "unknown_candidate"
    COUNTY_ONLY = "county_only"
    TAKEN_HERE = "taken_here"
    REGISTERED = "registered"
    REVERSING = "reversing"
    NOT_OURS = "not_ours"
    APPROVAL_OFF = "approval_off"
    ONE_BY_ONE = "one_by_one"
    CARRIED_ELSEWHERE = "carried_elsewhere"
    OTHER_OFFICE = "other_office"
    NOTHING_TO_AWARD = "nothing_to_award"
    WINDOW_CLOSED = "window_closed"


class Refused(JisuiError):
    """An act on one handover that may not be done; nothing was changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class RowsRefused(JisuiError):
    """A group of acts of which at least one may not be done; nothing was changed.

    `rows` holds the place in the group and the reason of each that was refused.
    """

    def __init__(self, rows: Sequence[tuple[int, Refusal]]) -> None:
        super().__init__(", ".join(sorted({refusal for _, refusal in rows})))
        self.rows = tuple(rows)


@dataclass(frozen=True, slots=True)
class RefusalWording:
    """A refusal in words; `kind` is the kind of problem it is answered with."""

    refusal: Refusal
    kind: str
    zh: str
    en: str


@cache
def load_refusals() -> dict[Refusal, RefusalWording]:
    """The wording of every refusal, read from the table beside this module once."""
    text = files(__package__).joinpath("refusals.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    wordings = (RefusalWording(Refusal(r["refusal"]), r["kind"], r["zh"], r["en"]) for r in rows)
    return {wording.refusal: wording for wording in wordings}
