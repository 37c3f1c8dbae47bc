"""Whoever does not wait is told where to ask; what was begun is finished by somebody."""

import asyncio

import pytest
from sqlalchemy import select

from gateway.access.vocabulary import Role
from gateway.evidence import Actor
from gateway.leases import work
from gateway.verification.asking import LEASE_SECONDS
from tests.verification.queries.conftest import ANN, BEN, Counter, Opened, claim

SLOW = {"kind": "slow", "operation": "*", "seconds": 0.5}
OPERATOR = Actor("operator", "operator", "operator", "")


async def waiting(counter: Counter) -> list[str]:
    """The kinds of single queries that still have work due."""
    async with counter.stage.ground.database.reading() as connection:
        kinds = await connection.execute(select(work.c.kind).where(work.c.kind.like("query:%")))
        return list(kinds.scalars())


async def stop_lane(counter: Counter) -> None:
    ground = counter.stage.ground
    async with ground.database.transaction() as connection:
        await ground.calls.stop(connection, "population", OPERATOR, "a test")


async def resume_lane(counter: Counter) -> None:
    ground = counter.stage.ground
    async with ground.database.transaction() as connection:
        await ground.calls.resume(connection, "population", OPERATOR)


async def test_who_does_not_wait_finds_the_answer_at_the_place_it_was_told(opened: Opened):
    counter = await opened()
    await counter.stage.set_fault("population", SLOW)
    accepted = await counter.ask(claim(ANN), prefer="respond-async")
    assert (accepted.status_code, accepted.json()["state"]) == (202, "pending")
    assert accepted.headers["Preference-Applied"] == "respond-async"
    path = accepted.headers["Location"]
    read = await counter.stage.ask("GET", path, Role.CLERK, more={"Prefer": "wait=20"})
    assert (read.json()["state"], read.json()["outcome"]) == ("answered", "MATCH")
    assert await counter.asked() == 1
    assert await waiting(counter) == []


async def test_an_answer_nobody_waited_for_was_seen_by_nobody(opened: Opened):
    counter = await opened()
    await counter.stage.set_fault("population", SLOW)
    accepted = await counter.ask(claim(ANN), prefer="wait=0")
    assert accepted.status_code == 202
    while await waiting(counter):
        await asyncio.sleep(0.05)
    actions = [entry["action"] for entry in await counter.stage.entries()]
    assert "register.answered" in actions
    assert "record.viewed" not in actions


async def test_while_a_lane_is_stopped_queries_are_kept_and_nothing_leaves(opened: Opened):
    counter = await opened()
    await stop_lane(counter)
    accepted = await counter.ask(claim(ANN), prefer="wait=0")
    assert (accepted.status_code, accepted.json()["state"]) == (202, "pending")
    for _ in range(6):  # far more often than a failing call would be tried
        counter.stage.clock.advance(LEASE_SECONDS)
        await counter.stage.work()
    assert await counter.asked() == 0
    await resume_lane(counter)
    await counter.stage.work()
    read = await counter.read(accepted.json()["verification_id"])
    assert read.json()["outcome"] == "MATCH"
    assert await counter.asked() == 1


async def test_what_a_dead_process_held_the_worker_takes_over_when_its_lease_is_over(
    opened: Opened,
):
    counter = await opened()
    await counter.stage.set_fault("population", {"kind": "hang", "operation": "*", "seconds": 30.0})
    accepted = await counter.ask(claim(ANN), prefer="wait=0")
    (task,) = [task for task in asyncio.all_tasks() if task.get_name() == "single query"]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await counter.stage.set_fault("population")
    await counter.stage.work()
    query_id = accepted.json()["verification_id"]
    assert (await counter.read(query_id)).json()["state"] == "pending"
    counter.stage.clock.advance(LEASE_SECONDS)
    await counter.stage.work()
    assert (await counter.read(query_id)).json()["outcome"] == "MATCH"


async def test_whoever_waits_is_told_as_soon_as_another_process_has_the_answer(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("gateway.verification.words.LOOK_SECONDS", 3600.0)
    counter = await opened()
    await stop_lane(counter)
    accepted = await counter.ask(claim(ANN), prefer="wait=0")
    query_id = accepted.json()["verification_id"]
    await resume_lane(counter)
    reading = asyncio.create_task(counter.read(query_id, prefer="wait=60"))
    await asyncio.sleep(0.3)  # it has looked, and found nothing
    assert not reading.done()
    counter.stage.clock.advance(LEASE_SECONDS)
    await counter.stage.work()
    async with asyncio.timeout(20):
        assert (await reading).json()["outcome"] == "MATCH"


async def test_a_silent_register_leaves_an_unknown_answer_and_never_a_mismatch(opened: Opened):
    counter = await opened()
    await counter.stage.set_fault("population", {"kind": "http_500", "operation": "*"})
    query_id = (await counter.ask(claim(BEN), prefer="wait=1")).json()["verification_id"]
    for _ in range(12):
        counter.stage.clock.advance(LEASE_SECONDS)
        await counter.stage.work()
    said = (await counter.read(query_id)).json()
    assert (said["outcome"], said["attributes"]["number"]) == ("UNKNOWN", "cannot_say")
    assert await waiting(counter) == []


async def test_under_one_key_the_register_is_asked_once(opened_on_each_engine: Opened):
    counter = await opened_on_each_engine()
    await counter.read("0" * 32)  # so that both come from one caller
    await counter.stage.set_fault("population", SLOW)
    first, second = await asyncio.gather(
        counter.ask(claim(ANN), key="k-1"), counter.ask(claim(ANN), key="k-1")
    )
    assert sorted((first.status_code, second.status_code)) == [200, 409]
    assert "Retry-After" in (second if second.status_code == 409 else first).headers
    again = await counter.ask(claim(ANN), key="k-1")
    done = first if first.status_code == 200 else second
    assert again.json()["verification_id"] == done.json()["verification_id"]
    other = await counter.ask(claim(BEN), key="k-1")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key_reused")
    assert await counter.asked() == 1


async def test_a_key_whose_request_was_told_to_come_back_shows_how_things_stand(opened: Opened):
    counter = await opened()
    await counter.stage.set_fault("population", SLOW)
    first = await counter.ask(claim(ANN), key="k-1", prefer="wait=0")
    assert first.status_code == 202
    again = await counter.ask(claim(ANN), key="k-1", prefer="wait=20")
    assert (again.status_code, again.json()["outcome"]) == (200, "MATCH")
    assert again.json()["verification_id"] == first.json()["verification_id"]
