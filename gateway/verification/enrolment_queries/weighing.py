"""Weighing one query: what may be said of its children, and whether it is one too many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Grant
from gateway.access.persons import person
from gateway.access.vocabulary import Purpose
from gateway.verification.enrolment_queries.children import Enrolments, trace
from gateway.verification.enrolment_queries.query import (
    Answered,
    Asked,
    Outcome,
    Refusal,
    Standing,
    Weighed,
)
from gateway.verification.enrolment_queries.recording import Recording
from gateway.verification.enrolment_queries.rules import Enrolled, answer, load_tells
from gateway.verification.enrolment_queries.scanning import Watch, neighbours_asked
from gateway.verification.enrolment_queries.shields import shielded
from gateway.verification.enrolment_queries.stops import Signal, Stop, stop

Caught = tuple[str, Signal]


@dataclass(frozen=True, slots=True)
class Weighing:
    """What weighing needs; `paper_within` is the time an urgent query's paper has."""

    enrolments: Enrolments
    recording: Recording
    watch: Watch
    paper_within: timedelta

    async def weigh(
        self, connection: AsyncConnection, grant: Grant, asked: Asked, query_id: str, now: datetime
    ) -> Answered | Refusal:
        """The answers, unless this query is one too many: then none, and the asker is stopped."""
        weighed = await self._answer(connection, grant, asked, now)
        off_hours = not asked.urgent and not self.watch.hours.covers(now)
        await self.recording.trace(connection, grant, weighed, query_id, now, off_hours=off_hours)
        caught = await self.watch.caught(connection, grant.institution, grant.user, now)
        query = self._query(grant, asked, query_id, weighed, now, stopped=caught is not None)
        await self.recording.keep(connection, query, weighed)
        stopped = await self._stop(connection, query, caught)
        await self.recording.note(connection, grant, query, weighed, stopped)
        if stopped is not None:
            return Refusal.STOPPED
        return Answered(query, [one.answer for one in weighed])

    async def _answer(
        self, connection: AsyncConnection, grant: Grant, asked: Asked, now: datetime
    ) -> list[Weighed]:
        """Each child with what may be said of it; the store is asked the same of every child."""
        sealer = self.recording.sealer
        children = [named.child(sealer) for named in asked.children]
        traces = [trace(named, sealer) for named in asked.children]
        since = now - self.watch.window
        adjacent = await neighbours_asked(connection, grant.institution, traces, since)
        known = await self.enrolments.find(connection, children)
        hidden = await shielded(connection, [child.document for child in children])
        told = load_tells()[_purpose(grant)].attributes(urgent=asked.urgent)
        weighed = []
        for row, child in enumerate(children):
            seen = () if child.document in hidden else known.get(child, ())
            said = answer(seen, grant.scope, told)
            weighed.append(Weighed(asked.children[row], child, traces[row], adjacent[row], said))
        return weighed

    def _query(
        self,
        grant: Grant,
        asked: Asked,
        query_id: str,
        weighed: Sequence[Weighed],
        now: datetime,
        *,
        stopped: bool,
    ) -> Standing:
        said = [] if stopped else [one.answer.enrolled for one in weighed]
        return Standing(
            query_id=query_id,
            unit=grant.institution,
            area=grant.area,
            officer=grant.user,
            approver=asked.approver,
            document_number=grant.case,
            purpose=_purpose(grant),
            urgent=asked.urgent,
            outcome=Outcome.STOPPED if stopped else Outcome.ANSWERED,
            children=len(weighed),
            yes=said.count(Enrolled.YES),
            no=said.count(Enrolled.NO),
            asked_at=now,
            paper_due_at=now + self.paper_within if asked.urgent and not stopped else None,
            paper_number=None,
            paper_at=None,
            chased=0,
        )

    async def _stop(
        self, connection: AsyncConnection, query: Standing, caught: Caught | None
    ) -> Stop | None:
        if caught is None:
            return None
        side, signal = caught
        stopped = Stop(
            stop_id=self.recording.identifiers(),
            unit=query.unit,
            officer=side,
            approver=person(query.approver),
            signal=signal,
            query_id=query.query_id,
            stopped_at=query.asked_at,
        )
        await stop(connection, stopped)
        return stopped


def _purpose(grant: Grant) -> Purpose:
    assert grant.purpose is not None  # the operation touches a child
    return grant.purpose
