"""What several tasks ask for at a time is done at once, and one task's fault is not another's."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import update

from gateway.database import Database
from gateway.feed.pushing.gathering import Asked, Gathering, nobody
from gateway.leases import work
from tests.feed.province import children
from tests.feed.pushing.lane import bench, changes_of, subscribe_to_push
from tests.feed.pushing.receiver import OK, Received, receiving

Group = Sequence[Asked[int, int]]


async def test_who_comes_while_a_group_is_at_it_is_the_next_group() -> None:
    groups, go_on = list[list[int]](), asyncio.Event()

    async def double(group: Group) -> None:
        groups.append([asked.what for asked in group])
        await go_on.wait()
        for asked in group:
            asked.answer(2 * asked.what)

    gathering = Gathering(double, nobody)
    tasks = [asyncio.create_task(gathering.ask(1))]
    while not groups:
        await asyncio.sleep(0)
    tasks += [asyncio.create_task(gathering.ask(number)) for number in (2, 3)]
    await asyncio.sleep(0)
    go_on.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6]
    assert groups == [[1], [2, 3]]
    await gathering.close()


async def test_a_fault_reaches_those_of_its_group_who_have_no_answer_yet() -> None:
    async def fail(group: Group) -> None:
        if group[0].what == 0:
            raise ValueError("not zero")
        group[0].answer(1)
        group[1].refuse(KeyError("second"))
        raise ValueError("too late for the first two")

    gathering = Gathering(fail, nobody)
    with pytest.raises(ValueError, match="not zero"):
        await gathering.ask(0)
    asking = (gathering.ask(number) for number in (1, 2, 3))
    first, second, third = await asyncio.gather(*asking, return_exceptions=True)
    assert first == 1
    assert isinstance(second, KeyError)
    assert isinstance(third, ValueError)


async def test_who_is_cancelled_leaves_the_others_their_answers() -> None:
    go_on = asyncio.Event()

    async def answer(group: Group) -> None:
        await go_on.wait()
        for asked in group:
            asked.answer(asked.what)

    gathering = Gathering(answer, nobody)
    gone, stays = (asyncio.create_task(gathering.ask(number)) for number in (1, 2))
    await asyncio.sleep(0)
    gone.cancel()
    go_on.set()
    assert await stays == 2


async def test_a_lost_lane_undoes_nothing_of_the_lanes_settled_with_it(database: Database) -> None:
    made = await children(database, 1)
    there, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def slowly(request: Received) -> bytes:
        there.release()
        await go_on.wait()
        return OK

    async with receiving(slowly) as subscriber, bench(database) as lanes:
        for name in ("a", "b", "c"):
            await subscribe_to_push(database, name, subscriber.url)
        await changes_of(database, made, 2)
        await lanes.wake()
        turns = [asyncio.create_task(lanes.lanes.step()) for _ in range(3)]
        for _ in turns:
            await there.acquire()
        async with database.transaction() as connection:
            lost = work.c.subject_id == "b"
            await connection.execute(update(work).where(lost).values(fence=work.c.fence + 1))
        go_on.set()
        await asyncio.gather(*turns)
        reached = [(await lanes.standing(name)).reached for name in ("a", "b", "c")]
        assert reached == [2, 0, 2]
