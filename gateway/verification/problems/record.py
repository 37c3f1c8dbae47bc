"""One problem record as the store holds it: load, move purely, store."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from gateway.verification.problems.rules.states import Event, State, transition
from gateway.verification.problems.tables import problem_records


class Overtaken(JisuiError):
    """Somebody else moved the record first; look at it again before acting."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is wrong with one child's record, column by column; `state` is None before it begins."""

    problem_id: str
    subject_id: str
    key_id: str
    school: str
    area: str
    confidential: bool
    state: State | None
    owner: str
    opened_at: datetime
    updated_at: datetime
    since_at: datetime
    due_on: str | None = None
    escalations: int = 0
    version: int = 0
    remedy: str | None = None
    sealed_proposal: bytes | None = None
    proposed_by: str | None = None
    confirmed_by: str | None = None
    check_id: str | None = None
    resolution: str | None = None
    closed_at: datetime | None = None

    def moved(self, event: Event, now: datetime) -> "Record":
        """The record after an event; raise `NotAllowed` where it has no place."""
        after = transition(self.state, event)
        return replace(
            self,
            state=after,
            updated_at=now,
            since_at=self.since_at if after is self.state else now,
            closed_at=now if after is State.CLOSED else None,
        )


_COLUMNS = tuple(field.name for field in fields(Record))
_UPDATE = update(problem_records).where(
    problem_records.c.problem_id == bindparam("this_problem"),
    problem_records.c.version == bindparam("this_version"),
)


async def load(
    connection: AsyncConnection, problem_ids: Collection[str], *, lock: bool = False
) -> list[Record]:
    """The records with these ids, in the order of their ids; unknown ids are left out."""
    named = problem_records.c.problem_id.in_(sorted(problem_ids))
    return await _load(connection, named, lock=lock)


async def load_standing(connection: AsyncConnection, subject_ids: Collection[str]) -> list[Record]:
    """The records of these children that are not closed, locked."""
    theirs = problem_records.c.subject_id.in_(sorted(subject_ids))
    return await _load(connection, theirs & problem_records.c.closed_at.is_(None), lock=True)


async def load_checked(connection: AsyncConnection, check_ids: Collection[str]) -> list[Record]:
    """The records that wait for these verifications, locked."""
    return await _load(connection, problem_records.c.check_id.in_(sorted(check_ids)), lock=True)


async def store(connection: AsyncConnection, changed: Sequence[Record]) -> list[Record]:
    """The records as written; raise `Overtaken` if one was moved since it was loaded."""
    stored = [replace(record, version=record.version + 1) for record in changed]
    if new := [_columns(record) for record in stored if record.version == 1]:
        await connection.execute(insert(problem_records), new)
    for record in stored:
        if record.version > 1:
            named = {"this_problem": record.problem_id, "this_version": record.version - 1}
            done = await connection.execute(_UPDATE, _columns(record) | named)
            if done.rowcount != 1:
                raise Overtaken("a problem record was moved by somebody else")
    return stored


async def _load(
    connection: AsyncConnection, condition: ColumnElement[bool], *, lock: bool
) -> list[Record]:
    query = select(*(problem_records.c[name] for name in _COLUMNS)).where(condition)
    query = query.order_by(problem_records.c.problem_id)
    rows = await connection.execute(query.with_for_update() if lock else query)
    return [replace(Record(*row), state=State(row.state)) for row in rows]


def _columns(record: Record) -> dict[str, object]:
    return {name: getattr(record, name) for name in _COLUMNS} | {"state": str(record.state)}
