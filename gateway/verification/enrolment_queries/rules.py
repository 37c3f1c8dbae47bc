"""What may be said of a child: yes, no or cannot say, from what lies within the asker's reach."""

import csv
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TypeVar

from gateway.access.grants import Scope
from gateway.access.vocabulary import Purpose

V = TypeVar("V", bound=Hashable)


class Enrolled(StrEnum):
    """The whole vocabulary of answers."""

    YES = "yes"
    NO = "no"
    CANNOT_SAY = "cannot_say"


class Standing(StrEnum):
    """What one record says of its child's enrolment."""

    STANDS = "stands"  # enrolled there
    ENDED = "ended"  # was a pupil there and is none any more
    UNSETTLED = "unsettled"  # not approved, a problem record, or a status we do not know
    PAST = "past"  # of a kindergarten child that has left: it may have entered any school since


class Telling(StrEnum):
    """When an attribute may be told."""

    ALWAYS = "always"
    URGENT = "urgent"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One record known of a child; `since` is year and month, where they are known."""

    school: str
    school_name: str
    area: str
    standing: Standing
    since: str | None


@dataclass(frozen=True, slots=True)
class Tells:
    """What one purpose is told besides yes, no and cannot say."""

    since: Telling
    area: Telling
    school: Telling

    def attributes(self, *, urgent: bool) -> frozenset[str]:
        """The attributes that may be told in this lane."""
        allowed = {Telling.ALWAYS, Telling.URGENT} if urgent else {Telling.ALWAYS}
        told = {"since": self.since, "area": self.area, "school": self.school}
        return frozenset(name for name, when in told.items() if when in allowed)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one child; an attribute that may not be told is None like an unknown one."""

    enrolled: Enrolled
    since: str | None = field(default=None, repr=False)
    area: str | None = field(default=None, repr=False)
    school: str | None = field(default=None, repr=False)
    school_name: str | None = field(default=None, repr=False)


CANNOT_SAY = Answer(Enrolled.CANNOT_SAY)


def answer(known: Iterable[Enrolment], scope: Scope, told: Collection[str]) -> Answer:
    """What may be said, from the records within the scope and from nothing else.

    The law that keeps this from being an oracle: no record outside the scope changes the answer.
    So *no* means that none stands within reach and one that did has ended. Where records disagree
    on an attribute, it is not told.
    """
    within = [one for one in known if scope.covers(institution=one.school, area=one.area)]
    standing = [one for one in within if one.standing is Standing.STANDS]
    if standing:
        return _confirmed(standing, told)
    kinds = {one.standing for one in within}
    if Standing.ENDED in kinds and Standing.UNSETTLED not in kinds:
        return Answer(Enrolled.NO)
    return CANNOT_SAY


@cache
def load_tells() -> Mapping[Purpose, Tells]:
    """What each purpose is told, as the table has it."""
    table = files("gateway.verification.enrolment_queries").joinpath("tells.csv")
    rows = csv.DictReader(table.read_text("utf-8").splitlines())
    return {
        Purpose(row["purpose"]): Tells(
            Telling(row["since"]), Telling(row["area"]), Telling(row["school"])
        )
        for row in rows
    }


def _confirmed(standing: Iterable[Enrolment], told: Collection[str]) -> Answer:
    one = list(standing)
    agreed = {
        "since": _agreed(each.since for each in one),
        "area": _agreed(each.area for each in one),
        "school": _agreed(each.school for each in one),
    }
    told_of = {name: value if name in told else None for name, value in agreed.items()}
    names = _agreed(each.school_name for each in one) if told_of["school"] else None
    return Answer(Enrolled.YES, **told_of, school_name=names or None)


def _agreed(values: Iterable[V | None]) -> V | None:
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None
