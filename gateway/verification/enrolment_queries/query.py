"""One enrolment query as it is asked and as it is answered."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from gateway.access.vocabulary import Purpose
from gateway.sealing import DataKey
from gateway.verification.enrolment_queries.children import Child, Named, Trace
from gateway.verification.enrolment_queries.rules import Answer, Enrolled


class Outcome(StrEnum):
    """What came of a query that was weighed."""

    ANSWERED = "answered"
    STOPPED = "stopped"


class Refusal(StrEnum):
    """Why a query gets no answer; none of it says anything of a child."""

    STOPPED = "stopped"
    TOO_FAST = "too_fast"
    PAPER_OVERDUE = "paper_overdue"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an officer asks, in one lane; `children` in the order of their rows."""

    approver: str
    urgent: bool
    children: tuple[Named, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Weighed:
    """One child of a query: how it is found, what trace it leaves, what may be said of it."""

    named: Named = field(repr=False)
    child: Child
    trace: Trace
    adjacent: bool
    answer: Answer = field(repr=False)

    @property
    def missed(self) -> bool:
        """Whether nothing can be said, whatever the reason."""
        return self.answer.enrolled is Enrolled.CANNOT_SAY


@dataclass(frozen=True, slots=True)
class Standing:
    """A query as it stands, without anything of its children."""

    query_id: str
    unit: str
    area: str
    officer: str
    approver: str
    document_number: str
    purpose: Purpose
    urgent: bool
    outcome: Outcome
    children: int
    yes: int
    no: int
    asked_at: datetime
    paper_due_at: datetime | None
    paper_number: str | None
    paper_at: datetime | None
    chased: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A query with its answers, one a child, in the order asked."""

    query: Standing
    answers: Sequence[Answer] = field(repr=False)


def standing_of(row: Row[tuple[Any, ...]]) -> Standing:
    """The query in a row of the store."""
    values = {name: getattr(row, name) for name in Standing.__slots__}
    kinds = {"purpose": Purpose(row.purpose), "outcome": Outcome(row.outcome)}
    return Standing(**values | kinds)


def seal_answers(answers: Sequence[Answer], key: DataKey, query_id: str) -> bytes:
    """The answers as they rest in the store."""
    plain = json.dumps([asdict(one) for one in answers], ensure_ascii=False)
    return key.seal(plain.encode(), f"enrolment {query_id}")


def open_answers(sealed: bytes, key: DataKey, query_id: str) -> list[Answer]:
    """The answers sealed by `seal_answers`."""
    plain = json.loads(key.open(sealed, f"enrolment {query_id}"))
    return [Answer(**one | {"enrolled": Enrolled(one["enrolled"])}) for one in plain]
