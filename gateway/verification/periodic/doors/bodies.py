"""What is sent to the doors of periodic verification."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from gateway.verification.periodic.listing import Listed
from gateway.verification.periodic.roster import Particulars
from gateway.verification.periodic.rules import Presence
from gateway.verification.periodic.signing import Mark
from gateway.web.texts import impersonal

MOST_CHILDREN = 200  # of one class
_YEAR = re.compile(r"(20[0-9]{2})-(20[0-9]{2})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _consecutive(given: str) -> str:
    read = _YEAR.fullmatch(given)
    if read is None or int(read[2]) != int(read[1]) + 1:
        raise ValueError("a school year is written 2026-2027")
    return given


def _iso_day(given: object) -> object:
    if given is not None and not (isinstance(given, str) and _DAY.fullmatch(given)):
        raise ValueError("a day is written YYYY-MM-DD")
    return given


Reason = Annotated[str, Field(max_length=200, repr=False)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class RoundStarted(_Body):
    """Which semester is verified; the area is the caller's whole own."""

    school_year: Annotated[str, AfterValidator(_consecutive)]
    semester: Literal[1, 2]

    @property
    def term(self) -> str:
        """The semester as one word."""
        return f"{self.school_year}-{self.semester}"


class ChildListed(_Body):
    """A child of a class: one of the school's records, or the child's own particulars."""

    record: Annotated[str, Field(max_length=64)] | None = None
    name: Annotated[str | None, Field(min_length=1, max_length=135, repr=False)] = None
    sex: Literal["1", "2"] | None = None
    born_on: Annotated[date | None, BeforeValidator(_iso_day)] = Field(None, repr=False)
    document_kind: Annotated[str, Field(pattern=r"\A[1-9ABZ]\z")] = "1"
    document_number: Annotated[str | None, Field(min_length=1, max_length=40, repr=False)] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "ChildListed":
        particulars = (self.name, self.sex, self.born_on)
        if self.record is not None and any((*particulars, self.document_number)):
            raise ValueError("a record says everything itself")
        if self.record is None and None in particulars:
            raise ValueError("a child has a name, a sex and a birth date")
        return self

    def listed(self) -> Listed:
        """The child as the rules take it."""
        if self.record is not None:
            return Listed(self.record, None)
        kind = self.document_kind if self.document_number else ""
        told = (self.name or "", self.sex or "", self.born_on, kind, self.document_number or "")
        return Listed(None, Particulars(*told))


class ClassListed(_Body):
    """A class with everybody in it; the same class once more replaces its roster."""

    class_name: Annotated[
        str, Field(min_length=1, max_length=64, examples=["一（1）班"]), AfterValidator(impersonal)
    ]
    children: Annotated[list[ChildListed], Field(min_length=1, max_length=MOST_CHILDREN)]


class ChildMarked(_Body):
    """What was found of the child at a place; whoever is not there needs a reason."""

    place: Annotated[int, Field(ge=1, le=MOST_CHILDREN)]
    presence: Presence
    reason: Reason = ""

    @model_validator(mode="after")
    def _explained(self) -> "ChildMarked":
        if self.presence is not Presence.PRESENT and not self.reason.strip():
            raise ValueError("a child that is not there needs a reason")
        return self

    def mark(self) -> Mark:
        """The mark as the rules take it."""
        return Mark(self.place, self.presence, self.reason.strip())


class ChildrenMarked(_Body):
    """Marks child by child; each place once."""

    marks: Annotated[list[ChildMarked], Field(min_length=1, max_length=MOST_CHILDREN)]

    @model_validator(mode="after")
    def _once_each(self) -> "ChildrenMarked":
        if len({mark.place for mark in self.marks}) != len(self.marks):
            raise ValueError("a child is marked once")
        return self


class RosterRejected(_Body):
    """Why the roster goes back to whoever went through it."""

    remark: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(impersonal)]
