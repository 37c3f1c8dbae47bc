"""What entries say of a child goes in its time, never before, and never while it is on hold."""

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from contracts.records import Document
from gateway.auditing.keeping import Keeping
from gateway.auditing.packing import NotApproved
from gateway.auditing.trails import Named
from gateway.clock import VirtualClock
from gateway.database import Database
from gateway.evidence import Action, Actor, Entry, Log, Subject
from gateway.evidence.log import recompute
from gateway.evidence.retaining.classes import KeepingClass
from gateway.evidence.retaining.expiring import FLOORS, Expiring
from gateway.evidence.retaining.holding import NoSuchHold, OnHold
from gateway.evidence.searching.indexing import index_entries
from gateway.evidence.searching.tables import entry_index
from gateway.evidence.tables import entries, entry_subjects
from gateway.identifiers import Identifiers
from gateway.people.erasing import Known
from gateway.people.indexes import index_document
from gateway.sealing import Sealer, store_keys

START = datetime(2026, 9, 1, tzinfo=UTC)
SEALER = Sealer(bytes(range(32)), bytes(range(32, 64)))
DAY = timedelta(days=1)
OPERATION, PROVISION = FLOORS[KeepingClass.OPERATION], FLOORS[KeepingClass.PROVISION]
ANN, BEN = (Document("1", "", f"99999920180101{tail}") for tail in ("0014", "0022"))
CHILDREN = {"ann": ANN, "ben": BEN}


def entry(action: Action, case: str = "", *subjects: Subject) -> Entry:
    return Entry(
        action=action,
        outcome="done",
        actor=Actor("jisui", "zhang", "operator", ""),
        purpose="",
        basis="",
        case=case,
        object_ref="",
        request_id="",
        subjects=subjects,
        approval="文号一",
        approver="li",
    )


ORDER = entry(Action.HOLD_PLACED)
EXPIRY = replace(entry(Action.DETAILS_EXPIRED), approval="", approver="")


@dataclass
class Kept:
    """A log with entries about two children, a case each, and what keeps it."""

    database: Database
    clock: VirtualClock
    log: Log
    keeping: Keeping

    async def write(self, action: Action, child: str) -> None:
        wrapped, key = SEALER.new_key()
        key_id = self.keeping.identifiers()
        row = {"key_id": key_id, "wrapped": wrapped, "created_at": self.clock.now()}
        ref = index_document(CHILDREN[child], SEALER) or ""
        subject = Subject(ref, key_id, key, {"said": child}, 1)
        async with self.database.transaction() as connection:
            await store_keys(connection, [row])
            await self.log.append(connection, [entry(action, f"case-{child}", subject)])
        async with self.database.transaction() as connection:
            await self.log.number(connection)
        await index_entries(self.database)

    async def expire(self) -> int:
        return await self.keeping.expire(EXPIRY)

    async def readable(self) -> list[tuple[str, str]]:
        """Action and child of every entry whose particulars are there."""
        query = (
            select(entry_index.c.action, entry_index.c.case_reference)
            .join(entry_subjects, entry_subjects.c.entry_id == entry_index.c.entry_id)
            .where(entry_subjects.c.sealed.is_not(None))
            .order_by(entry_index.c.position)
        )
        async with self.database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [(row.action, row.case_reference.removeprefix("case-")) for row in rows]

    async def root(self) -> tuple[int, str]:
        async with self.database.reading() as connection:
            return await recompute(connection)


@pytest.fixture
async def kept(database: Database) -> Kept:
    clock = VirtualClock(START)
    identifiers = Identifiers(clock, os.urandom)
    log = Log("a log", clock, identifiers)
    expiring = Expiring(database, clock, log, {})
    keeping = Keeping(database, SEALER, clock, identifiers, log, expiring)
    made = Kept(database, clock, log, keeping)
    for child in CHILDREN:
        await made.write(Action.HANDOVER_MOVED, child)
        await made.write(Action.FEED_DELIVERED, child)
    return made


MOVED, TOLD = "handover.moved", "feed.delivered"
ALL = [(MOVED, "ann"), (TOLD, "ann"), (MOVED, "ben"), (TOLD, "ben")]


async def test_each_class_goes_in_its_own_time_and_the_tree_stays_as_it_was(kept: Kept) -> None:
    before = await kept.root()
    kept.clock.set(START + OPERATION)
    assert await kept.expire() == 0
    assert await kept.readable() == ALL
    kept.clock.advance(1)
    assert await kept.expire() == 2
    assert await kept.readable() == [(TOLD, "ann"), (TOLD, "ben")]
    kept.clock.set(START + PROVISION)
    assert await kept.expire() == 0
    kept.clock.advance(1)
    assert await kept.expire() == 2
    assert await kept.readable() == []
    assert await kept.root() == before


async def test_letting_go_is_on_record_and_done_once(kept: Kept) -> None:
    kept.clock.set(START + OPERATION + DAY)
    await kept.expire()
    assert await kept.expire() == 0
    async with kept.database.reading() as connection:
        written = (await connection.execute(select(entries.c.canonical))).scalars().all()
    expired = [each for each in written if b'"details.expired"' in each]
    assert len(expired) == 1
    assert b'"details":"2"' in expired[0]


async def test_no_configuration_goes_below_the_floor(kept: Kept) -> None:
    hasty = dict.fromkeys(KeepingClass, timedelta(0))
    expiring = replace(kept.keeping.expiring, kept_for=hasty)
    kept.clock.set(START + OPERATION)
    assert await expiring.run(EXPIRY) == 0
    async with kept.database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(entries)) == 4


async def test_a_longer_time_counts(kept: Kept) -> None:
    patient = {KeepingClass.OPERATION: OPERATION + 10 * DAY}
    expiring = replace(kept.keeping.expiring, kept_for=patient)
    kept.clock.set(START + OPERATION + 10 * DAY)
    assert await expiring.run(EXPIRY) == 0
    kept.clock.advance(1)
    assert await expiring.run(EXPIRY) == 2


@pytest.mark.parametrize("kind", ["child", "case", "all"])
async def test_what_is_on_hold_stays_until_it_is_released(kept: Kept, kind: str) -> None:
    if kind == "child":
        hold_id = await kept.keeping.hold_child(Named(document=ANN), ORDER)
    else:
        hold_id = await kept.keeping.hold_case("case-ann" if kind == "case" else "", ORDER)
    kept.clock.set(START + PROVISION + DAY)
    await kept.expire()
    assert await kept.readable() == (ALL if kind == "all" else ALL[:2])
    await kept.keeping.release(hold_id, ORDER)
    await kept.expire()
    assert await kept.readable() == []


async def test_an_entry_older_than_one_before_it_waits_for_that(kept: Kept) -> None:
    kept.clock.advance(10 * 86400)
    await kept.write(Action.HANDOVER_MOVED, "ann")
    kept.clock.advance(-5 * 86400)  # committed late: numbered after a younger one
    await kept.write(Action.HANDOVER_MOVED, "ben")
    kept.clock.set(START + OPERATION + 6 * DAY)
    await kept.expire()
    kept.clock.set(START + OPERATION + 11 * DAY)
    await kept.expire()
    assert [action for action, _ in await kept.readable()] == [TOLD, TOLD]


async def test_a_child_on_hold_is_not_erased_and_any_other_is(kept: Kept) -> None:
    await kept.keeping.hold_child(Named(document=ANN), ORDER)
    root = await kept.root()
    ann, ben = (Known(set(), {index_document(each, SEALER) or ""}) for each in (ANN, BEN))
    with pytest.raises(OnHold):
        async with kept.database.transaction() as connection:
            await kept.keeping.erase_details(connection, ann)
    async with kept.database.transaction() as connection:
        await kept.keeping.erase_details(connection, ben)
    assert await kept.readable() == ALL[:2]
    assert await kept.root() == root


async def test_nobody_orders_a_hold_alone(kept: Kept) -> None:
    hold_id = await kept.keeping.hold_case("case-ann", ORDER)
    for wrong in ({"approver": ""}, {"approver": "ZHANG "}, {"approval": ""}):
        order = replace(ORDER, **wrong)
        with pytest.raises(NotApproved):
            await kept.keeping.hold_case("case-ben", order)
        with pytest.raises(NotApproved):
            await kept.keeping.release(hold_id, order)


async def test_a_hold_is_released_once(kept: Kept) -> None:
    hold_id = await kept.keeping.hold_case("case-ann", ORDER)
    await kept.keeping.release(hold_id, ORDER)
    with pytest.raises(NoSuchHold):
        await kept.keeping.release(hold_id, ORDER)
