"""A school's list goes in: one handover per child, durable before anybody is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence import Action, Entry
from gateway.intake.acts.letting_go import let_go
from gateway.intake.handing_in.drafting import Draft, Drafting, retake, row_columns
from gateway.intake.handing_in.roll import load_roll, lock_roll
from gateway.intake.handing_in.submission import Received, Submission
from gateway.intake.handover import Handover, add, load, replace_identities, store
from gateway.intake.moves import Moves
from gateway.intake.places import load_places
from gateway.intake.rules.states import Hold, State
from gateway.intake.steps.looking import LOOK
from gateway.intake.tables import handovers, intake_rows, intakes
from gateway.leases import enqueue
from gateway.office_hours import OFFICE_TIME
from gateway.sealing import load_keys, store_keys

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Receiving:
    """Takes lists in."""

    drafting: Drafting
    moves: Moves

    async def receive(
        self, connection: AsyncConnection, submission: Submission, now: datetime
    ) -> Received:
        """The intake for this list; the same bytes, school and year give the same one again."""
        await lock_roll(connection, submission.school, submission.school_year)
        known = await _known(connection, submission)
        if known is not None:
            return Received(known, known=True)
        intake_id = self.drafting.identifiers()
        await connection.execute(insert(intakes).values(_intake(intake_id, submission, now)))
        total = await self._take(connection, intake_id, submission, now)
        await connection.execute(
            update(intakes).where(intakes.c.intake_id == intake_id).values(rows=total)
        )
        return Received(intake_id, known=False)

    async def _take(
        self, connection: AsyncConnection, intake_id: str, submission: Submission, now: datetime
    ) -> int:
        roll = await load_roll(connection, submission.school, submission.school_year)
        rows, total = iter(submission.rows), 0
        while some := list(islice(rows, ROWS_AT_ONCE)):
            draft = self.drafting.draft(some, submission, roll, now)
            await self._write(connection, draft, intake_id, submission, now)
            total += len(some)
        await _mark_undistinguished(connection, roll.undistinguished())
        return total

    async def _write(
        self,
        connection: AsyncConnection,
        draft: Draft,
        intake_id: str,
        submission: Submission,
        now: datetime,
    ) -> None:
        await store_keys(connection, draft.keys)
        new = await self._placed(connection, list(draft.new.values()), now)
        await add(connection, new)
        retaken = await self._retake(connection, draft, submission, now)
        rows = [
            row_columns(intake_id, read, handover_id, draft.opened[handover_id])
            for read, handover_id in draft.rows
        ]
        await connection.execute(insert(intake_rows), rows)
        await self.moves.log.append(connection, [self._entry(intake_id, draft, submission)])
        searching = [h.handover_id for h in (*new, *retaken) if h.state == State.SEARCHING]
        await enqueue(connection, LOOK, searching, now)

    async def _retake(
        self, connection: AsyncConnection, draft: Draft, submission: Submission, now: datetime
    ) -> list[Handover]:
        known = await load(connection, draft.known, lock=True)
        keys = await load_keys(connection, [h.key_id for h in known], self.drafting.sealer)
        draft.opened.update({h.handover_id: keys[h.key_id] for h in known})
        again = [
            retake(h, draft.known[h.handover_id], keys[h.key_id], submission, now) for h in known
        ]
        faulty = {h.handover_id for h in known if h.hold == Hold.DATA_ERROR}
        await replace_identities(connection, [h for h in again if h.handover_id in faulty])
        # A report that the new list takes back lets another school claim the child.
        listed = [h.handover_id for h in again if h.state == State.LISTED]
        await let_go(connection, listed, now)
        return await store(connection, await self._placed(connection, again, now))

    async def _placed(
        self, connection: AsyncConnection, taken: Sequence[Handover], now: datetime
    ) -> list[Handover]:
        places = await load_places(connection, {handover.school for handover in taken})
        today = now.astimezone(OFFICE_TIME).date()
        # A handover that did not move keeps its owner and deadline.
        return [
            self.moves.turns.assign(handover, None, places, today)
            if handover.since_at == now
            else handover
            for handover in taken
        ]

    def _entry(self, intake_id: str, draft: Draft, submission: Submission) -> Entry:
        subjects = [
            self.drafting.subject(handover_id, draft.opened[handover_id], read.row)
            for read, handover_id in draft.rows
        ]
        return Entry(
            action=Action.INTAKE_RECEIVED,
            outcome="received",
            actor=submission.actor,
            purpose=submission.purpose,
            basis=submission.basis,
            case=submission.case,
            object_ref=intake_id,
            request_id=submission.trace_id,
            subjects=subjects,
            content={"school": submission.school, "rows": str(len(draft.rows))},
        )


async def _known(connection: AsyncConnection, submission: Submission) -> str | None:
    query = select(intakes.c.intake_id).where(
        intakes.c.school == submission.school,
        intakes.c.school_year == submission.school_year,
        intakes.c.content_hash == submission.content_hash,
    )
    known: str | None = (await connection.execute(query)).scalar()
    return known


def _intake(intake_id: str, submission: Submission, now: datetime) -> dict[str, object]:
    return {
        "intake_id": intake_id,
        "school": submission.school,
        "school_year": submission.school_year,
        "content_hash": submission.content_hash,
        "rows": 0,
        "confirmed_at": now if submission.confirmed else None,
        "case_reference": submission.case,
        "received_at": now,
    }


async def _mark_undistinguished(connection: AsyncConnection, ids: Sequence[str]) -> None:
    if ids:
        await connection.execute(
            update(handovers).where(handovers.c.handover_id.in_(ids)).values(undistinguished=True)
        )
