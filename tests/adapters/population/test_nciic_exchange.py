"""Questions to the simulated register over a socket: right answers, every fault, no traces."""

import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from adapters.population.nciic.adapter import PATH, Nciic
from adapters.population.nciic.contract import load_schema
from adapters.population.nciic.simulated_faults import OWN_FAULTS
from adapters.population.nciic.simulator import DEMO_LICENCE, create
from adapters.simulation.faults import TRANSPORT_KINDS
from adapters.simulation.serving import serving
from adapters.transport import Client, open_client
from adapters.world import World
from contracts.capabilities import Asker, Claim, IdentityCheck, Reply, Verdict
from contracts.errors import (
    Ambiguous,
    Malformed,
    NotEntitled,
    SystemFailure,
    TooMany,
    Unavailable,
    Unreadable,
)

Claims = tuple[Claim, ...]
Arm = Callable[..., Awaitable[None]]
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}Body/{https://api.nciic.org.cn/NciicServices}"
IN = SOAP + "nciicCheck/{https://api.nciic.org.cn/NciicServices}"


def outcomes(reply: Reply[tuple[Verdict, ...]]) -> tuple[str, ...]:
    return tuple(verdict.outcome.value for verdict in reply.value)


async def asked_of(client: Client) -> list[dict[str, Any]]:
    log: list[dict[str, Any]] = (await client.get("/_simulator/requests")).json()
    return log


async def test_each_claim_gets_its_verdict_in_the_order_asked(
    nciic: Nciic, claims: Claims, asker: Asker, truth: tuple[str, ...]
) -> None:
    check: IdentityCheck = nciic
    assert outcomes(await check.check(claims, asker, trace_id="t-1")) == truth


async def test_the_bytes_of_both_sides_are_kept_and_ours_keep_the_contract(
    nciic: Nciic, claims: Claims, asker: Asker
) -> None:
    reply = await nciic.check(claims, asker, trace_id="t-1")
    question, answer = etree.fromstring(reply.asked), etree.fromstring(reply.answered)
    assert question.findtext(IN + "inLicense") == DEMO_LICENCE
    conditions = question.findtext(IN + "inConditions")
    assert conditions
    load_schema("conditions").assertValid(etree.fromstring(conditions.encode()))
    assert answer.find(SOAP + "nciicCheckResponse") is not None


async def test_the_licence_is_escaped_once(nciic: Nciic, claims: Claims, asker: Asker) -> None:
    reply = await nciic.check(claims, asker, trace_id="t-1")
    escaped = DEMO_LICENCE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f"inLicense>{escaped}<".encode() in reply.asked


async def test_names_go_out_with_the_standard_interpunct_and_numbers_in_upper_case(
    nciic: Nciic, client: Client, asker: Asker
) -> None:
    claims = [
        Claim("999999201801010022", "买买提\u2022艾力"),
        Claim("99999920180101009x", "\U00020bb7\ue000\ufa1f"),
    ]
    assert outcomes(await nciic.check(claims, asker, trace_id="t-9")) == ("MATCH", "MATCH")
    (logged,) = await asked_of(client)
    assert [(row["GMSFHM"], row["XM"]) for row in logged["question"]["rows"]] == [
        ("999999201801010022", "买买提\u00b7艾力"),
        ("99999920180101009X", "\U00020bb7\ue000\ufa1f"),
    ]
    assert (logged["trace_id"], logged["question"]["SBM"]) == ("t-9", asker.unit)


NOT_SENT = [
    (Claim("999999201801010015", "测试甲"), "INVALID_CLAIM"),
    (Claim("99999920150229001X", "测试甲"), "INVALID_CLAIM"),
    (Claim("", "测试甲"), "INVALID_CLAIM"),
    (Claim("999999201801010014\n", "测试甲"), "INVALID_CLAIM"),
    (Claim("９９９９９９201801010014", "测试甲"), "INVALID_CLAIM"),
    (Claim("999999201801010014", ""), "INVALID_CLAIM"),
    (Claim("999999201801010014", "　 "), "INVALID_CLAIM"),
    (Claim("999999201801010014", "测试\x00甲"), "INVALID_CLAIM"),
    (Claim("999999201801010014", "测试\x1b甲"), "INVALID_CLAIM"),
    (Claim("999999201801010014", "测试\n甲"), "INVALID_CLAIM"),
    (Claim("999999201801010014", "测试\ud800"), "INVALID_CLAIM"),
    (Claim("999999201801010014", "测试\uffff"), "INVALID_CLAIM"),
    (Claim("999999201801010014", "甲" * 271), "INVALID_CLAIM"),
    (Claim("810000201801010017", "测试甲"), "NOT_APPLICABLE"),
]


@pytest.mark.parametrize(("claim", "outcome"), NOT_SENT)
async def test_what_is_not_worth_asking_is_judged_here_and_not_sent(
    nciic: Nciic, client: Client, asker: Asker, claim: Claim, outcome: str
) -> None:
    other = Claim("999999201801010014", "测试甲")
    assert outcomes(await nciic.check([claim, other], asker, trace_id="t")) == (outcome, "MATCH")
    (logged,) = await asked_of(client)
    assert len(logged["question"]["rows"]) == 1
    assert outcomes(await nciic.check([claim], asker, trace_id="t")) == (outcome,)
    assert len(await asked_of(client)) == 1


async def test_the_same_claim_twice_is_asked_once(
    nciic: Nciic, client: Client, asker: Asker
) -> None:
    claim = Claim("999999201801010014", "测试甲")
    assert outcomes(await nciic.check([claim, claim], asker, trace_id="t")) == ("MATCH", "MATCH")
    assert len((await asked_of(client))[0]["question"]["rows"]) == 1


async def test_more_claims_than_agreed_are_not_sent(
    nciic: Nciic, client: Client, asker: Asker
) -> None:
    claims = [Claim("999999201801010014", f"甲{n}") for n in range(6)]
    with pytest.raises(TooMany):
        await nciic.check(claims, asker, trace_id="t")
    assert await asked_of(client) == []


async def test_the_service_says_so_when_it_takes_fewer_rows(client: Client, asker: Asker) -> None:
    generous = Nciic(client, licence=DEMO_LICENCE, batch_limit=6)
    claims = [Claim("999999201801010014", f"甲{n}") for n in range(6)]
    with pytest.raises(TooMany) as raised:
        await generous.check(claims, asker, trace_id="t")
    assert raised.value.code == "-54"


@pytest.mark.parametrize(
    "licence", [DEMO_LICENCE + " ", DEMO_LICENCE.replace("&", "&amp;"), "other"]
)
async def test_another_licence_stops_the_lane(
    client: Client, claims: Claims, asker: Asker, licence: str
) -> None:
    with pytest.raises(NotEntitled) as raised:
        await Nciic(client, licence=licence).check(claims, asker, trace_id="t")
    assert raised.value.code == "-80"


@pytest.mark.parametrize("licence", ["", "a\n", "a\x00b"])
def test_a_licence_that_cannot_be_sent_is_refused_without_showing_it(
    client: Client, licence: str
) -> None:
    with pytest.raises(ValueError, match="one line") as raised:
        Nciic(client, licence=licence)
    assert "a" not in str(raised.value).split()


ASKERS = [
    Asker("", "110108", "学籍注册核验"),
    Asker("厅" * 21, "110108", "学籍注册核验"),
    Asker("厅", "11010", "学籍注册核验"),
    Asker("厅", "１１０１０８", "学籍注册核验"),
    Asker("厅", "110108", ""),
    Asker("厅", "110108", "\x00"),
]


@pytest.mark.parametrize("asker", ASKERS, ids=range(len(ASKERS)))
async def test_an_asker_the_service_would_refuse_is_our_fault(
    nciic: Nciic, client: Client, claims: Claims, asker: Asker
) -> None:
    with pytest.raises(Malformed) as raised:
        await nciic.check(claims, asker, trace_id="t")
    assert raised.value.fault == "gateway"
    assert await asked_of(client) == []


MATCH, DIFFERS, ABSENT, DOUBT = "MATCH", "NAME_MISMATCH", "NOT_ON_FILE", "UNKNOWN"
TRUE = (MATCH, DIFFERS, ABSENT, MATCH)
ENDS: dict[str, type[SystemFailure] | tuple[str, ...]] = {
    "reordered": (DOUBT, DOUBT, DOUBT, DOUBT),
    "missing_row": (DOUBT, DIFFERS, ABSENT, MATCH),
    "duplicated_row": (DOUBT, DIFFERS, ABSENT, MATCH),
    "wrong_person": (DOUBT, DIFFERS, ABSENT, MATCH),
    "contradictory": (DOUBT, DIFFERS, ABSENT, MATCH),
    "number_denied": (DOUBT, DIFFERS, ABSENT, MATCH),
    "names_swapped": (DOUBT, DOUBT, DOUBT, DOUBT),
    "places_swapped": (DOUBT, DOUBT, DOUBT, DOUBT),
    "verdict_and_error": (DOUBT, DIFFERS, ABSENT, MATCH),
    "placeholders": TRUE,
    "no_rows": (DOUBT, DOUBT, DOUBT, DOUBT),
    "ascii_comma": TRUE,
    "no_such_record": TRUE,
    "unlisted_error": (DOUBT, DOUBT, DOUBT, DOUBT),
    "error_code": Ambiguous,
    "bare_error": Ambiguous,
    "web_notice": TooMany,
    "inner_dtd": Unreadable,
    "inner_cut": Unreadable,
    "wrong_namespace": Unreadable,
    "unescaped": Unreadable,
    "nil": Unreadable,
    "no_out": Unreadable,
    "cdata": TRUE,
    "soap_fault": Unavailable,
    "gzip": Unreadable,
    "gzip_bomb": Unreadable,
    "deflate_bomb": Unreadable,
    "nested_bomb": Unreadable,
    "unlabelled_bomb": Unreadable,
    "endless": Unreadable,
    "combined": TRUE,
}


@pytest.mark.parametrize("kind", OWN_FAULTS)
async def test_every_fault_of_its_own_ends_in_a_named_failure_or_the_truth(
    nciic: Nciic, arm: Arm, claims: Claims, asker: Asker, kind: str
) -> None:
    await arm(script=[{"operation": "nciicCheck", "kind": kind, "nth": 1}])
    end = ENDS[kind]
    if isinstance(end, tuple):
        assert outcomes(await nciic.check(claims, asker, trace_id="t")) == end
    else:
        with pytest.raises(SystemFailure) as raised:
            await nciic.check(claims, asker, trace_id="t")
        assert type(raised.value) is end
        assert raised.value.system == "population"
    assert outcomes(await nciic.check(claims, asker, trace_id="t")) == TRUE


async def test_503_says_when_to_come_again(
    nciic: Nciic, arm: Arm, claims: Claims, asker: Asker
) -> None:
    await arm(script=[{"kind": "http_503", "seconds": 7}])
    with pytest.raises(Unavailable) as raised:
        await nciic.check(claims, asker, trace_id="t")
    assert raised.value.retry_after == 7.0


async def test_an_address_may_be_whole(client: Client, claims: Claims, asker: Asker) -> None:
    async with open_client("http://nowhere.invalid") as other:
        nciic = Nciic(other, address=str(client.base_url.join(PATH)), licence=DEMO_LICENCE)
        assert outcomes(await nciic.check(claims, asker, trace_id="t")) == TRUE


async def test_the_settings_of_the_client_are_left_alone(
    nciic: Nciic, client: Client, claims: Claims, asker: Asker
) -> None:
    before = dict(client.headers)
    await nciic.check(claims, asker, trace_id="t")
    assert dict(client.headers) == before
    assert client.headers["accept-encoding"] == "identity"


async def test_every_failure_names_the_register_it_was(
    client: Client, arm: Arm, claims: Claims, asker: Asker
) -> None:
    nciic = Nciic(client, licence=DEMO_LICENCE, system="population_north")
    failures = []
    for kind in sorted(TRANSPORT_KINDS.union(OWN_FAULTS) - {"hang"}):
        await arm(script=[{"kind": kind, "seconds": 0.01}])
        try:
            await nciic.check(claims, asker, trace_id="t")
        except SystemFailure as failure:
            failures.append(failure)
    for spoilt in (replace(asker, unit=""), replace(asker, business=""), replace(asker, area="")):
        with pytest.raises(Malformed) as refused:
            await nciic.check(claims, spoilt, trace_id="t")
        failures.append(refused.value)
    with pytest.raises(TooMany) as many:
        await nciic.check(claims * 6, asker, trace_id="t")
    failures.append(many.value)
    assert len(failures) > 20
    assert {failure.system for failure in failures} == {"population_north"}


CANARIES = ("999999201801010014", "测试甲", "\U00020bb7", "旁人", "99999920180101", "DEMO<")


@pytest.mark.parametrize("kind", [None, *sorted(TRANSPORT_KINDS.union(OWN_FAULTS) - {"hang"})])
async def test_nothing_personal_stands_in_a_log_or_an_exception(
    client: Client,
    arm: Arm,
    caplog: pytest.LogCaptureFixture,
    claims: Claims,
    asker: Asker,
    kind: str | None,
) -> None:
    caplog.set_level(logging.DEBUG)
    nciic = Nciic(client, licence=DEMO_LICENCE)
    await arm(script=[{"kind": kind, "seconds": 0.01}] if kind else [])
    try:
        seen = repr(await nciic.check(claims, asker, trace_id="t"))
    except SystemFailure as error:
        seen = "".join(traceback.format_exception(error))
    for text in (seen, caplog.text, *(repr(record.args) for record in caplog.records)):
        assert not [canary for canary in CANARIES if canary in text]


async def test_the_simulator_serves_the_wsdl_with_the_wrong_address(client: Client) -> None:
    answer = await client.get(f"{PATH}?wsdl")
    assert answer.headers["content-type"].startswith("text/xml")
    address = etree.fromstring(answer.content).find(
        ".//{http://schemas.xmlsoap.org/wsdl/soap/}address"
    )
    assert address is not None
    assert str(address.get("location")).startswith("http://nciic.invalid/")


async def test_two_people_may_bear_one_number(asker: Asker) -> None:
    people = tuple({"GMSFHM": "999999201801010014", "XM": name} for name in ("甲", "乙"))
    app = create(World((), (), (), people, {}))
    async with serving(app) as url, open_client(url) as opened:
        nciic = Nciic(opened, licence=DEMO_LICENCE)
        claims = [Claim("999999201801010014", name) for name in ("甲", "乙", "丙")]
        assert outcomes(await nciic.check(claims, asker, trace_id="t")) == (MATCH, MATCH, DIFFERS)
