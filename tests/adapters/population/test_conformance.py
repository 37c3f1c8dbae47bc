"""The population register's adapter in the suite that every adapter must pass."""

from typing import Any

import pytest

from adapters import transport
from adapters.population.nciic.adapter import Nciic
from adapters.population.nciic.answers import FAILURES
from adapters.population.nciic.simulator import DEMO_LICENCE
from adapters.world import World
from contracts.capabilities import Asker, Claim, IdentityCheck
from contracts.errors import Malformed, TooMany, Unavailable, Unreadable
from tests.adapters.conformance import TRANSPORT_FAULTS, Case, Fault, check_fault

PERSON = {"GMSFHM": "999999201801010014", "XM": "测试甲"}
WORLD = World((), (), (), (PERSON,), {})
CLAIMS = [Claim("999999201801010014", "测试甲"), Claim("999999201801010014", "测试乙")]
ASKER = Asker("示例省教育厅学籍管理中心", "110108", "学籍注册核验")
FAULTS = (
    *TRANSPORT_FAULTS,
    *(
        Fault(kind, failure, failure, code)
        for code, failure in FAILURES.items()
        for kind in ("error_code", "bare_error")
    ),
    Fault("error_code", Unreadable, Unreadable, "-99"),
    *(
        Fault(kind, Unreadable, Unreadable)
        for kind in (
            "gzip",
            "gzip_bomb",
            "nested_bomb",
            "inner_dtd",
            "inner_cut",
            "wrong_namespace",
            "unescaped",
            "nil",
        )
    ),
    Fault("web_notice", TooMany, TooMany),
    Fault("cdata", None, None),
    Fault("soap_fault", Unavailable, Unavailable, "Server"),
    Fault("soap_fault", Malformed, Malformed, "Client"),
)


def population(client: transport.Client) -> IdentityCheck:
    return Nciic(client, licence=DEMO_LICENCE)


def told_apart(value: Any) -> bool:
    return [verdict.outcome.value for verdict in value] == ["MATCH", "NAME_MISMATCH"]


CHECK = Case(
    "population",
    "nciicCheck",
    population,
    lambda adapter: adapter.check(CLAIMS, ASKER, trace_id="t-1"),
    told_apart,
    faults=FAULTS,
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind}{fault.code}")
async def test_a_fault_ends_in_a_named_failure_or_a_right_answer(fault: Fault) -> None:
    await check_fault(CHECK, fault, WORLD)
