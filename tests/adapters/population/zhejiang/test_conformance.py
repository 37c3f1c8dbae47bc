"""The Zhejiang dialect in the suite that every adapter must pass."""

from typing import Any

import pytest

from adapters.population.zhejiang.simulator import create
from adapters.simulation.clock import SimulatorClock
from adapters.transport import Client
from contracts.capabilities import Claim, IdentityCheck
from contracts.errors import Ambiguous, Closed, NotEntitled, Unavailable, Unreadable
from tests.adapters.conformance import TRANSPORT_FAULTS, Case, Fault, check_fault
from tests.adapters.population.zhejiang.invented import ASKER, WORLD, open_adapter

ONE = Claim("999999201801010014", "测试甲")
ISSUING = (
    *TRANSPORT_FAULTS,
    Fault("refused", Closed, Closed, "18"),
    Fault("refused", Unreadable, Unreadable, "99"),
    Fault("refused", NotEntitled, NotEntitled, "14"),
    Fault("refused", NotEntitled, NotEntitled, "11"),
    Fault("blank", Unavailable, Unavailable),
    Fault("as_text", None, None),
    Fault("nested", None, None),
    *(
        Fault(kind, Unreadable, Unreadable)
        for kind in ("null", "as_list", "name_twice", "cut", "padded", "gzip_bomb", "wrong_charset")
    ),
)
ASKING = (
    *TRANSPORT_FAULTS,
    Fault("refused", None, None, "11"),
    Fault("refused", None, None, "14"),
    Fault("refused", Closed, Closed, "18"),
    Fault("refused", Unreadable, Unreadable, "99"),
    Fault("nested_failure", Ambiguous, Ambiguous),
    Fault("nested_closed", Closed, Closed),
    Fault("blank", Unavailable, Unavailable),
    *(
        Fault(kind, Unreadable, Unreadable)
        for kind in (
            "nested_doubt",
            "name_twice",
            "not_a_number",
            "infinite",
            "deep",
            "padded",
            "byte_order_mark",
            "cut",
            "two_answers",
            "wrong_charset",
            "gzip_bomb",
            "deflate_bomb",
        )
    ),
    *(
        Fault(kind, None, None)
        for kind in ("renamed", "as_list", "as_text", "nested", "secret_rotated", "secret_ended")
    ),
)


def zhejiang(client: Client) -> IdentityCheck:
    return open_adapter(client, SimulatorClock())


def case(operation: str, faults: tuple[Fault, ...]) -> Case:
    return Case(
        "population",
        operation,
        zhejiang,
        lambda adapter: adapter.check([ONE], ASKER, trace_id="t-1"),
        matched,
        faults=faults,
        simulate=create,
    )


def matched(value: Any) -> bool:
    return [verdict.outcome.value for verdict in value] == ["MATCH"]


CASES = (case("refreshTokenByKey", ISSUING), case("identityCheck", ASKING))
MATRIX = [(each, fault) for each in CASES for fault in each.faults]


@pytest.mark.parametrize(
    ("each", "fault"), MATRIX, ids=lambda value: f"{getattr(value, 'kind', value)}"
)
async def test_a_fault_ends_in_a_named_failure_or_a_right_answer(each: Case, fault: Fault) -> None:
    await check_fault(each, fault, WORLD)
