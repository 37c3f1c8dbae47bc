"""The national dialect in the suite that every adapter must pass."""

from typing import Any

import pytest

from adapters.population.national.answers import FAILURES
from adapters.population.national.contract import BASE, CHECK
from adapters.population.national.day_secret import OPERATION
from adapters.population.national.demo import DEMO_BASE, DEMO_CHECK
from adapters.population.national.registration import Subscription
from adapters.population.national.simulated_faults import ANSWER_FAULTS, COMBINED, SECRET_FAULTS
from adapters.population.national.simulator import create
from adapters.simulation.clock import SimulatorClock
from adapters.transport import Client
from contracts.capabilities import Claim, IdentityCheck
from contracts.errors import Ambiguous, Closed, Malformed, NotEntitled, Unavailable, Unreadable
from tests.adapters.conformance import TRANSPORT_FAULTS, Case, Fault, check_fault
from tests.adapters.population.national.invented import ASKER, WORLD, open_adapter

CLAIMS = [Claim("999999201801010014", "测试甲"), Claim("999999201801010014", "测试乙")]
BOMBS = ("gzip", "gzip_bomb", "deflate_bomb", "gzip_nested")
OUTSIDE = (
    "another_question",
    "spelt_rightly",
    "impossible_day",
    "long_time",
    "node_twice",
    "foreign_node",
    "two_packages",
    "inner_dtd",
    "inner_cut",
    "html_in_soap",
    "unescaped",
    "half_escaped",
    "escaped_twice",
    "no_out",
    "other_operation",
)
RIGHT = ("reordered", "with_slash", "tongtech", "cdata")
ISSUING = (
    *TRANSPORT_FAULTS,
    Fault("platform_refusal", NotEntitled, NotEntitled),
    *(Fault(kind, Unreadable, Unreadable) for kind in (*SECRET_FAULTS, *BOMBS)),
)
ASKING = (
    *TRANSPORT_FAULTS,
    *(Fault("fhdm", failure, failure, code) for code, failure in FAILURES.items()),
    Fault("fhdm", Malformed, Malformed, "-99"),
    Fault("fhdm_with_rows", Ambiguous, Ambiguous, "-90"),
    Fault("platform_refusal", None, None),
    Fault("closed", Closed, Closed),
    Fault("closed_fault", Closed, Closed),
    Fault("soap_fault", Unavailable, Unavailable, "Server"),
    Fault("soap_fault", Malformed, Malformed, "Client"),
    *(Fault(kind, Unreadable, Unreadable) for kind in (*OUTSIDE, *BOMBS)),
    *(Fault(kind, None, None) for kind in RIGHT),
)
# They leave a verdict open and fail no call: held by the tests of verdicts.
IN_ROWS = {
    "renumbered",
    "missing_row",
    "no_rows",
    "duplicated_row",
    "wrong_person",
    "wrong_name",
    "wrong_number",
    "contradictory",
    "number_denied",
    "unlisted_result",
    "spelt_result",
    "no_result",
    "no_flag",
    "strange_flag",
    "dead",
    "row_error",
    "no_places",
    "padded_places",
    "partial",
}


def case(operation: str, subscription: Subscription, faults: tuple[Fault, ...]) -> Case:
    def national(client: Client) -> IdentityCheck:
        return open_adapter(client, SimulatorClock(), subscription)

    return Case(
        "population",
        operation,
        national,
        lambda adapter: adapter.check(CLAIMS, ASKER, trace_id="t-1"),
        told_apart,
        faults=faults,
        simulate=create,
    )


def told_apart(value: Any) -> bool:
    return [verdict.outcome.value for verdict in value] == ["MATCH", "NAME_MISMATCH"]


CASES = (
    case(OPERATION, DEMO_CHECK, ISSUING),
    case(CHECK.operation, DEMO_CHECK, ASKING),
    # The same door and the same reader: only what its own schema decides.
    case(BASE.operation, DEMO_BASE, (*TRANSPORT_FAULTS, Fault("foreign_node", *[Unreadable] * 2))),
)
MATRIX = [(each, fault) for each in CASES for fault in each.faults]


@pytest.mark.parametrize(
    ("each", "fault"), MATRIX, ids=lambda value: f"{getattr(value, 'kind', value)}"
)
async def test_a_fault_ends_in_a_named_failure_or_a_right_answer(each: Case, fault: Fault) -> None:
    await check_fault(each, fault, WORLD)


def test_the_suite_knows_every_fault_of_this_dialect() -> None:
    assert {fault.kind for fault in (*ISSUING, *ASKING)}.issuperset(
        {*ANSWER_FAULTS, *SECRET_FAULTS} - IN_ROWS - {COMBINED}
    )
