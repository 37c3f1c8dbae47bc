"""The shared part of the simulators, over real sockets."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2 as httpx
import pytest
from starlette.responses import JSONResponse, Response

from adapters.simulation.app import create_simulator
from adapters.simulation.clock import SimulatorClock
from adapters.simulation.faults import FaultPlan, Faults
from adapters.simulation.operations import Call, Operation
from adapters.simulation.serving import serving


class Counting:
    """A protocol of one operation that counts what it carried out."""

    def __init__(self) -> None:
        self.total = 0

    def add(self, call: Call) -> Response:
        if call.fault is not None:
            return JSONResponse({"own": call.fault.kind, "code": call.fault.code})
        self.total += call.question["amount"]
        return JSONResponse({"total": self.total, "padding": "x" * 1000})

    def records(self) -> list[dict[str, Any]]:
        return [{"total": self.total}]

    def edit(self, find: dict[str, Any], to: dict[str, Any]) -> int:
        if find != {"total": self.total}:
            return 0
        self.total = to["total"]
        return 1

    def simulator(self) -> Any:
        return create_simulator(
            [Operation("add", "/add", self.add)],
            records=self.records,
            clock=SimulatorClock(),
            own_faults=["overflow"],
            edit=self.edit,
        )


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
async def client(counting: Counting) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serving(counting.simulator()) as url,
        httpx.AsyncClient(base_url=url, timeout=1.0, trust_env=False) as client,
    ):
        yield client


async def arm(client: httpx.AsyncClient, **plan: Any) -> None:
    assert (await client.post("/_simulator/faults", json=plan)).status_code == 200


async def add(client: httpx.AsyncClient, amount: int = 1) -> httpx.Response:
    return await client.post("/add", json={"amount": amount, "requestId": "r-1"})


async def test_without_faults_the_operation_is_answered_and_logged(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post(
        "/add", json={"amount": 2, "requestId": "r-7"}, headers={"X-Road-Id": "t-1"}
    )
    assert answer.json()["total"] == 2
    assert (await client.get("/_simulator/records")).json() == [{"total": 2}]
    (logged,) = (await client.get("/_simulator/requests")).json()
    assert logged.pop("at")
    assert logged == {
        "operation": "add",
        "request_id": "r-7",
        "trace_id": "t-1",
        "fault": None,
        "question": {"amount": 2, "requestId": "r-7"},
    }


TORN = [
    ("reset", 0, httpx.ReadError),
    ("lost_answer", 1, httpx.ReadError),
    ("truncated", 1, httpx.RemoteProtocolError),
    ("hang", 0, httpx.ReadTimeout),
]


@pytest.mark.parametrize(("kind", "carried_out", "seen"), TORN)
async def test_a_torn_connection_is_torn_on_the_wire(
    client: httpx.AsyncClient,
    counting: Counting,
    kind: str,
    carried_out: int,
    seen: type[Exception],
) -> None:
    await arm(client, script=[{"operation": "add", "kind": kind, "nth": 1}])
    with pytest.raises(seen):
        await add(client)
    assert counting.total == carried_out
    assert (await add(client)).json()["total"] == carried_out + 1


FOREIGN = [
    ("http_500", 500, b"Internal Server Error"),
    ("http_503", 503, b"Service Unavailable"),
    ("html_200", 200, "系统维护中".encode()),
    ("empty", 200, b""),
]


@pytest.mark.parametrize(("kind", "status", "body"), FOREIGN)
async def test_a_foreign_answer_comes_without_the_operation_being_done(
    client: httpx.AsyncClient, counting: Counting, kind: str, status: int, body: bytes
) -> None:
    await arm(client, script=[{"operation": "add", "kind": kind}])
    answer = await add(client)
    assert (answer.status_code, counting.total) == (status, 0)
    assert body in answer.content
    assert bool(answer.content) == bool(body)


async def test_503_says_when_to_come_again(client: httpx.AsyncClient) -> None:
    await arm(client, script=[{"kind": "http_503", "seconds": 7}])
    assert (await add(client)).headers["Retry-After"] == "7"


async def test_a_slow_answer_takes_the_seconds_it_was_given(client: httpx.AsyncClient) -> None:
    await arm(client, script=[{"kind": "slow", "seconds": 0.15}])
    started = time.monotonic()
    assert (await add(client)).json()["total"] == 1
    assert time.monotonic() - started >= 0.15


async def test_a_kind_of_the_systems_own_reaches_its_operation(client: httpx.AsyncClient) -> None:
    await arm(client, script=[{"kind": "overflow", "code": "-90"}])
    assert (await add(client)).json() == {"own": "overflow", "code": "-90"}


@pytest.mark.parametrize(
    "plan",
    [
        {"script": [{"kind": "gremlins"}]},
        {"script": [{"kind": "reset", "operation": "multiply"}]},
        {"script": [{"kind": "reset", "nth": 0}]},
        {"seed": 1, "rate": 2, "kinds": ["reset"]},
        {"skript": []},
    ],
)
async def test_a_slip_in_a_plan_is_refused(client: httpx.AsyncClient, plan: Any) -> None:
    assert (await client.post("/_simulator/faults", json=plan)).status_code == 422


async def test_an_empty_plan_clears(client: httpx.AsyncClient) -> None:
    await arm(client, script=[{"kind": "http_500"}])
    await arm(client)
    assert (await add(client)).status_code == 200


async def test_the_clock_stands_where_it_is_put_and_runs_again(client: httpx.AsyncClient) -> None:
    put = {"at": "2026-09-01T08:00:00+08:00"}
    assert (await client.post("/_simulator/clock", json=put)).json() == {
        "now": "2026-09-01T00:00:00+00:00"
    }
    moved = await client.post("/_simulator/clock", json={"advance_seconds": 60})
    assert moved.json() == {"now": "2026-09-01T00:01:00+00:00"}
    await add(client)
    (logged,) = (await client.get("/_simulator/requests")).json()
    assert logged["at"] == "2026-09-01T00:01:00+00:00"
    running = (await client.post("/_simulator/clock", json={})).json()
    assert running != {"now": "2026-09-01T00:01:00+00:00"}


async def test_what_a_simulator_holds_can_be_changed_from_outside(
    client: httpx.AsyncClient, counting: Counting
) -> None:
    change = {"find": {"total": 0}, "set": {"total": 40}}
    assert (await client.post("/_simulator/records", json=change)).json() == {"changed": 1}
    assert counting.total == 40


async def test_the_control_routes_answer_on_loopback_only(counting: Counting) -> None:
    elsewhere = httpx.ASGITransport(counting.simulator(), client=("192.0.2.7", 4711))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://simulator") as client:
        assert (await client.get("/_simulator/records")).status_code == 403
        assert (await client.post("/_simulator/faults", json={})).status_code == 403


@pytest.mark.parametrize(
    ("kind", "seen"), [("reset", httpx.ReadError), ("truncated", httpx.RemoteProtocolError)]
)
async def test_in_process_a_torn_connection_looks_the_same(
    counting: Counting, kind: str, seen: type[Exception]
) -> None:
    inside = httpx.ASGITransport(counting.simulator())
    async with httpx.AsyncClient(transport=inside, base_url="http://simulator") as client:
        await arm(client, script=[{"kind": kind}])
        with pytest.raises(seen):
            await add(client)


async def test_several_simulators_serve_side_by_side_and_stop_while_one_hangs() -> None:
    first, second = Counting(), Counting()
    async with (
        httpx.AsyncClient(timeout=5.0, trust_env=False) as client,
        serving(first.simulator()) as one,
        serving(second.simulator()) as other,
    ):
        await client.post(f"{one}/_simulator/faults", json={"script": [{"kind": "hang"}]})
        hanging = asyncio.create_task(client.post(f"{one}/add", json={"amount": 1}))
        await client.post(f"{other}/add", json={"amount": 5})
        stopped_at = time.monotonic()
    with pytest.raises(httpx.HTTPError):
        await asyncio.wait_for(hanging, 1)
    assert time.monotonic() - stopped_at < 2
    assert (first.total, second.total) == (0, 5)


async def test_a_busy_port_is_an_error(counting: Counting) -> None:
    async with serving(counting.simulator()) as url:
        with pytest.raises(OSError, match="in use"):
            async with serving(counting.simulator(), port=int(url.rsplit(":", 1)[1])):
                pass


def strikes(seed: int, order: list[str]) -> list[tuple[str, str | None]]:
    faults = Faults(["create", "query"])
    faults.arm(FaultPlan(seed=seed, rate=0.3, kinds=("reset", "http_500")))
    struck = [(operation, faults.strike(operation)) for operation in order]
    return [(operation, fault.kind if fault else None) for operation, fault in struck]


def test_a_seed_strikes_the_same_calls_whatever_order_the_operations_come_in() -> None:
    interleaved = strikes(7, ["create", "query"] * 200)
    apart = strikes(7, ["create"] * 200 + ["query"] * 200)
    assert sorted(interleaved, key=lambda s: s[0]) == apart
    kinds = [kind for _, kind in apart if kind]
    assert 60 < len(kinds) < 180
    assert set(kinds) == {"reset", "http_500"}
    assert strikes(8, ["create"] * 200) != strikes(7, ["create"] * 200)


def test_the_nth_call_of_an_operation_is_counted_from_arming() -> None:
    faults = Faults(["create", "query"])
    faults.strike("create")
    faults.arm(
        FaultPlan.model_validate({"script": [{"operation": "create", "nth": 2, "kind": "reset"}]})
    )
    struck = [faults.strike(name) for name in ("create", "query", "create", "create")]
    assert [fault is not None for fault in struck] == [False, False, True, False]
