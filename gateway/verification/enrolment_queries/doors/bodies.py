"""What is sent to the doors of enrolment queries, and what of it cannot be meant."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from contracts import citizen_number
from gateway.verification.enrolment_queries.children import CITIZEN_NUMBER, Named, name_child
from gateway.web.problems import Fault, Kind, Problem
from gateway.web.texts import impersonal

MOST_CHILDREN = 1000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_day(given: object) -> object:
    if given is not None and not (isinstance(given, str) and _DAY.fullmatch(given)):
        raise ValueError("a day is written YYYY-MM-DD")
    return given


Reference = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(impersonal)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class DocumentAsked(_Body):
    """An identity document: its kind as JY/T 1001 SFZJLX (1: 居民身份证), and its number."""

    kind: Annotated[str, Field(pattern=r"\A[0-9A-Z]{1,2}\z")] = CITIZEN_NUMBER
    number: Annotated[str, Field(min_length=1, max_length=64, repr=False)]


class ChildAsked(_Body):
    """A child by document and name together; birth date and sex where no citizen number has them.

    Sex is GB/T 2261.1.
    """

    document: DocumentAsked
    name: Annotated[str, Field(min_length=1, max_length=135, repr=False)]
    born_on: Annotated[date | None, BeforeValidator(_iso_day)] = Field(None, repr=False)
    sex: Literal["1", "2"] | None = None


class EnrolmentAsked(_Body):
    """Up to a thousand children, and who at the unit approved asking about them (审批人).

    An urgent query is about a child that is missing now; its paper follows.
    """

    children: Annotated[list[ChildAsked], Field(min_length=1, max_length=MOST_CHILDREN)]
    approver: Reference
    urgent: bool = False


class PaperSent(_Body):
    """The paper that follows an urgent query: its number (文书号), SHA-256 of the signed file."""

    document_number: Reference
    sha256: Annotated[str, Field(pattern=r"\A[0-9a-f]{64}\z")]


class ReleaseSent(_Body):
    """Why whoever was stopped may go on."""

    reason: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(impersonal)]


class ShieldSent(_Body):
    """A child to be shielded from enrolment queries or no more, and who approved it."""

    document: DocumentAsked
    shielded: bool
    approver: Reference


def read_children(body: EnrolmentAsked) -> tuple[Named, ...]:
    """The children asked about; raise a problem where one cannot be meant."""
    faults = [fault for row, one in enumerate(body.children) for fault in _faults(row, one)]
    if faults:
        raise Problem(Kind.INVALID_REQUEST, faults)
    return tuple(
        name_child(one.document.kind, one.document.number, one.name, one.born_on, one.sex or "")
        for one in body.children
    )


def _faults(row: int, one: ChildAsked) -> Iterator[Fault]:
    place = f"#/children/{row}"
    if one.document.kind == CITIZEN_NUMBER:
        if not citizen_number.is_citizen_number(one.document.number.upper()):
            said = ("不是有效的公民身份号码。", "It is no citizen number.")
            yield Fault("no_citizen_number", f"{place}/document/number", *said)
    elif one.born_on is None or one.sex is None:
        said = ("此类证件须写明出生日期和性别。", "Birth date and sex are needed here.")
        yield Fault("particulars_missing", place, *said)
