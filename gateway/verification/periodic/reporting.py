"""The report of a round: every difference between children and records, and old L numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Scope
from gateway.sealing import Sealer, load_keys
from gateway.verification.periodic.roster import Child, child_of
from gateway.verification.periodic.round import Round, within
from gateway.verification.periodic.rules import Difference
from gateway.verification.periodic.tables import (
    periodic_children,
    periodic_differences,
    periodic_rosters,
    periodic_temporaries,
)
from gateway.verification.problems.holdings import Holdings
from gateway.verification.problems.rules.classes import ProblemClass
from gateway.verification.problems.tables import problem_findings

_differences, _temporaries = periodic_differences.c, periodic_temporaries.c
_children, _rosters = periodic_children.c, periodic_rosters.c
_Rows = Sequence[Row[tuple[Any, ...]]]
_Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Differing:
    """One line of the report; names where they may be seen and the child was not erased."""

    difference_id: str
    kind: Difference
    school: str
    area: str
    class_name: str
    record_id: str | None
    problem_id: str | None
    listed_name: str | None = field(repr=False)
    recorded_name: str | None = field(repr=False)
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OldTemporary:
    """A record that has gone under a temporary number for too long."""

    record_id: str
    school: str
    area: str
    since_at: datetime
    name: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reporting:
    """What it takes to read the report."""

    sealer: Sealer = field(repr=False)
    holdings: Holdings

    async def differences(
        self,
        connection: AsyncConnection,
        begun: Round,
        scope: Scope,
        after: str,
        limit: int,
        *,
        values: bool,
    ) -> list[Differing]:
        """The differences within a scope, after an id; `values` says whether names are shown."""
        mine = within(scope, _differences.school, _differences.area)
        query = select(periodic_differences).where(_differences.round_id == begun.round_id, mine)
        page = query.where(_differences.difference_id > after).order_by(_differences.difference_id)
        rows = (await connection.execute(page.limit(limit))).all()
        classes = await self._classes(connection, rows)
        children = await self._children(connection, rows) if values else {}
        names = await self._names(connection, rows) if values else {}
        opened = await _problems(connection, rows)
        return [
            Differing(
                difference_id=row.difference_id,
                kind=Difference(row.kind),
                school=row.school,
                area=row.area,
                class_name=classes.get(row.roster_id, ""),
                record_id=None if row.kind == Difference.NO_RECORD else row.subject_id,
                problem_id=opened.get(row.subject_id),
                listed_name=child.particulars.name if child else None,
                recorded_name=names.get(row.subject_id),
                reason=child.reason if child else "",
            )
            for row in rows
            for child in [children.get((row.roster_id, row.place))]
        ]

    async def temporaries(
        self,
        connection: AsyncConnection,
        begun: Round,
        scope: Scope,
        before: datetime,
        after: str,
        limit: int,
        *,
        values: bool,
    ) -> list[OldTemporary]:
        """The records whose temporary number is known since before a moment, after an id."""
        old = and_(_temporaries.round_id == begun.round_id, _temporaries.since_at <= before)
        mine = within(scope, _temporaries.school, _temporaries.area)
        query = select(periodic_temporaries).where(old, mine, _temporaries.subject_id > after)
        page = query.order_by(_temporaries.subject_id).limit(limit)
        rows = (await connection.execute(page)).all()
        names = await self._names(connection, rows) if values else {}
        return [
            OldTemporary(
                row.subject_id, row.school, row.area, row.since_at, names.get(row.subject_id)
            )
            for row in rows
        ]

    async def _names(self, connection: AsyncConnection, rows: _Rows) -> Mapping[str, str]:
        ids = [row.subject_id for row in rows]
        held = await self.holdings.open(connection, ids)
        return {one: held[one].identity.name for one in held if held[one].recorded}

    async def _classes(self, connection: AsyncConnection, rows: _Rows) -> Mapping[str, str]:
        ids = sorted({row.roster_id for row in rows if row.roster_id})
        query = select(_rosters.roster_id, _rosters.class_name)
        found = await connection.execute(query.where(_rosters.roster_id.in_(ids)))
        return {row.roster_id: row.class_name for row in found}

    async def _children(self, connection: AsyncConnection, rows: _Rows) -> Mapping[_Place, Child]:
        places = [(row.roster_id, row.place) for row in rows if row.roster_id]
        if not places:
            return {}
        keys = await load_keys(connection, sorted({place[0] for place in places}), self.sealer)
        named = tuple_(_children.roster_id, _children.place).in_(places)
        found = await connection.execute(select(periodic_children).where(named))
        return {
            (row.roster_id, row.place): child_of(row, keys[row.roster_id])
            for row in found
            if row.roster_id in keys
        }


async def _problems(connection: AsyncConnection, rows: _Rows) -> Mapping[str, str]:
    """The problem record that has gathered the mismatch of each record."""
    found = problem_findings.c
    ids = [row.subject_id for row in rows]
    mismatch = found.problem_class == ProblemClass.ROSTER_MISMATCH.value
    query = select(found.subject_id, found.problem_id).where(mismatch, found.subject_id.in_(ids))
    opened = await connection.execute(query.where(found.problem_id.is_not(None)))
    return {row.subject_id: row.problem_id for row in opened}
