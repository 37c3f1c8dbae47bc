"""The account's side of the simulated service: standing, hours, quotas, a balance that runs out."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.population.nciic.adapter import Nciic
from adapters.population.nciic.simulated_terms import STANDINGS
from adapters.transport import Client
from contracts.capabilities import Asker, Claim
from contracts.errors import Closed, NotEntitled, SystemFailure

Claims = tuple[Claim, ...]
Settle = Callable[..., Awaitable[dict[str, Any]]]
OPEN, CLOSED = "2026-09-02T10:00:00+08:00", "2026-09-02T20:00:00+08:00"
BY_DAY = {"opens": "09:00", "closes": "17:00", "days": [1, 2, 3, 4, 5]}


@pytest.fixture
def settle(client: Client) -> Settle:
    async def settled(**terms: Any) -> dict[str, Any]:
        answer = await client.post("/_simulator/terms", json=terms)
        assert answer.status_code == 200
        shown: dict[str, Any] = answer.json()
        return shown

    return settled


async def at(client: Client, instant: str) -> None:
    assert (await client.post("/_simulator/clock", json={"at": instant})).status_code == 200


async def ends(nciic: Nciic, claims: Claims, asker: Asker) -> str:
    try:
        reply = await nciic.check(claims, asker, trace_id="t")
    except SystemFailure as failure:
        return f"{type(failure).__name__} {failure.code}"
    return " ".join(verdict.outcome.value for verdict in reply.value)


TRUE = "MATCH NAME_MISMATCH NOT_ON_FILE MATCH"


async def test_a_closed_service_is_waited_for(
    nciic: Nciic, client: Client, settle: Settle, claims: Claims, asker: Asker
) -> None:
    await settle(hours=BY_DAY)
    await at(client, CLOSED)
    assert await ends(nciic, claims, asker) == "Closed notice hours"
    await at(client, OPEN)
    assert await ends(nciic, claims, asker) == TRUE
    await at(client, "2026-09-05T10:00:00+08:00")  # a Saturday
    assert await ends(nciic, claims, asker) == "Closed notice hours"


QUOTAS = [
    ("per_second", 1.0, "Closed HTTP 429", 1.0),
    ("per_hour", 3600.0, "Closed notice quota", None),
    ("per_day", 86400.0, "Closed notice quota", None),
]


@pytest.mark.parametrize(("name", "seconds", "end", "retry_after"), QUOTAS)
async def test_a_quota_used_up_is_waited_for(
    nciic: Nciic,
    client: Client,
    settle: Settle,
    claims: Claims,
    asker: Asker,
    name: str,
    seconds: float,
    end: str,
    retry_after: float | None,
) -> None:
    await settle(**{name: 2})
    await at(client, OPEN)
    said = [await ends(nciic, claims, asker) for _ in range(3)]
    assert said == [TRUE, TRUE, end]
    with pytest.raises(Closed) as raised:
        await nciic.check(claims, asker, trace_id="t")
    assert raised.value.retry_after == retry_after
    await client.post("/_simulator/clock", json={"advance_seconds": seconds})
    assert await ends(nciic, claims, asker) == TRUE


async def test_a_balance_runs_out_in_the_middle_and_stops_the_lane(
    nciic: Nciic, settle: Settle, claims: Claims, asker: Asker
) -> None:
    await settle(balance=10)
    said = [await ends(nciic, claims, asker) for _ in range(3)]
    assert said == [TRUE, TRUE, "NotEntitled -31"]
    assert (await settle())["balance"] == 2
    assert await ends(nciic, claims[:2], asker) == "MATCH NAME_MISMATCH"
    await settle(balance=None)
    assert await ends(nciic, claims, asker) == TRUE


@pytest.mark.parametrize(("standing", "code"), STANDINGS.items())
async def test_an_account_out_of_order_stops_the_lane_and_costs_nothing(
    nciic: Nciic, settle: Settle, claims: Claims, asker: Asker, standing: str, code: str
) -> None:
    await settle(standing=standing, balance=4)
    with pytest.raises(NotEntitled) as raised:
        await nciic.check(claims, asker, trace_id="t")
    assert raised.value.code == code
    assert (await settle(standing="good"))["balance"] == 4
    assert await ends(nciic, claims, asker) == TRUE


async def test_the_third_wrong_password_locks_the_account(
    nciic: Nciic, settle: Settle, claims: Claims, asker: Asker
) -> None:
    await settle(standing="wrong_password")
    said = [await ends(nciic, claims, asker) for _ in range(4)]
    assert said == ["NotEntitled -71"] * 3 + ["NotEntitled -53"]
    assert (await settle())["standing"] == "locked"


@pytest.mark.parametrize(
    "terms",
    [{"standing": "elsewhere"}, {"balance": -1}, {"per_minute": 3}, {"hours": {"days": [1]}}],
)
async def test_terms_nobody_knows_are_refused(client: Client, terms: dict[str, Any]) -> None:
    assert (await client.post("/_simulator/terms", json=terms)).status_code == 422
    shown = (await client.get("/_simulator/terms")).json()
    assert shown == {
        "hours": None,
        "per_second": None,
        "per_hour": None,
        "per_day": None,
        "balance": None,
        "standing": "good",
    }
