from sqlalchemy import func, select

from contracts.capabilities import Claim
from gateway.verification.positives import Positives, positives
from gateway.verification.queries.forgetting import Forgetting
from gateway.verification.queries.tables import identity_queries
from gateway.verification.tables import verifications
from gateway.web.idempotency import Keys
from gateway.wiring.verification import wire_positives
from tests.verification.queries.conftest import ANN, BEN, NOBODY, Counter, Opened, claim

HOUR = 3600.0


async def kept(counter: Counter) -> int:
    async with counter.stage.ground.database.reading() as connection:
        counted = select(func.count()).select_from(positives)
        return int((await connection.execute(counted)).scalar_one())


async def test_a_match_is_told_again_for_some_hours_with_its_age(opened_on_each_engine: Opened):
    counter = await opened_on_each_engine()
    first = (await counter.ask(claim(ANN))).json()
    counter.stage.clock.advance(3 * HOUR)
    again = (await counter.ask(claim(ANN))).json()
    assert (again["outcome"], again["recalled"], again["age_seconds"]) == ("MATCH", True, 3 * HOUR)
    assert again["answered_at"] == first["answered_at"]
    assert again["question"] == first["question"]
    assert await counter.asked() == 1
    counter.stage.clock.advance(2 * HOUR)
    assert (await counter.ask(claim(ANN))).json()["recalled"] is False
    assert await counter.asked() == 2


async def test_what_was_recalled_is_on_record_with_the_exchange_it_comes_from(opened: Opened):
    counter = await opened()
    await counter.ask(claim(ANN))
    await counter.ask(claim(ANN))
    written = await counter.stage.entries()
    (call,) = {e["object"] for e in written if e["action"] == "register.answered"}
    (recalled,) = [e for e in written if e["outcome"] == "recalled"]
    assert recalled["content"]["recalled_call"] == call
    viewed = [e for e in written if e["action"] == "record.viewed"]
    assert [e["content"]["call"] for e in viewed] == [call, call]


async def test_no_other_answer_is_ever_kept(opened: Opened):
    counter = await opened()
    for child in (BEN, NOBODY, BEN, NOBODY):
        assert (await counter.ask(claim(child))).json()["recalled"] is False
    assert (await counter.asked(), await kept(counter)) == (4, 0)


async def test_a_match_holds_for_that_number_and_that_name_only(opened: Opened):
    counter = await opened()
    await counter.ask(claim(ANN))
    other = (await counter.ask(claim(ANN, name="别名"))).json()
    assert (other["outcome"], other["recalled"]) == ("NAME_MISMATCH", False)


async def test_a_correction_clears_what_is_kept_of_the_number(opened: Opened):
    counter = await opened()
    await counter.ask(claim(ANN))
    kept_here = wire_positives(counter.stage.ground)
    async with counter.stage.ground.database.transaction() as connection:
        assert await kept_here.forget(connection, [ANN.document]) == 1
    assert (await counter.ask(claim(ANN))).json()["recalled"] is False


async def test_a_register_that_says_otherwise_now_clears_it_too(opened: Opened):
    counter = await opened()
    await counter.ask(claim(ANN))
    await counter.ask(claim(ANN, name="别名"))
    assert await kept(counter) == 0


async def test_with_no_hours_nothing_is_kept_and_nothing_recalled(opened: Opened):
    counter = await opened()
    ground = counter.stage.ground
    off = Positives(ground.sealer, ground.clock, hours=0)
    one = Claim(ANN.document, ANN.name)
    async with ground.database.transaction() as connection:
        await off.keep(connection, [(one, "call", None)])
        assert await off.recall(connection, [one]) == {}
    assert await kept(counter) == 0


async def test_after_its_time_a_query_is_destroyed_with_its_key(opened_on_each_engine: Opened):
    from gateway.sealing import data_keys

    counter = await opened_on_each_engine()
    query_id = (await counter.ask(claim(ANN), key="k-1")).json()["verification_id"]
    ground = counter.stage.ground
    forgetting = Forgetting(
        ground.database, ground.clock, wire_positives(ground), Keys(ground.sealer, ground.clock)
    )
    days = ground.settings.verification.kept_days
    for seconds, status in ((days * 24 * HOUR - 1, 200), (1, 404)):
        counter.stage.clock.advance(seconds)
        await forgetting.run()
        assert (await counter.read(query_id)).status_code == status
    async with ground.database.reading() as connection:
        for table in (identity_queries, verifications, positives):
            assert (await connection.execute(select(table))).all() == []
        wrapped = (await connection.execute(select(data_keys.c.wrapped))).scalars().all()
    assert wrapped == [None]
