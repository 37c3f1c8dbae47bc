"""Every fault of the platform over a socket: a named failure or the truth, and no traces."""

import logging
import os
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest

from adapters.population.national.adapter import National
from adapters.population.national.contract import CHECK
from adapters.population.national.day_secret import OPERATION
from adapters.population.national.simulated_faults import (
    ANSWER_FAULTS,
    COMBINED,
    OWN_FAULTS,
    SECRET_FAULTS,
)
from adapters.simulation.faults import TRANSPORT_KINDS
from contracts.capabilities import Asker, Claim, Reply, Verdict
from contracts.errors import (
    Ambiguous,
    Closed,
    NotEntitled,
    SystemFailure,
    Unavailable,
    Unreadable,
)
from tests.adapters.population.national.invented import Kept

Claims = tuple[Claim, ...]
Arm = Callable[..., Awaitable[None]]
Log = Callable[[], Awaitable[list[dict[str, Any]]]]


def outcomes(reply: Reply[tuple[Verdict, ...]]) -> tuple[str, ...]:
    return tuple(verdict.outcome.value for verdict in reply.value)


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


# What these say of a row is wrong, and as well formed as the truth: nobody could tell.
LIES = {"dead", "number_denied", "contradictory"}
SMALL = sorted(set(ANSWER_FAULTS) - LIES - {"gzip", "gzip_bomb", "deflate_bomb", "gzip_nested"})
TRIES = int(os.environ.get("JISUI_MUTATIONS", "40000")) // 400


async def test_faults_that_meet_give_no_claim_what_the_register_does_not_know_of_it(
    national: National, arm: Arm, claims: Claims, asker: Asker
) -> None:
    random, ends = Random(20260907), Counter[str]()
    for _ in range(TRIES):
        kinds = random.sample(SMALL, random.choice((1, 2, 2, 3)))
        step = {"operation": CHECK.operation, "kind": COMBINED, "code": ",".join(kinds)}
        await arm(script=[step])
        try:
            said = outcomes(await national.check(claims, asker, trace_id="t"))
        except SystemFailure as failure:
            ends[type(failure).__name__] += 1
            continue
        ends.update(said)
        assert all(one in (true, DOUBT) for one, true in zip(said, TRUE, strict=True)), kinds
    assert min(ends[kind] for kind in (*TRUE, DOUBT, "Unreadable")) > 0


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
