"""The request secret: fetched once, renewed when it must be, and never fought over."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from adapters.population.zhejiang.adapter import CHECK, Zhejiang
from adapters.population.zhejiang.keys import BY_KEY, BY_REFRESH
from adapters.simulation.clock import ClockSetting, SimulatorClock
from adapters.transport import Client
from contracts.capabilities import Asker, Claim
from contracts.errors import Closed, NotEntitled, SystemFailure, Unavailable, Unreadable
from tests.adapters.population.zhejiang.conftest import Arm, Log
from tests.adapters.population.zhejiang.invented import NOON, Kept, open_adapter

ONE = Claim("999999201801010014", "测试甲")


async def ask(zhejiang: Zhejiang, asker: Asker) -> str:
    (verdict,) = (await zhejiang.check([ONE], asker, trace_id="t")).value
    return verdict.outcome.value


async def calls(log: Log) -> list[str]:
    return [entry["operation"] for entry in await log()]


def pass_time(clock: SimulatorClock, **duration: float) -> None:
    clock.set(ClockSetting(advance_seconds=timedelta(**duration).total_seconds()))


async def test_one_secret_serves_many_questions(zhejiang: Zhejiang, asker: Asker, log: Log) -> None:
    ends = await asyncio.gather(*(ask(zhejiang, asker) for _ in range(8)))
    assert ends == ["MATCH"] * 8
    assert Counter(await calls(log)) == {BY_KEY: 1, CHECK: 8}


async def test_the_secret_is_renewed_three_minutes_before_it_ends(
    zhejiang: Zhejiang, asker: Asker, log: Log, clock: SimulatorClock, kept: Kept
) -> None:
    await ask(zhejiang, asker)
    (secret,) = kept.secrets.values()
    assert secret.expires_at == NOON + timedelta(minutes=12)
    pass_time(clock, minutes=11.9)
    await ask(zhejiang, asker)
    pass_time(clock, minutes=0.1)
    await ask(zhejiang, asker)
    assert await calls(log) == [BY_KEY, CHECK, CHECK, BY_REFRESH, CHECK]


async def test_a_refresh_secret_that_ran_out_gives_way_to_the_apps_own(
    zhejiang: Zhejiang, asker: Asker, log: Log, clock: SimulatorClock
) -> None:
    await ask(zhejiang, asker)
    pass_time(clock, hours=48)
    assert await ask(zhejiang, asker) == "MATCH"
    assert await calls(log) == [BY_KEY, CHECK, BY_REFRESH, BY_KEY, CHECK]


@pytest.mark.parametrize("kind", ["secret_rotated", "secret_ended"])
async def test_a_refused_secret_is_renewed_once_and_the_question_asked_again(
    zhejiang: Zhejiang, asker: Asker, log: Log, arm: Arm, kind: str
) -> None:
    await ask(zhejiang, asker)
    await arm(script=[{"operation": CHECK, "nth": 1, "kind": kind}])
    assert await ask(zhejiang, asker) == "MATCH"
    assert (await calls(log)).count(CHECK) == 3
    # A secret that merely ended leaves the refresh secret good; one renewed by others does not.
    renewals = {"secret_rotated": [BY_REFRESH, BY_KEY], "secret_ended": [BY_REFRESH]}[kind]
    assert [call for call in await calls(log) if call != CHECK] == [BY_KEY, *renewals]


async def test_many_questions_that_meet_one_refused_secret_share_its_renewal(
    zhejiang: Zhejiang, asker: Asker, log: Log, arm: Arm
) -> None:
    await ask(zhejiang, asker)
    await arm(script=[{"operation": CHECK, "nth": 3, "kind": "secret_rotated"}])
    ends = await asyncio.gather(*(ask(zhejiang, asker) for _ in range(20)))
    assert ends == ["MATCH"] * 20
    counted = Counter(await calls(log))
    assert (counted[BY_REFRESH], counted[BY_KEY]) == (1, 2)
    # One at the start, twenty, and those of the twenty that came with the ended secret again.
    assert 22 <= counted[CHECK] <= 1 + 2 * 20


async def test_a_secret_refused_again_is_left_for_later(
    zhejiang: Zhejiang, asker: Asker, log: Log, arm: Arm
) -> None:
    await arm(script=[{"operation": CHECK, "kind": "secret_rotated"}])
    with pytest.raises(Unavailable) as caught:
        await ask(zhejiang, asker)
    assert caught.value.code == "14"
    assert (await calls(log)).count(CHECK) == 2


async def test_two_that_do_not_share_end_each_others_secrets_and_still_get_answers(
    client: Client, clock: SimulatorClock, asker: Asker
) -> None:
    one, other = open_adapter(client, clock), open_adapter(client, clock)
    for adapter in (one, other) * 3:
        assert await ask(adapter, asker) == "MATCH"


async def test_two_that_share_fetch_one_secret(
    client: Client, clock: SimulatorClock, asker: Asker, kept: Kept, log: Log
) -> None:
    one = open_adapter(client, clock, secrets=kept)
    other = open_adapter(client, clock, secrets=kept, system="population_other")
    await asyncio.gather(ask(one, asker), ask(other, asker))
    assert Counter(await calls(log)) == {BY_KEY: 1, CHECK: 2}


@pytest.mark.parametrize("wrong", [{"app_secret": "guessed"}, {"app_key": "unknown"}])
async def test_a_wrong_app_is_an_operators_matter(
    client: Client, clock: SimulatorClock, asker: Asker, log: Log, wrong: dict[str, str]
) -> None:
    with pytest.raises(NotEntitled):
        await ask(open_adapter(client, clock, **wrong), asker)
    assert await calls(log) == [BY_KEY]


@pytest.mark.parametrize(("minutes", "served"), [(4.9, True), (5.1, False), (-5.1, False)])
async def test_a_clock_that_is_wrong_breaks_the_signature(
    client: Client, clock: SimulatorClock, asker: Asker, minutes: float, served: bool
) -> None:
    adapter = open_adapter(client, clock, now=lambda: clock.now() + timedelta(minutes=minutes))
    if served:
        assert await ask(adapter, asker) == "MATCH"
        return
    with pytest.raises(NotEntitled):
        await ask(adapter, asker)


ISSUING = [
    ("as_text", "", None),
    ("nested", "", None),
    ("as_list", "", Unreadable),
    ("null", "", Unreadable),
    ("empty_list_text", "", Unreadable),
    ("blank", "", Unavailable),
    ("name_twice", "", Unreadable),
    ("cut", "", Unreadable),
    ("gzip_bomb", "", Unreadable),
    ("html_200", "", Unreadable),
    ("reset", "", Unavailable),
    ("refused", "18", Closed),
    ("refused", "99", Unreadable),
    ("http_500", "", Unavailable),
]


@pytest.mark.parametrize(("kind", "code", "failure"), ISSUING)
async def test_a_secret_that_did_not_come_is_a_named_failure_and_asked_for_again(
    zhejiang: Zhejiang,
    asker: Asker,
    arm: Arm,
    kind: str,
    code: str,
    failure: type[SystemFailure] | None,
) -> None:
    await arm(script=[{"operation": BY_KEY, "nth": 1, "kind": kind, "code": code}])
    if failure is not None:
        with pytest.raises(failure):
            await ask(zhejiang, asker)
    assert await ask(zhejiang, asker) == "MATCH"


async def test_a_new_secret_that_got_lost_on_its_way_ends_no_ones_day(
    zhejiang: Zhejiang, asker: Asker, arm: Arm, clock: SimulatorClock
) -> None:
    await ask(zhejiang, asker)
    pass_time(clock, minutes=13)
    await arm(script=[{"operation": BY_REFRESH, "nth": 1, "kind": "lost_answer"}])
    with pytest.raises(Unavailable):
        await ask(zhejiang, asker)
    # The platform has ended the refresh secret we hold: the app's own must do.
    assert await ask(zhejiang, asker) == "MATCH"


async def test_secrets_are_in_no_repr(zhejiang: Zhejiang, asker: Asker, kept: Kept) -> None:
    await ask(zhejiang, asker)
    ((name, secret),) = kept.secrets.items()
    for text in (repr(secret), repr(zhejiang), repr(vars(zhejiang)), name):
        for hidden in (secret.value, secret.renewal, "testApp"):
            assert hidden not in text
