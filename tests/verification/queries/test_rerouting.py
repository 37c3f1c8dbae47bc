"""A register that leaves the configuration leaves nobody waiting for it."""

from sqlalchemy import select

from gateway.leases import take, work
from gateway.wiring.verification import reroute_stranded
from tests.verification.queries.conftest import ANN, Counter, Opened, claim

GONE = "population_gone"


async def strand(counter: Counter) -> None:
    """Have all work of verification wait for a register that is not configured."""
    async with counter.stage.ground.database.transaction() as connection:
        kinds = select(work.c.kind).where(work.c.kind.like("%:population")).distinct()
        for kind in (await connection.execute(kinds)).scalars().all():
            gone = kind.replace(":population", f":{GONE}")
            renamed = work.update().where(work.c.kind == kind)
            await connection.execute(renamed.values(kind=gone, held_until=None))


async def kinds(counter: Counter) -> set[str]:
    async with counter.stage.ground.database.reading() as connection:
        found = await connection.execute(select(work.c.kind).where(work.c.kind.like("%:%")))
        return set(found.scalars())


async def test_a_query_that_waits_for_a_register_no_more_configured_is_asked_elsewhere(
    opened_on_each_engine: Opened,
):
    counter = await opened_on_each_engine()
    await counter.stage.set_fault("population", {"kind": "http_500", "operation": "*"})
    query_id = (await counter.ask(claim(ANN), prefer="wait=1")).json()["verification_id"]
    await strand(counter)
    assert await kinds(counter) == {f"query:{GONE}"}
    await counter.stage.set_fault("population")
    counter.stage.clock.advance(3600.0)
    await counter.stage.work()
    assert (await counter.read(query_id)).json()["state"] == "pending"
    await reroute_stranded(counter.stage.ground, counter.stage.systems)
    await counter.stage.work()
    assert (await counter.read(query_id)).json()["outcome"] == "MATCH"
    assert await kinds(counter) == set()


async def test_work_without_a_verification_is_dropped_and_that_of_others_left(opened: Opened):
    counter = await opened()
    ground = counter.stage.ground
    async with ground.database.transaction() as connection:
        for kind in (f"verify:{GONE}", f"verify_else:{GONE}"):
            await take(connection, kind, "nobody", ground.clock.now(), 1.0)
    await reroute_stranded(ground, counter.stage.systems)
    assert await kinds(counter) == {f"verify_else:{GONE}"}
