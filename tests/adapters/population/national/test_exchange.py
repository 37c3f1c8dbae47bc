"""Questions to the simulated platform over a socket: right answers, every fault, no traces."""

import asyncio
import dataclasses
import logging
import traceback
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest
from lxml import etree

from adapters.population.national.adapter import SECRET_ADDRESS, National, usual_path
from adapters.population.national.contract import BASE, CHECK, load_schema
from adapters.population.national.day_secret import OPERATION
from adapters.population.national.demo import DEMO_BASE, DEMO_CHECK, DEMO_REGISTRATION
from adapters.population.national.registration import Subscription
from adapters.population.national.simulated_faults import ANSWER_FAULTS, OWN_FAULTS, SECRET_FAULTS
from adapters.population.national.simulator import create
from adapters.simulation.clock import ClockSetting, SimulatorClock
from adapters.simulation.faults import TRANSPORT_KINDS
from adapters.simulation.serving import serving
from adapters.simulation.terms import Agreement, OpeningHours
from adapters.transport import Client, open_client
from contracts.capabilities import Asker, Claim, IdentityCheck, Reply, Verdict
from contracts.errors import (
    Ambiguous,
    Closed,
    Malformed,
    NotEntitled,
    SystemFailure,
    TooMany,
    Unavailable,
    Unreadable,
)
from tests.adapters.population.national.invented import NOON, WORLD, Kept, open_adapter

Claims = tuple[Claim, ...]
Arm = Callable[..., Awaitable[None]]
Log = Callable[[], Awaitable[list[dict[str, Any]]]]


def outcomes(reply: Reply[tuple[Verdict, ...]]) -> tuple[str, ...]:
    return tuple(verdict.outcome.value for verdict in reply.value)


def document_of(question: bytes) -> etree._Element:
    text = etree.fromstring(question).findtext(".//{*}in0")
    assert text
    return etree.fromstring(text.encode())


async def test_each_claim_gets_its_verdict_in_the_order_asked_with_the_day(
    national: National, claims: Claims, asker: Asker, truth: tuple[str, ...]
) -> None:
    check: IdentityCheck = national
    reply = await check.check(claims, asker, trace_id="t-1")
    assert outcomes(reply) == truth
    assert {verdict.as_of for verdict in reply.value} == {date(2026, 9, 1)}


async def test_the_question_keeps_the_contract_and_names_who_asks(
    national: National, claims: Claims, asker: Asker
) -> None:
    reply = await national.check(claims, asker, trace_id="t-1")
    document = document_of(reply.asked)
    load_schema("question").assertValid(document)
    head = {str(node.tag): node.text for node in document.iterfind("PACKAGEHEAD/*")}
    assert (head["QQRXM"], head["QQRDWMC"], head["JLS"]) == ("示例经办人", asker.unit, "5")
    assert (head["QQYWLXDM"], head["QQYWLXMC"]) == ("XJ01", "学籍注册核验")
    assert head["FSSJ"] == "20260901120000"
    assert b"GK_GXFW_SFHCResponse" in reply.answered


async def test_an_asker_may_name_the_person_the_unit_and_the_business(
    national: National, log: Log, asker: Asker
) -> None:
    named = dataclasses.replace(
        asker,
        unit_code="930000000000000000",
        business_code="XJ01",
        business="转学核验",
        person="示例校长",
        person_number="990000199001010017",
    )
    await national.check([Claim("999999201801010014", "测试甲")], named, trace_id="t")
    head = (await log())[-1]["question"]["head"]
    assert (head["QQRXM"], head["QQRGMSFHM"]) == ("示例校长", "990000199001010017")
    assert (head["QQRDWDM"], head["QQYWLXMC"]) == ("930000000000000000", "转学核验")
    assert "示例校长" not in repr(named)


async def test_every_question_has_an_id_of_its_own(
    national: National, clock: SimulatorClock, claims: Claims, asker: Asker
) -> None:
    ids = set()
    for trace_id, count in [("t-1", 5), ("t-2", 5), ("t-1", 4), ("t-1", 5)]:
        reply = await national.check(claims[:count], asker, trace_id=trace_id)
        ids.add(document_of(reply.asked).findtext("PACKAGEHEAD/FWQQBH"))
        clock.set(ClockSetting(advance_seconds=1 if count == 4 else 0, at=clock.now()))
    assert len(ids) == 4


async def test_names_go_out_with_the_standard_interpunct_and_numbers_in_upper_case(
    national: National, log: Log, asker: Asker
) -> None:
    claims = [
        Claim("999999201801010022", "买买提\u2022艾力"),
        Claim("99999920180101009x", "\U00020bb7\ue000\ufa1f"),
    ]
    assert outcomes(await national.check(claims, asker, trace_id="t-9")) == ("DECEASED", "MATCH")
    logged = (await log())[-1]
    assert [(row["GMSFHM"], row["XM"]) for row in logged["question"]["rows"]] == [
        ("999999201801010022", "买买提\u00b7艾力"),
        ("99999920180101009X", "\U00020bb7\ue000\ufa1f"),
    ]
    assert logged["trace_id"] == "t-9"


NOT_SENT = [
    (Claim("999999201801010015", "测试甲"), "INVALID_CLAIM"),
    (Claim("99999920150229001X", "测试甲"), "INVALID_CLAIM"),
    (Claim("", "测试甲"), "INVALID_CLAIM"),
    (Claim("９９９９９９201801010014", "测试甲"), "INVALID_CLAIM"),
    (Claim("999999201801010014", ""), "INVALID_CLAIM"),
    (Claim("999999201801010014", "　 "), "INVALID_CLAIM"),
    (Claim("999999201801010014", "测试\x1b甲"), "INVALID_CLAIM"),
    (Claim("999999201801010014", "测试\ud800"), "INVALID_CLAIM"),
    (Claim("999999201801010014", "测试\uffff"), "INVALID_CLAIM"),
    (Claim("999999201801010014", "甲" * 201), "INVALID_CLAIM"),
    (Claim("999999201801010014", "甲</XM><XM_PPDDM>1</XM_PPDDM><XM>"), "INVALID_CLAIM"),
    (Claim("999999201801010014", "甲&lt;"), "INVALID_CLAIM"),
    (Claim("810000201801010017", "测试甲"), "NOT_APPLICABLE"),
]


@pytest.mark.parametrize(("claim", "outcome"), NOT_SENT)
async def test_what_is_not_worth_asking_is_judged_here_and_not_sent(
    national: National, log: Log, asker: Asker, claim: Claim, outcome: str
) -> None:
    assert outcomes(await national.check([claim], asker, trace_id="t")) == (outcome,)
    assert await log() == []
    other = Claim("999999201801010014", "测试甲")
    twice = [claim, other, other]
    assert outcomes(await national.check(twice, asker, trace_id="t")) == (outcome, *["MATCH"] * 2)
    assert len((await log())[-1]["question"]["rows"]) == 1


async def test_more_claims_than_agreed_are_not_sent(
    national: National, log: Log, asker: Asker
) -> None:
    claims = [Claim("999999201801010014", f"甲{n}") for n in range(6)]
    with pytest.raises(TooMany):
        await national.check(claims, asker, trace_id="t")
    assert await log() == []


NOBODY = {"person": "", "person_number": "", "unit_code": "", "business_code": ""}
HEADS = [
    *({name: ""} for name in NOBODY),
    {"person_number": "990000199001010010"},
    {"person_number": "810000201801010017"},
    {"system": "<系统>"},
]


@pytest.mark.parametrize("change", HEADS, ids=str)
async def test_a_head_that_would_be_refused_is_our_fault_and_not_sent(
    client: Client, clock: SimulatorClock, log: Log, claims: Claims, asker: Asker, change: Any
) -> None:
    registration = dataclasses.replace(DEMO_REGISTRATION, **change)
    national = open_adapter(client, clock, registration=registration)
    with pytest.raises(Malformed) as raised:
        await national.check(claims, asker, trace_id="t")
    assert raised.value.fault == "gateway"
    assert await log() == []


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


async def test_a_base_record_is_asked_for_its_death_mark_and_nothing_else_comes_out(
    client: Client, clock: SimulatorClock, claims: Claims, asker: Asker, truth: tuple[str, ...]
) -> None:
    national = open_adapter(client, clock, DEMO_BASE)
    reply = await national.check(claims, asker, trace_id="t")
    assert outcomes(reply) == truth
    kept = etree.fromstring(reply.answered)
    load_schema(BASE.schema).assertValid(kept)
    for tag in ("XBDM", "MZDM", "CSRQ", "CSD_GJHDQDM", "CSD_SSXQDM"):
        assert len(kept.findall(f".//{tag}")) == len(claims)
        assert not any(node.text for node in kept.iter(tag))
    assert kept.findtext(".//SWBS") == "0"


DOUBT, MISMATCH, DEAD, ABSENT, MATCH = (
    "UNKNOWN",
    "NAME_MISMATCH",
    "DECEASED",
    "NOT_ON_FILE",
    "MATCH",
)
TRUE = (MATCH, MISMATCH, DEAD, ABSENT, MATCH)
FIRST_LOST = (DOUBT, MISMATCH, DEAD, ABSENT, MATCH)
# The first two claims bear one number: a row that names it and neither of them spoils both.
BOTH_LOST = (DOUBT, DOUBT, DEAD, ABSENT, MATCH)
NOTHING = (DOUBT,) * 5
ENDS: dict[str, type[SystemFailure] | tuple[str, ...]] = {
    **dict.fromkeys(("reordered", "with_slash", "tongtech", "cdata"), TRUE),
    **dict.fromkeys(("renumbered", "no_rows", "no_places", "padded_places"), NOTHING),
    **dict.fromkeys(
        ("missing_row", "duplicated_row", "wrong_person", "wrong_number", "contradictory"),
        FIRST_LOST,
    ),
    **dict.fromkeys(("number_denied", "unlisted_result", "spelt_result", "no_result"), FIRST_LOST),
    **dict.fromkeys(("no_flag", "strange_flag", "row_error", "partial"), FIRST_LOST),
    "wrong_name": BOTH_LOST,
    "dead": (DEAD, MISMATCH, DEAD, ABSENT, MATCH),
    **dict.fromkeys(("fhdm", "fhdm_with_rows", "platform_refusal"), Ambiguous),
    **dict.fromkeys(("closed", "closed_fault"), Closed),
    "soap_fault": Unavailable,
    **dict.fromkeys(
        ("another_question", "spelt_rightly", "impossible_day", "long_time"), Unreadable
    ),
    **dict.fromkeys(("node_twice", "foreign_node", "two_packages"), Unreadable),
    **dict.fromkeys(("inner_dtd", "inner_cut", "html_in_soap", "unescaped"), Unreadable),
    **dict.fromkeys(("half_escaped", "escaped_twice", "no_out", "other_operation"), Unreadable),
    **dict.fromkeys(("gzip", "gzip_bomb", "deflate_bomb", "gzip_nested"), Unreadable),
}


@pytest.mark.parametrize("kind", ANSWER_FAULTS)
async def test_every_fault_of_an_answer_ends_in_a_named_failure_or_the_truth(
    national: National, arm: Arm, claims: Claims, asker: Asker, kind: str
) -> None:
    await arm(script=[{"operation": CHECK.operation, "kind": kind}])
    end = ENDS[kind]
    if isinstance(end, tuple):
        assert outcomes(await national.check(claims, asker, trace_id="t")) == end
    else:
        with pytest.raises(SystemFailure) as raised:
            await national.check(claims, asker, trace_id="t")
        assert type(raised.value) is end
        assert (raised.value.system, raised.value.operation) == ("population", CHECK.operation)
    await arm()
    assert outcomes(await national.check(claims, asker, trace_id="t")) == TRUE


@pytest.mark.parametrize("kind", [*SECRET_FAULTS, "platform_refusal", "gzip_bomb", "http_503"])
async def test_every_fault_of_the_secret_is_named_and_forgotten_with_the_next(
    national: National, arm: Arm, kept: Kept, claims: Claims, asker: Asker, kind: str
) -> None:
    named = {"platform_refusal": NotEntitled, "http_503": Unavailable}
    await arm(script=[{"operation": OPERATION, "kind": kind, "nth": 1}])
    with pytest.raises(SystemFailure) as raised:
        await national.check(claims, asker, trace_id="t")
    assert type(raised.value) is named.get(kind, Unreadable)
    assert kept.secrets == {}
    assert outcomes(await national.check(claims, asker, trace_id="t")) == TRUE


async def test_two_systems_of_this_dialect_keep_apart(
    client: Client, clock: SimulatorClock, kept: Kept, arm: Arm, claims: Claims, asker: Asker
) -> None:
    one, other = (
        open_adapter(client, clock, secrets=kept, system=system)
        for system in ("population", "population_north")
    )
    await one.check(claims, asker, trace_id="t")
    await other.check(claims, asker, trace_id="t")
    assert len(kept.secrets) == 2
    await arm(script=[{"kind": "http_500"}])
    with pytest.raises(Unavailable) as raised:
        await other.check(claims, asker, trace_id="t")
    assert raised.value.system == "population_north"


async def test_addresses_may_be_whole(
    client: Client, clock: SimulatorClock, claims: Claims, asker: Asker
) -> None:
    async with open_client("http://nowhere.invalid") as other:
        national = open_adapter(
            other,
            clock,
            address=str(client.base_url.join(usual_path(CHECK.code))),
            secret_address=str(client.base_url.join(SECRET_ADDRESS)),
        )
        assert outcomes(await national.check(claims, asker, trace_id="t")) == TRUE


CANARIES = ("999999201801010014", "测试甲", "\U00020bb7", "旁人", "99999920180101", "demo-password")


async def test_nothing_personal_stands_in_a_log_or_an_exception(
    national: National,
    arm: Arm,
    caplog: pytest.LogCaptureFixture,
    claims: Claims,
    asker: Asker,
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []
    for kind in [None, *sorted(TRANSPORT_KINDS.union(OWN_FAULTS) - {"hang"})]:
        await arm(script=[{"kind": kind, "seconds": 0.01}] if kind else [])
        try:
            seen.append(repr(await national.check(claims, asker, trace_id="t")))
        except SystemFailure as error:
            seen.append("".join(traceback.format_exception(error)))
    for text in (*seen, caplog.text, *(repr(record.args) for record in caplog.records)):
        assert not [canary for canary in CANARIES if canary in text]


async def test_two_people_may_bear_one_number(asker: Asker, clock: SimulatorClock) -> None:
    people = tuple({"GMSFHM": "999999201801010014", "XM": name} for name in ("甲", "乙"))
    app = create(dataclasses.replace(WORLD, population=people), clock)
    async with serving(app) as url, open_client(url) as opened:
        claims = [Claim("999999201801010014", name) for name in ("甲", "乙", "丙")]
        reply = await open_adapter(opened, clock).check(claims, asker, trace_id="t")
        assert outcomes(reply) == (MATCH, MATCH, MISMATCH)
