"""Committed rows are numbered 1 to n, each once, whoever is late, rolls back or is killed.

`TEST_LETTERS` sets how many rows each of the eight writers writes; 60 where it is not given.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

import pytest
from sqlalchemy.exc import IntegrityError

from gateway.database import Database
from gateway.sequence.lease import LEASE_SECONDS
from gateway.sequence.numbering import Numbering
from tests.store.letters import NUMBERED, declared, letters, number_for_ever, numbers

WRITERS = 8
EACH = int(os.environ.get("TEST_LETTERS", "60"))
NOW = datetime(2026, 9, 1, tzinfo=UTC)
LEASE = timedelta(seconds=LEASE_SECONDS)


@pytest.fixture
async def store(database: Database) -> Database:
    async with database.transaction() as connection:
        await connection.run_sync(declared.create_all)
    return database


@pytest.fixture
def committed() -> set[str]:
    return set()


async def write(store: Database, *ids: str) -> None:
    async with store.transaction() as connection:
        await connection.execute(letters.insert(), [{"letter_id": each} for each in ids])


async def step(store: Database, numbering: Numbering, now: datetime, limit: int = 100) -> int:
    async with store.transaction() as connection:
        return await numbering.step(connection, now, limit)


async def write_at_random(store: Database, writer: int, committed: set[str]) -> None:
    chance = Random(writer)
    for place in range(EACH):
        letter_id = f"{chance.randbytes(8).hex()}-{writer}-{place}"
        try:
            async with store.transaction() as connection:
                await connection.execute(letters.insert(), {"letter_id": letter_id})
                await asyncio.sleep(chance.random() * 0.006)
                if chance.random() < 0.1:
                    raise asyncio.InvalidStateError
        except asyncio.InvalidStateError:
            continue
        committed.add(letter_id)


async def number_the_rest(store: Database, now: datetime) -> None:
    numbering = Numbering(NUMBERED, "the last")
    while await step(store, numbering, now):
        pass


def every_lease_apart() -> Iterator[datetime]:
    return (NOW + place * LEASE for place in count())


async def test_rows_are_numbered_in_the_order_of_their_ids(store: Database) -> None:
    await write(store, "b", "a")
    numbering = Numbering(NUMBERED, "here")
    assert await step(store, numbering, NOW) == 2
    await write(store, "A")
    assert await step(store, numbering, NOW) == 1
    assert await step(store, numbering, NOW) == 0
    assert await numbers(store) == {"a": 1, "b": 2, "A": 3}


async def test_no_more_rows_are_numbered_at_once_than_allowed(store: Database) -> None:
    await write(store, *"abcde")
    numbering = Numbering(NUMBERED, "here")
    assert [await step(store, numbering, NOW, 2) for _ in range(4)] == [2, 2, 1, 0]
    assert await numbers(store) == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}


async def test_one_process_leads_until_its_lease_ends(store: Database) -> None:
    here, there = Numbering(NUMBERED, "here"), Numbering(NUMBERED, "there")
    await step(store, here, NOW)
    await write(store, "a")
    just_before = NOW + LEASE - timedelta(microseconds=1)
    assert await step(store, there, just_before) == 0
    assert await step(store, there, NOW + LEASE) == 1


async def test_a_leader_that_slept_through_its_lease_numbers_nothing(store: Database) -> None:
    here, there = Numbering(NUMBERED, "here"), Numbering(NUMBERED, "there")
    await step(store, here, NOW)
    await step(store, there, NOW + LEASE)
    await write(store, "a")
    assert await step(store, here, NOW + LEASE) == 0
    assert await numbers(store) == {"a": None}


async def test_a_name_used_twice_does_not_make_two_leaders(store: Database) -> None:
    first, second = Numbering(NUMBERED, "here"), Numbering(NUMBERED, "here")
    await step(store, first, NOW)
    await step(store, second, NOW + LEASE)
    await write(store, "a")
    assert await step(store, first, NOW + LEASE) == 0
    assert await step(store, second, NOW + LEASE) == 1


async def test_a_leader_that_stops_is_succeeded_at_once(store: Database) -> None:
    here, there = Numbering(NUMBERED, "here"), Numbering(NUMBERED, "there")
    await step(store, here, NOW)
    async with store.transaction() as connection:
        await here.stop(connection, NOW)
    await write(store, "a")
    assert await step(store, there, NOW) == 1


async def test_a_leader_leads_on_after_its_first_transaction_was_undone(store: Database) -> None:
    numbering = Numbering(NUMBERED, "here")
    await write(store, "a")

    async def fail() -> None:
        async with store.transaction() as connection:
            await numbering.step(connection, NOW, 100)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await numbers(store) == {"a": None}
    assert await step(store, numbering, NOW) == 1


async def test_no_two_rows_can_share_a_number(store: Database) -> None:
    await write(store, "a", "b")

    async def share() -> None:
        async with store.transaction() as connection:
            await connection.execute(letters.update().values(number=1))

    with pytest.raises(IntegrityError):
        await share()


@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)
async def test_a_row_committed_late_is_numbered_late_and_not_lost(store: Database) -> None:
    numbering = Numbering(NUMBERED, "here")
    async with store.transaction() as late:
        await late.execute(letters.insert(), {"letter_id": "a"})
        await write(store, "b")
        assert await step(store, numbering, NOW) == 1
    assert await step(store, numbering, NOW) == 1
    assert await numbers(store) == {"b": 1, "a": 2}


async def test_writers_and_cancelled_leaders_leave_no_gap(
    store: Database, committed: set[str]
) -> None:
    chance = Random(20)
    writing = asyncio.gather(
        *(write_at_random(store, writer, committed) for writer in range(WRITERS))
    )
    leases = every_lease_apart()
    while not writing.done():
        leader = asyncio.create_task(number_for_ever(store, f"{chance.random()}", next(leases)))
        await asyncio.sleep(chance.random() * 0.03)
        leader.cancel()
        await asyncio.wait([leader])
        assert leader.cancelled()
    await writing
    await number_the_rest(store, next(leases))
    assert_gapless(await numbers(store), committed)


async def test_writers_and_killed_leaders_leave_no_gap(
    store: Database, migrated_url: str, committed: set[str]
) -> None:
    chance = Random(20)
    leases = every_lease_apart()
    for life in range(3):
        await write(store, f"first {life}")
        committed.add(f"first {life}")
        async with leading(migrated_url, next(leases)):
            await until_numbered(store, f"first {life}")
            writing = asyncio.gather(
                *(write_some(store, f"{life} {writer}", committed) for writer in range(WRITERS))
            )
            await asyncio.sleep(chance.random() * 0.05)
        await writing
    await number_the_rest(store, next(leases))
    assert_gapless(await numbers(store), committed)


@asynccontextmanager
async def leading(url: str, now: datetime) -> AsyncIterator[None]:
    """A process of its own that numbers; killed without warning at the end."""
    words = ("-m", "tests.store.letters", url, "leader", now.isoformat())
    leader = await asyncio.create_subprocess_exec(sys.executable, *words)
    try:
        yield
    finally:
        leader.kill()
        assert await leader.wait() == -signal.SIGKILL


async def write_some(store: Database, name: str, committed: set[str]) -> None:
    for place in range(EACH // 4):
        await write(store, f"{name} {place}")
        committed.add(f"{name} {place}")


async def until_numbered(store: Database, letter_id: str) -> None:
    while (await numbers(store))[letter_id] is None:
        await asyncio.sleep(0.01)


def assert_gapless(given: dict[str, int | None], committed: set[str]) -> None:
    assert given.keys() == committed
    assert sorted(given.values(), key=int) == list(range(1, len(committed) + 1))
