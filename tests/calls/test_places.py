"""Who gets a place when there are few: people before batches, and batches all the same."""

import asyncio
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from gateway.calls.limit import Limit
from gateway.calls.places import TURNS_OF_PEOPLE, Places

PERSON, BATCH = True, False


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def queue(places: Places, kinds: list[bool]) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(places.take(interactive=kind)) for kind in kinds]
    await settle()
    return tasks


async def test_batches_never_take_the_last_place() -> None:
    places = Places(Limit(4))
    batch = await queue(places, [BATCH] * 10)
    assert places.under_way == 3
    person = await queue(places, [PERSON])
    assert person[0].done()
    await cancel(batch)


async def test_people_go_first_and_every_tenth_place_is_a_batchs() -> None:
    places = Places(Limit(1))
    await places.take(interactive=PERSON)
    waiting = await queue(places, [BATCH] * 3 + [PERSON] * 40)
    order = []
    held = PERSON
    for _ in range(30):
        before = {task for task in waiting if task.done()}
        places.leave(interactive=held)
        await settle()
        (turn,) = {task for task in waiting if task.done()} - before
        held = BATCH if waiting.index(turn) < 3 else PERSON
        order.append(held)
    assert order.count(BATCH) == 3
    assert order[TURNS_OF_PEOPLE - 1 : TURNS_OF_PEOPLE + 1].count(BATCH) == 1
    await cancel(waiting)


async def test_a_lane_squeezed_to_one_still_has_a_second_place_for_a_person() -> None:
    limit = Limit(16)
    for step in range(60):
        limit.learn("o", 0.1, failed=True, under_way=16, at=float(step))
    assert limit.now == 1
    places = Places(limit)
    await queue(places, [BATCH] * 2)
    assert places.under_way == 1
    await places.take(interactive=PERSON)
    assert places.under_way == 2


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=60), st.integers(1, 6))
def test_no_place_is_lost_or_given_twice_whoever_gives_up(
    story: list[tuple[bool, int]], most: int
) -> None:
    asyncio.run(live(story, most))


async def live(story: list[tuple[bool, int]], most: int) -> None:
    places = Places(Limit(most))
    tasks: list[tuple[asyncio.Task[None], bool]] = []
    left: set[int] = set()
    for kind, act in story:
        if act < 2:
            tasks.append((asyncio.create_task(places.take(interactive=kind)), kind))
        waiting = [task for task, _ in tasks if not task.done()]
        if act in (2, 3) and waiting:
            waiting[0].cancel()
        if act >= 3:
            leave_one(places, tasks, left)
        await settle()
        having = [n for n, task in enumerate(tasks) if _has_place(task[0]) and n not in left]
        assert places.under_way == len(having) <= most
    while any(not task.done() for task, _ in tasks):
        assert leave_one(places, tasks, left), "somebody waits though every place is free"
        await settle()


def leave_one(places: Places, tasks: list[tuple[asyncio.Task[None], bool]], left: set[int]) -> bool:
    for number, (task, kind) in enumerate(tasks):
        if _has_place(task) and number not in left:
            left.add(number)
            places.leave(interactive=kind)
            return True
    return False


def _has_place(task: asyncio.Task[None]) -> bool:
    return task.done() and not task.cancelled()


async def cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert Counter(type(one) for one in done).keys() <= {type(None), asyncio.CancelledError}
