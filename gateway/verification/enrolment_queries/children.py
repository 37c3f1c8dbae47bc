"""The child asked about, as blind indexes: found by document and name together, never by one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts import citizen_number
from contracts.records import Document, Identity
from gateway.people.indexes import index_identity
from gateway.sealing import Sealer
from gateway.verification.enrolment_queries.rules import Enrolment

CITIZEN_NUMBER = "1"  # JY/T 1001 SFZJLX: 居民身份证
_ORDER_CODES = 1000
_ORDER_STEPS = (-2, -1, 1, 2)  # children of one sex have every other order code
_DAY_STEPS = (-1, 1)


@dataclass(frozen=True, slots=True)
class Child:
    """Under which indexes a child is found: whoever knows its number only finds nothing."""

    document: str
    person: str  # name, sex and birth date


@dataclass(frozen=True, slots=True)
class Named:
    """A child as it is asked about; `born_on` and `sex` are read off a citizen number."""

    kind: str
    number: str = field(repr=False)
    name: str = field(repr=False)
    born_on: date | None = field(repr=False)
    sex: str

    def child(self, sealer: Sealer) -> Child:
        """The child's indexes."""
        document = Document(self.kind, "", self.number)
        found = index_identity(Identity(self.name, self.sex, self.born_on, document, None), sealer)
        return Child(found.document or "", found.person)


@dataclass(frozen=True, slots=True)
class Trace:
    """What scanning is seen by, blind; all empty where there is no citizen number."""

    birth: str | None = None
    place: str | None = None
    neighbours: frozenset[str] = frozenset()


class Enrolments(Protocol):
    """What is known of children's enrolment; the room that keeps it tells it."""

    async def find(
        self, connection: AsyncConnection, children: Sequence[Child]
    ) -> Mapping[Child, Sequence[Enrolment]]:
        """The records known of each of these children; absent where there are none.

        Asks the store the same questions however much or little is known.
        """


def name_child(kind: str, number: str, name: str, born_on: date | None, sex: str) -> Named:
    """The child, with what a citizen number itself says of it."""
    number = number.upper()
    if kind != CITIZEN_NUMBER:
        return Named(kind, number, name, born_on, sex)
    return Named(kind, number, name, citizen_number.born_on(number), citizen_number.sex(number))


def trace(named: Named, sealer: Sealer) -> Trace:
    """The blind trace a query leaves of one child: two neighbours can be seen to be such."""
    if named.kind != CITIZEN_NUMBER or named.born_on is None:
        return Trace()
    region, order = named.number[:6], int(named.number[14:17])
    near = _neighbours(region, named.born_on, order)
    return Trace(
        birth=sealer.index("birth", f"{region}|{named.born_on}"),
        place=sealer.index("place", _place(region, named.born_on, order)),
        neighbours=frozenset(sealer.index("place", one) for one in near),
    )


def _neighbours(region: str, born_on: date, order: int) -> Iterator[str]:
    for step in _ORDER_STEPS:
        if 0 <= order + step < _ORDER_CODES:
            yield _place(region, born_on, order + step)
    for step in _DAY_STEPS:
        yield _place(region, born_on + timedelta(days=step), order)


def _place(region: str, born_on: date, order: int) -> str:
    return f"{region}|{born_on}|{order:03d}"
