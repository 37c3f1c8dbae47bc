"""What the simulated platform refuses, asked by hand and not by our adapter."""

import hashlib
from contextlib import suppress
from typing import Any

import pytest

from adapters.population.zhejiang.adapter import PATH, Zhejiang
from adapters.population.zhejiang.simulator import DEMO_APP_KEY, DEMO_APP_SECRET
from adapters.simulation.clock import SimulatorClock
from adapters.transport import Client
from contracts.capabilities import Asker, Claim
from contracts.errors import Closed, NotEntitled, SystemFailure
from tests.adapters.population.zhejiang.invented import NOON

BY_KEY = "/gateway/app/refreshTokenByKey.htm"
BY_REFRESH = "/gateway/app/refreshTokenBySec.htm"
PERSON = {"gmsfhm": "999999201801010014", "xm": "测试甲", "additional": "{}"}
ONE = Claim("999999201801010014", "测试甲")
NOW = int(NOON.timestamp() * 1000)


def proof(secret: str, *, at: int = NOW, app_key: str = DEMO_APP_KEY) -> dict[str, str]:
    signed = hashlib.md5(f"{app_key}{secret}{at}".encode()).hexdigest()
    return {"appKey": app_key, "sign": signed, "requestTime": str(at)}


async def secrets(client: Client) -> dict[str, str]:
    answer = (await client.post(BY_KEY, data=proof(DEMO_APP_SECRET))).json()
    assert answer["code"] == "00"
    issued: dict[str, str] = answer["datas"]
    return issued


async def ask(client: Client, headers: dict[str, str], **person: str) -> Any:
    return (await client.post(PATH, data=PERSON | person, headers=headers)).json()


async def test_the_secrets_live_as_long_as_the_platform_says(client: Client) -> None:
    issued = await secrets(client)
    assert int(issued["requestSecretEndTime"]) - NOW == 15 * 60 * 1000
    assert int(issued["refreshSecretEndTime"]) - NOW == 48 * 3600 * 1000


async def test_a_question_is_answered_as_the_programs_show(client: Client) -> None:
    issued = await secrets(client)
    answer = await ask(client, proof(issued["requestSecret"]))
    assert (answer["code"], answer["data"], answer["interfaces"]) == ("00", "", None)
    assert answer["datas"] == {
        "gmsfhm": "999999201801010014",
        "xm": "测试甲",
        "gmsfhmPpddm": "1",
        "xmPpddm": "1",
        "swbs": "0",
    }


async def test_a_lower_case_x_is_found_by_nobody(client: Client) -> None:
    headers = proof((await secrets(client))["requestSecret"])
    name = "\U00020bb7\ue000\ufa1f"
    for number, agrees in (("99999920180101009X", "1"), ("99999920180101009x", "0")):
        answer = await ask(client, headers, gmsfhm=number, xm=name)
        assert answer["datas"]["gmsfhmPpddm"] == agrees


async def test_whoever_proves_nothing_is_refused(client: Client) -> None:
    right = proof((await secrets(client))["requestSecret"])
    wrong = [
        {},
        right | {"sign": "0" * 32},
        right | {"appKey": "other"},
        right | {"requestTime": str(NOW + 1)},
        right | {"requestTime": "now"},
        proof(DEMO_APP_SECRET),
        proof((await secrets(client))["requestSecret"], at=NOW + 301_000),
        proof((await secrets(client))["requestSecret"], at=NOW - 301_000),
        right,  # there have been newer secrets since
    ]
    for headers in wrong:
        assert (await ask(client, headers))["code"] == "14"
    for form in ({}, proof("guessed"), proof(DEMO_APP_SECRET, at=NOW + 301_000)):
        assert (await client.post(BY_KEY, data=form)).json()["code"] == "14"


@pytest.mark.parametrize(("minutes", "asked", "renewed"), [(14.9, "00", "00"), (15, "11", "00")])
async def test_the_request_secret_ends_after_a_quarter_of_an_hour(
    client: Client, minutes: float, asked: str, renewed: str
) -> None:
    issued, at = await secrets(client), await later(client, minutes)
    assert (await ask(client, proof(issued["requestSecret"], at=at)))["code"] == asked
    assert await renew(client, proof(issued["refreshSecret"], at=at)) == renewed
    assert await renew(client, proof(issued["refreshSecret"], at=at)) == "14"


async def test_the_refresh_secret_ends_after_two_days(client: Client) -> None:
    issued, at = await secrets(client), await later(client, 48 * 60)
    assert await renew(client, proof(issued["refreshSecret"], at=at)) == "11"


async def later(client: Client, minutes: float) -> int:
    await client.post("/_simulator/clock", json={"advance_seconds": minutes * 60})
    return NOW + int(minutes * 60_000)


async def renew(client: Client, form: dict[str, str]) -> str:
    code: str = (await client.post(BY_REFRESH, data=form)).json()["code"]
    return code


async def test_a_question_without_a_person_or_a_ground_is_a_bad_request(client: Client) -> None:
    headers = proof((await secrets(client))["requestSecret"])
    for missing in PERSON:
        form = {name: text for name, text in PERSON.items() if name != missing}
        assert (await client.post(PATH, data=form, headers=headers)).status_code == 400
    doubled = "gmsfhm=1&gmsfhm=2&xm=3&additional=%7B%7D"
    answer = await client.post(PATH, content=doubled, headers=headers)
    assert answer.status_code == 400


TERMS: list[tuple[dict[str, Any], type[SystemFailure], str]] = [
    ({"hours": {"opens": "09:00", "closes": "12:00"}}, Closed, "hours"),
    ({"hours": {"opens": "09:00", "closes": "17:00", "days": [1]}}, Closed, "hours"),
    ({"per_second": 2}, Closed, "18"),
    ({"per_day": 2}, Closed, "18"),
    ({"balance": 2}, Closed, "18"),
    ({"standing": "suspended"}, NotEntitled, "HTTP 403"),
]


@pytest.mark.parametrize(("terms", "failure", "code"), TERMS, ids=lambda value: str(value)[:30])
async def test_terms_end_in_named_failures_and_lifted_in_answers(
    client: Client,
    zhejiang: Zhejiang,
    asker: Asker,
    terms: dict[str, Any],
    failure: type[SystemFailure],
    code: str,
) -> None:
    assert (await client.post("/_simulator/terms", json=terms)).status_code == 200
    for _ in range(2):
        with suppress(failure):
            await zhejiang.check([ONE], asker, trace_id="t")
    with pytest.raises(failure) as caught:
        await zhejiang.check([ONE], asker, trace_id="t")
    assert caught.value.code == code
    lifted = dict.fromkeys(terms) | ({"standing": "good"} if "standing" in terms else {})
    assert (await client.post("/_simulator/terms", json=lifted)).status_code == 200
    (verdict,) = (await zhejiang.check([ONE], asker, trace_id="t")).value
    assert verdict.outcome.value == "MATCH"


async def test_a_day_has_its_questions_and_the_next_has_its_own(
    client: Client, zhejiang: Zhejiang, asker: Asker, clock: SimulatorClock
) -> None:
    await client.post("/_simulator/terms", json={"per_day": 5})
    for _day in range(2):
        for _ in range(5):
            await zhejiang.check([ONE], asker, trace_id="t")
        with pytest.raises(Closed):
            await zhejiang.check([ONE], asker, trace_id="t")
        await client.post("/_simulator/clock", json={"advance_seconds": 24 * 3600})


async def test_its_records_can_be_read_and_changed_from_outside(
    client: Client, zhejiang: Zhejiang, asker: Asker
) -> None:
    found = {"GMSFHM": ONE.citizen_number}
    change = {"find": found, "set": {"SWBS": "1"}}
    assert (await client.post("/_simulator/records", json=change)).json() == {"changed": 1}
    (verdict,) = (await zhejiang.check([ONE], asker, trace_id="t")).value
    assert verdict.outcome.value == "DECEASED"
