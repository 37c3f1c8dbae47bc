"""Questions to the simulated platform over a socket: right answers, and what is not asked."""

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from lxml import etree

from adapters.population.national.adapter import SECRET_ADDRESS, National, usual_path
from adapters.population.national.contract import BASE, CHECK, load_schema
from adapters.population.national.demo import DEMO_BASE, DEMO_REGISTRATION
from adapters.population.national.simulator import create
from adapters.simulation.clock import ClockSetting, SimulatorClock
from adapters.simulation.serving import serving
from adapters.transport import Client, open_client
from contracts.capabilities import Asker, Claim, IdentityCheck, Reply, Verdict
from contracts.errors import (
    Malformed,
    TooMany,
    Unavailable,
)
from tests.adapters.population.national.invented import TRUTH, WORLD, Kept, open_adapter

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


MATCH, MISMATCH = "MATCH", "NAME_MISMATCH"


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
        assert outcomes(await national.check(claims, asker, trace_id="t")) == TRUTH


async def test_two_people_may_bear_one_number(asker: Asker, clock: SimulatorClock) -> None:
    people = tuple({"GMSFHM": "999999201801010014", "XM": name} for name in ("甲", "乙"))
    app = create(dataclasses.replace(WORLD, population=people), clock)
    async with serving(app) as url, open_client(url) as opened:
        claims = [Claim("999999201801010014", name) for name in ("甲", "乙", "丙")]
        reply = await open_adapter(opened, clock).check(claims, asker, trace_id="t")
        assert outcomes(reply) == (MATCH, MATCH, MISMATCH)
