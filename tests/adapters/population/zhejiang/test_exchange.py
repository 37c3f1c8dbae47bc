"""Questions to the simulated platform over a socket: right answers, every fault, no traces."""

import json
import logging
import time
import traceback
from dataclasses import replace

import pytest

from adapters.population.zhejiang.adapter import CHECK, Zhejiang
from adapters.population.zhejiang.questions import Ground
from adapters.population.zhejiang.simulated_faults import ANSWER_FAULTS, COMBINED
from adapters.population.zhejiang.simulated_platform import STATE_FAULTS
from adapters.population.zhejiang.simulator import DEMO_APP_SECRET, OWN_FAULTS
from adapters.simulation.clock import SimulatorClock
from adapters.simulation.faults import TRANSPORT_KINDS
from adapters.transport import Client
from contracts.capabilities import Asker, Claim, IdentityCheck
from contracts.errors import SystemFailure, TooMany, Unreadable
from tests.adapters.population.zhejiang.conftest import Arm, Log
from tests.adapters.population.zhejiang.invented import TRUTH, open_adapter

ONE = Claim("999999201801010014", "测试甲")


async def outcome(zhejiang: Zhejiang, claim: Claim, asker: Asker) -> str:
    (verdict,) = (await zhejiang.check([claim], asker, trace_id="t-1")).value
    return verdict.outcome.value


@pytest.mark.parametrize(("claim", "truth"), TRUTH, ids=range(len(TRUTH)))
async def test_each_claim_gets_its_verdict(
    zhejiang: Zhejiang, asker: Asker, claim: Claim, truth: str
) -> None:
    check: IdentityCheck = zhejiang
    (verdict,) = (await check.check([claim], asker, trace_id="t-1")).value
    assert verdict.outcome.value == truth


async def test_the_bytes_of_both_sides_are_kept_and_hold_no_secret(
    zhejiang: Zhejiang, asker: Asker, log: Log
) -> None:
    reply = await zhejiang.check([ONE], asker, trace_id="t-9")
    assert b"gmsfhm=999999201801010014" in reply.asked
    assert b'"gmsfhm": "999999201801010014"' in reply.answered
    assert b"sign" not in reply.asked
    assert DEMO_APP_SECRET.encode() not in reply.asked + reply.answered
    keyed, asked = await log()
    assert [keyed["trace_id"], asked["trace_id"]] == ["t-9", "t-9"]
    assert keyed["question"].keys() == {"appKey"}


async def test_names_go_out_with_the_standard_interpunct_and_numbers_in_upper_case(
    zhejiang: Zhejiang, asker: Asker, log: Log
) -> None:
    await zhejiang.check([Claim("99999920180101009x", "买买提•艾力")], asker, trace_id="t")
    asked = (await log())[-1]["question"]
    assert (asked["gmsfhm"], asked["xm"]) == ("99999920180101009X", "买买提\u00b7艾力")


async def test_every_question_names_its_legal_ground(
    client: Client, clock: SimulatorClock, asker: Asker, log: Log
) -> None:
    ground = Ground("学籍注册", sub_matter="新生", project="XJ-1")
    known = replace(asker, unit_code="91330000600037341L", person_number="99000020200115009X")
    await open_adapter(client, clock, ground=ground).check([ONE], known, trace_id="t")
    await open_adapter(client, clock).check([ONE], asker, trace_id="t")
    whole, least = (
        json.loads(entry["question"]["additional"])
        for entry in await log()
        if entry["operation"] == CHECK
    )
    assert least == {
        "powerMatters": "学籍注册",
        "materialName": "学籍注册核验",
        "sponsorName": "示例省教育厅学籍管理中心",
    }
    assert whole == least | {
        "subPowerMatters": "新生",
        "accesscardId": "99000020200115009X",
        "sponsorCode": "91330000600037341L",
        "projectId": "XJ-1",
    }


NOT_SENT = [
    (Claim("999999201801010015", "测试甲"), "INVALID_CLAIM"),
    (Claim("99999920150229001X", "测试甲"), "INVALID_CLAIM"),
    (Claim("", "测试甲"), "INVALID_CLAIM"),
    (Claim("999999201801010014\n", "测试甲"), "INVALID_CLAIM"),
    (Claim("９９９９９９201801010014", "测试甲"), "INVALID_CLAIM"),
    (Claim("999999201801010014", ""), "INVALID_CLAIM"),
    (Claim("999999201801010014", "　 "), "INVALID_CLAIM"),
    (Claim("999999201801010014", "测试\x00甲"), "INVALID_CLAIM"),
    (Claim("999999201801010014", "测试\ud800"), "INVALID_CLAIM"),
    (Claim("999999201801010014", "甲" * 271), "INVALID_CLAIM"),
    (Claim("810000201801010017", "测试甲"), "NOT_APPLICABLE"),
]


@pytest.mark.parametrize(("claim", "judged"), NOT_SENT, ids=range(len(NOT_SENT)))
async def test_what_is_not_worth_asking_is_judged_here_and_not_sent(
    zhejiang: Zhejiang, asker: Asker, log: Log, claim: Claim, judged: str
) -> None:
    assert await outcome(zhejiang, claim, asker) == judged
    assert await log() == []


async def test_one_person_a_call(zhejiang: Zhejiang, asker: Asker, log: Log) -> None:
    assert (await zhejiang.check([], asker, trace_id="t")).value == ()
    with pytest.raises(TooMany):
        await zhejiang.check([ONE, ONE], asker, trace_id="t")
    assert await log() == []


# What each of the simulator's answers gone wrong ends in, for a claim that is true.
ENDS = {
    "reordered": "UNKNOWN",
    "missing_row": "UNKNOWN",
    "duplicated_row": "UNKNOWN",
    "wrong_person": "UNKNOWN",
    "wrong_name": "UNKNOWN",
    "wrong_number": "UNKNOWN",
    "contradictory": "UNKNOWN",
    "number_denied": "UNKNOWN",
    "unlisted_result": "UNKNOWN",
    "results_as_numbers": "UNKNOWN",
    "strange_flag": "UNKNOWN",
    "no_flag": "UNKNOWN",
    "lower_x": "MATCH",
    "renamed": "MATCH",
    "as_list": "MATCH",
    "as_text": "MATCH",
    "blank": "Unavailable",
    "empty_list_text": "UNKNOWN",
    "null": "UNKNOWN",
    "nested": "MATCH",
    "nested_failure": "Ambiguous",
    "nested_closed": "Closed",
    "nested_doubt": "Unreadable",
    "name_twice": "Unreadable",
    "not_a_number": "Unreadable",
    "infinite": "Unreadable",
    "deep": "Unreadable",
    "padded": "Unreadable",
    "byte_order_mark": "Unreadable",
    "cut": "Unreadable",
    "two_answers": "Unreadable",
    "gzip_bomb": "Unreadable",
    "deflate_bomb": "Unreadable",
    "wrong_charset": "Unreadable",
    "secret_rotated": "MATCH",
    "secret_ended": "MATCH",
}


def test_every_fault_of_the_simulator_has_its_end() -> None:
    assert ENDS.keys() == {*ANSWER_FAULTS, *STATE_FAULTS}


@pytest.mark.parametrize(("kind", "end"), ENDS.items())
async def test_an_answer_gone_wrong_ends_as_listed(
    zhejiang: Zhejiang, asker: Asker, arm: Arm, kind: str, end: str
) -> None:
    await arm(script=[{"operation": CHECK, "nth": 1, "kind": kind}])
    begun = time.monotonic()
    try:
        ended = await outcome(
            zhejiang, Claim("99999920180101009x", "\U00020bb7\ue000\ufa1f"), asker
        )
    except SystemFailure as failure:
        ended = type(failure).__name__
    assert ended == end
    assert time.monotonic() - begun < 1.5


async def test_faults_meet_in_one_answer(zhejiang: Zhejiang, asker: Asker, arm: Arm) -> None:
    meeting = {"kind": COMBINED, "operation": CHECK, "nth": 1}
    await arm(script=[{**meeting, "code": "renamed,nested,as_text"}])
    assert await outcome(zhejiang, ONE, asker) == "MATCH"
    await arm(script=[{**meeting, "code": "reordered,as_text"}])
    assert await outcome(zhejiang, ONE, asker) == "UNKNOWN"


async def test_no_failure_and_no_log_line_tells_who_was_asked_about(
    zhejiang: Zhejiang, asker: Asker, arm: Arm, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told = []
    for kind in (*sorted(TRANSPORT_KINDS - {"hang", "slow"}), *OWN_FAULTS):
        await arm(script=[{"operation": CHECK, "kind": kind, "code": "99"}])
        try:
            await zhejiang.check([ONE], asker, trace_id="t")
        except SystemFailure as failure:
            told.append("".join(traceback.format_exception(failure)) + repr(vars(failure)))
    assert len(told) > 15
    told.append(caplog.text)
    for secret in (ONE.citizen_number, ONE.name, "%E6%B5%8B", DEMO_APP_SECRET, "requestSecret"):
        assert not any(secret in text for text in told)


async def test_html_with_status_200_is_no_answer(
    zhejiang: Zhejiang, asker: Asker, arm: Arm
) -> None:
    await arm(script=[{"kind": "html_200"}])
    with pytest.raises(Unreadable):
        await zhejiang.check([ONE], asker, trace_id="t")
