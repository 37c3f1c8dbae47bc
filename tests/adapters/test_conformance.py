"""Every adapter, every fault: a named failure or a right answer, in time, and nothing twice."""

import asyncio
import socket
from dataclasses import replace

import pytest

from adapters import transport
from adapters.registry import StudentStatusSystem
from adapters.simulation.answers import OWN_FAULTS
from adapters.simulation.faults import TRANSPORT_KINDS
from adapters.world import World
from contracts.capabilities import Enrolment, Receipt
from contracts.errors import OutcomeUnknown, Unavailable
from tests.adapters.conformance import (
    JSON_FAULTS,
    TRANSPORT_FAULTS,
    Case,
    Fault,
    bench,
    check_fault,
    check_reconcile,
)
from tests.adapters.conformance_cases import CASES, ENROLMENT, TRACE

MATRIX = [(case, fault) for case in CASES for fault in case.faults]
UNKNOWN = [(case, fault) for case, fault in MATRIX if case.fate and fault.writing is OutcomeUnknown]


def named(value: object) -> str:
    return value.kind if isinstance(value, Fault) else str(value)


@pytest.mark.parametrize(("case", "fault"), MATRIX, ids=named)
async def test_a_fault_ends_in_a_named_failure_or_a_right_answer(
    case: Case, fault: Fault, world: World
) -> None:
    await check_fault(case, fault, world)


@pytest.mark.parametrize(("case", "fault"), UNKNOWN, ids=named)
async def test_a_write_of_unknown_outcome_is_reconciled_and_done_once(
    case: Case, fault: Fault, world: World
) -> None:
    await check_reconcile(case, fault, world)


def test_the_suite_knows_every_kind_of_fault_there_is() -> None:
    assert {fault.kind for fault in TRANSPORT_FAULTS} == TRANSPORT_KINDS
    assert {fault.kind for fault in JSON_FAULTS} == OWN_FAULTS


def test_the_suite_calls_every_system_of_the_protocol() -> None:
    assert {case.system for case in CASES} == {
        "enrolment_platform",
        "preschool",
        "student_status",
    }


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_a_system_that_is_not_there_is_unavailable_and_nothing_was_done(
    case: Case,
) -> None:
    async with transport.open_client(f"http://127.0.0.1:{free_port()}", verify=False) as client:
        with pytest.raises(Unavailable):
            await case.call(case.open_(client))


@pytest.mark.parametrize("seed", range(3))
async def test_however_often_calls_break_no_child_is_entered_twice(world: World, seed: int) -> None:
    (create,) = [case for case in CASES if str(case) == "student_status-create"]
    kinds = ["reset", "http_500", "html_200", "empty", "truncated", "lost_answer", "unbound"]
    async with bench(create, world) as subject:
        await subject.arm(seed=seed, rate=0.5, kinds=kinds)
        identity = ENROLMENT.child.identity
        wishes = [
            replace(
                ENROLMENT,
                request_id=f"r-{place}",
                child=replace(
                    ENROLMENT.child,
                    identity=replace(identity, number=f"L99999920180101{place:04d}", document=None),
                ),
            )
            for place in range(20)
        ]
        await asyncio.gather(*(insist(subject.adapter, wish) for wish in wishes))
        numbers = [record["学籍号"] for record in await subject.records()][1:]
    assert sorted(numbers) == [f"L99999920180101{place:04d}" for place in range(20)]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def insist(adapter: StudentStatusSystem, wish: Enrolment) -> Receipt:
    """Ask until it is done, and before each further time what became of the time before."""
    while True:
        try:
            return (await adapter.create(wish, trace_id=TRACE)).value
        except Unavailable:  # nothing was sent
            continue
        except OutcomeUnknown:
            known = await reconcile(adapter, wish.request_id)
            if known is not None:
                return known


async def reconcile(adapter: StudentStatusSystem, request_id: str) -> Receipt | None:
    """What became of the request, asked until there is an answer."""
    while True:
        try:
            return (await adapter.enrolment(request_id, trace_id=TRACE)).value
        except Unavailable:
            await asyncio.sleep(0)
