import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.clock import VirtualClock
from gateway.database import Database
from gateway.sealing import Sealer
from gateway.web.idempotency import KEPT, Keys, Wish
from gateway.web.problems import Kind, Problem

NOON = datetime(2027, 9, 1, 4, tzinfo=UTC)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
def keys(clock: VirtualClock) -> Keys:
    return Keys(Sealer(b"f" * 32, b"i" * 32), clock)


async def claimed(database: Database, keys: Keys, wish: Wish, resource: str) -> str:
    async with database.transaction() as connection:
        return await keys.claim(connection, wish, resource, running_seconds=10.0)


async def settled(database: Database, keys: Keys, wish: Wish) -> None:
    async with database.transaction() as connection:
        await keys.settle(connection, wish)


async def test_a_repeat_is_led_to_what_the_first_request_made(database: Database, keys: Keys):
    wish = keys.wish("school", "k-1", "ask", b"{}")
    assert await claimed(database, keys, wish, "first") == "first"
    await settled(database, keys, wish)
    assert await claimed(database, keys, wish, "second") == "first"


async def test_a_repeat_while_the_first_still_runs_is_told_when_to_come_again(
    database: Database, keys: Keys, clock: VirtualClock
):
    wish = keys.wish("school", "k-1", "ask", b"{}")
    await claimed(database, keys, wish, "first")
    clock.advance(4)
    with pytest.raises(Problem) as refused:
        await claimed(database, keys, wish, "second")
    assert (refused.value.kind, refused.value.retry_after) == (Kind.STILL_RUNNING, 6.0)


async def test_a_first_request_that_died_stops_nobody_for_longer_than_it_may_run(
    database: Database, keys: Keys, clock: VirtualClock
):
    wish = keys.wish("school", "k-1", "ask", b"{}")
    await claimed(database, keys, wish, "first")
    clock.advance(10)
    assert await claimed(database, keys, wish, "second") == "first"


@pytest.mark.parametrize(
    ("caller", "operation", "body", "kind"),
    [
        ("school", "ask", b'{"name":"x"}', Kind.KEY_REUSED),
        ("school", "ask many", b"{}", Kind.KEY_REUSED),
        ("other school", "ask", b'{"name":"x"}', None),
    ],
)
async def test_a_key_stands_for_one_request_of_one_caller(
    database: Database, keys: Keys, caller: str, operation: str, body: bytes, kind: Kind | None
):
    first = keys.wish("school", "k-1", "ask", b"{}")
    await claimed(database, keys, first, "first")
    await settled(database, keys, first)
    other = keys.wish(caller, "k-1", operation, body)
    if kind is None:
        assert await claimed(database, keys, other, "second") == "second"
        return
    with pytest.raises(Problem) as refused:
        await claimed(database, keys, other, "second")
    assert refused.value.kind is kind


async def test_another_content_is_refused_even_while_the_first_runs(database: Database, keys: Keys):
    await claimed(database, keys, keys.wish("school", "k-1", "ask", b"{}"), "first")
    with pytest.raises(Problem) as refused:
        await claimed(database, keys, keys.wish("school", "k-1", "ask", b"[]"), "second")
    assert refused.value.kind is Kind.KEY_REUSED


async def test_a_key_is_kept_three_days_and_then_forgotten(
    database: Database, keys: Keys, clock: VirtualClock
):
    wish = keys.wish("school", "k-1", "ask", b"{}")
    await claimed(database, keys, wish, "first")
    for wait, resource in ((KEPT.total_seconds() - 1, "first"), (1, "third")):
        clock.advance(wait)
        async with database.transaction() as connection:
            await keys.forget(connection)
        assert await claimed(database, keys, wish, "third") == resource
    assert timedelta(hours=72) <= KEPT


async def test_a_key_whose_work_was_undone_stands_for_nothing(database: Database, keys: Keys):
    wish = keys.wish("school", "k-1", "ask", b"{}")
    async with database.engine.connect() as connection:
        await keys.claim(connection, wish, "first", running_seconds=10.0)
        await connection.rollback()
    assert await claimed(database, keys, wish, "second") == "second"


async def test_of_many_at_once_one_does_the_work(database: Database, keys: Keys):
    wish = keys.wish("school", "k-1", "ask", b"{}")
    tries = [claimed(database, keys, wish, f"try {n}") for n in range(8)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    won = [result for result in results if isinstance(result, str)]
    refused = [result.kind for result in results if isinstance(result, Problem)]
    assert len(won) == 1
    assert refused == [Kind.STILL_RUNNING] * 7


async def test_neither_the_key_nor_the_content_can_be_read_or_tried_out(keys: Keys):
    wish = keys.wish("school", "Wang-Xiaoming", "ask", b"999999201801010014")
    same = Keys(Sealer(b"f" * 32, b"other-index-key-of-32-bytes-----"), VirtualClock(NOON)).wish(
        "school", "Wang-Xiaoming", "ask", b"999999201801010014"
    )
    assert "Wang" not in wish.key_hash
    assert wish.fingerprint != same.fingerprint
