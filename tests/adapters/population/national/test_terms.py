"""What was agreed with the platform: its secrets of the day, who may ask, hours and quotas."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from adapters.population.national.adapter import National
from adapters.population.national.contract import CHECK
from adapters.population.national.day_secret import OPERATION
from adapters.population.national.demo import DEMO_BASE, DEMO_CHECK
from adapters.population.national.registration import Subscription
from adapters.simulation.clock import ClockSetting, SimulatorClock
from adapters.simulation.terms import Agreement, OpeningHours
from adapters.transport import Client
from contracts.capabilities import Asker, Claim, Reply, Verdict
from contracts.errors import (
    Ambiguous,
    Closed,
    NotEntitled,
    TooMany,
)
from tests.adapters.population.national.invented import NOON, Kept, open_adapter

Claims = tuple[Claim, ...]
Arm = Callable[..., Awaitable[None]]
Log = Callable[[], Awaitable[list[dict[str, Any]]]]


def outcomes(reply: Reply[tuple[Verdict, ...]]) -> tuple[str, ...]:
    return tuple(verdict.outcome.value for verdict in reply.value)


async def test_the_secret_is_fetched_once_a_day_and_never_goes_out(
    national: National, clock: SimulatorClock, log: Log, kept: Kept, claims: Claims, asker: Asker
) -> None:
    for _ in range(2):
        reply = await national.check(claims, asker, trace_id="t")
    assert [call["operation"] for call in await log()].count(OPERATION) == 1
    (secret,) = kept.secrets.values()
    assert secret.expires_at == (NOON + timedelta(hours=11, minutes=58, seconds=59))
    for hidden in (secret.value, DEMO_CHECK.app_key):
        assert hidden.encode() not in reply.asked
        assert hidden not in repr(national.__dict__) + repr(kept.secrets)
    clock.set(ClockSetting(at=NOON, advance_seconds=12 * 3600 + 1))
    assert outcomes(await national.check(claims, asker, trace_id="t"))[0] == "MATCH"
    assert [call["operation"] for call in await log()].count(OPERATION) == 2


async def test_a_secret_that_ended_on_the_way_is_renewed_and_the_question_asked_again(
    national: National, clock: SimulatorClock, log: Log, kept: Kept, claims: Claims, asker: Asker
) -> None:
    await national.check(claims, asker, trace_id="t")
    (name,) = kept.secrets
    clock.set(ClockSetting(at=NOON, advance_seconds=86400))
    old = kept.secrets[name]
    kept.secrets[name] = dataclasses.replace(old, expires_at=clock.now() + timedelta(hours=1))
    assert outcomes(await national.check(claims, asker, trace_id="t"))[0] == "MATCH"
    assert kept.secrets[name].value != old.value
    assert len(await log()) == 2 + 3


async def test_a_refusal_that_stays_is_not_repeated_a_second_time(
    national: National, arm: Arm, log: Log, claims: Claims, asker: Asker
) -> None:
    await arm(script=[{"operation": CHECK.operation, "kind": "platform_refusal"}])
    with pytest.raises(Ambiguous) as raised:
        await national.check(claims, asker, trace_id="t")
    assert raised.value.code == "platform -1"
    assert [call["operation"] for call in await log()] == [OPERATION, CHECK.operation] * 2


async def test_many_questions_at_once_need_one_secret(
    national: National, log: Log, claims: Claims, asker: Asker
) -> None:
    await asyncio.gather(*(national.check(claims, asker, trace_id=f"t-{n}") for n in range(20)))
    assert [call["operation"] for call in await log()].count(OPERATION) == 1


@pytest.mark.parametrize("minutes", [-31, 31])
async def test_a_clock_half_an_hour_off_is_refused(
    client: Client, clock: SimulatorClock, claims: Claims, asker: Asker, minutes: int
) -> None:
    askew = open_adapter(
        client, clock, now=lambda: clock.now() + timedelta(minutes=minutes), secrets=Kept(clock.now)
    )
    with pytest.raises(NotEntitled):
        await askew.check(claims, asker, trace_id="t")


STRANGERS = [
    dataclasses.replace(DEMO_CHECK, app_key="f" * 32),
    dataclasses.replace(DEMO_CHECK, requester="nobody@df-0"),
    dataclasses.replace(DEMO_BASE, service=CHECK),
    dataclasses.replace(DEMO_CHECK, password="other"),
]


@pytest.mark.parametrize("subscription", STRANGERS, ids=range(len(STRANGERS)))
async def test_who_is_not_entitled_is_told_so(
    client: Client, clock: SimulatorClock, claims: Claims, asker: Asker, subscription: Subscription
) -> None:
    with pytest.raises(NotEntitled):
        await open_adapter(client, clock, subscription).check(claims, asker, trace_id="t")


async def test_a_business_that_was_not_registered_stops_the_lane(
    national: National, claims: Claims, asker: Asker
) -> None:
    other = dataclasses.replace(asker, business_code="XJ99")
    with pytest.raises(NotEntitled) as raised:
        await national.check(claims, other, trace_id="t")
    assert raised.value.code == "FHDM -53"


async def settle(client: Client, agreement: Agreement) -> None:
    body = agreement.model_dump(mode="json", exclude_unset=True)
    assert (await client.post("/_simulator/terms", json=body)).status_code == 200


async def test_outside_its_hours_the_base_is_closed_and_open_again_in_the_morning(
    national: National, client: Client, clock: SimulatorClock, claims: Claims, asker: Asker
) -> None:
    hours = OpeningHours.model_validate({"opens": "09:00", "closes": "17:00"})
    await settle(client, Agreement(hours=hours))
    for advance, closed in [
        (0, False),
        (5 * 3600, True),
        (21 * 3600 - 1, True),
        (21 * 3600, False),
    ]:
        clock.set(ClockSetting(at=NOON, advance_seconds=advance))
        if closed:
            with pytest.raises(Closed):
                await national.check(claims, asker, trace_id="t")
        else:
            await national.check(claims, asker, trace_id="t")


@pytest.mark.parametrize(
    ("quota", "seconds"), [("per_second", 1.0), ("per_hour", 3600.0), ("per_day", 43200.0)]
)
async def test_a_quota_used_up_says_when_it_begins_anew(
    national: National,
    client: Client,
    clock: SimulatorClock,
    claims: Claims,
    asker: Asker,
    quota: str,
    seconds: float,
) -> None:
    await settle(client, Agreement.model_validate({quota: 2}))
    for _ in range(2):
        await national.check(claims, asker, trace_id="t")
    with pytest.raises(Closed) as raised:
        await national.check(claims, asker, trace_id="t")
    assert raised.value.retry_after == seconds
    clock.set(ClockSetting(at=NOON, advance_seconds=seconds))
    await national.check(claims, asker, trace_id="t")


async def test_the_service_says_so_when_it_takes_fewer_rows(
    client: Client, clock: SimulatorClock, asker: Asker
) -> None:
    generous = open_adapter(client, clock, batch_limit=6)
    claims = [Claim("999999201801010014", f"甲{n}") for n in range(6)]
    with pytest.raises(TooMany) as raised:
        await generous.check(claims, asker, trace_id="t")
    assert raised.value.code == "FHDM -54"
