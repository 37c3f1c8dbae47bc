"""One child as made: its list row, what each register holds of it, and what must become of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

Row = Mapping[str, str]
ListCells = Mapping[str, str | int | date | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a reported child under automatic acceptance.

    Told from how the child was made; nothing of the gateway is asked.
    """

    state: str
    reason: str | None = None
    number: str | None = field(default=None, repr=False)
    grade: str | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """The outcome of one row of a school's list; `row` is its 序号."""

    row: str
    state: str
    reason: str | None
    number: str | None = field(repr=False)
    grade: str | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """The rows one child has in a world, and its outcome."""

    listed: ListCells = field(repr=False)
    outcome: Outcome
    preschool: tuple[Row, ...] = field(default=(), repr=False)
    primary: tuple[Row, ...] = field(default=(), repr=False)
    population: tuple[Row, ...] = field(default=(), repr=False)


def carried(number: str, *problems: str) -> Outcome:
    """The record is carried under this number."""
    return Outcome("carried", None, number, "exact", problems)


def held(reason: str, grade: str | None, number: str | None = None) -> Outcome:
    """A person must act; the number is known from one exact match on."""
    return Outcome("held", reason, number, grade)


def missing(*problems: str) -> Outcome:
    """No preschool record anywhere."""
    return Outcome("create_new", None, None, "none", problems)


LISTED = Outcome("listed")
WRONG_INPUT = held("data_error", None)
