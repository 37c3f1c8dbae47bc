"""What is sent to the doors of notices."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from contracts import citizen_number
from gateway.verification.notices.notice import Notice
from gateway.verification.notices.rules import NoticeKind
from gateway.web.problems import Fault, Kind, Problem
from gateway.web.texts import impersonal

MOST_NOTICES = 1000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_day(given: object) -> object:
    if given is not None and not (isinstance(given, str) and _DAY.fullmatch(given)):
        raise ValueError("a day is written YYYY-MM-DD")
    return given


Number = Annotated[str, Field(min_length=1, max_length=32, repr=False)]
Name = Annotated[str, Field(min_length=1, max_length=135, repr=False)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class NoticeSent(_Body):
    """A change in the population register: of whom, what, and since when.

    A change of name tells the new name, one of number the new number, all else neither.
    """

    kind: NoticeKind
    citizen_number: Number
    name: Name
    new_name: Annotated[str | None, Field(min_length=1, max_length=135, repr=False)] = None
    new_number: Annotated[str | None, Field(min_length=1, max_length=32, repr=False)] = None
    effective_on: Annotated[date | None, BeforeValidator(_iso_day)] = None

    @model_validator(mode="after")
    def _of_a_piece(self) -> "NoticeSent":
        told = (self.new_name is not None, self.new_number is not None)
        if told != (self.kind is NoticeKind.RENAMED, self.kind is NoticeKind.RENUMBERED):
            raise ValueError("a notice tells what has changed and nothing else")
        return self

    def notice(self) -> Notice:
        """The notice as the rules take it."""
        return Notice(
            kind=self.kind,
            citizen_number=self.citizen_number.upper(),
            name=self.name,
            new_number=(self.new_number or "").upper(),
            new_name=self.new_name or "",
            effective_on=self.effective_on,
        )


class NoticesSent(_Body):
    """Up to a thousand notices of one case."""

    notices: Annotated[list[NoticeSent], Field(min_length=1, max_length=MOST_NOTICES)]


class NoticesWithdrawn(_Body):
    """Which notices of the receipt were wrong, by their places from 1; all where none is named."""

    places: Annotated[
        list[Annotated[int, Field(ge=1, le=MOST_NOTICES)]], Field(max_length=MOST_NOTICES)
    ] = []
    remark: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(impersonal)]


class CorrectionRejected(_Body):
    """Why the notice does not fit the record."""

    remark: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(impersonal)]


def read_notices(body: NoticesSent) -> list[Notice]:
    """The notices; raise a problem where a number cannot be meant."""
    notices = [one.notice() for one in body.notices]
    if faults := [fault for place, one in enumerate(notices) for fault in _faults(place, one)]:
        raise Problem(Kind.INVALID_REQUEST, faults)
    return notices


def _faults(place: int, notice: Notice) -> Iterator[Fault]:
    told = {"citizen_number": notice.citizen_number, "new_number": notice.new_number}
    for name, number in told.items():
        if number and not citizen_number.is_citizen_number(number):
            said = ("不是有效的公民身份号码。", "It is no citizen number.")
            yield Fault("no_citizen_number", f"#/notices/{place}/{name}", *said)
