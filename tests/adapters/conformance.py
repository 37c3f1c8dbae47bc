"""What every adapter must keep when its system goes wrong, whatever system it is.

A `Case` is one call of one adapter; a `Fault` says what the call must end in when the simulator
breaks it that way. A new adapter adds its cases, and the faults of its own kind, as rows.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from adapters import registry, transport
from adapters.simulation.serving import serving
from adapters.world import World
from contracts.capabilities import Receipt, Reply
from contracts.errors import (
    Closed,
    NotEntitled,
    OutcomeUnknown,
    SystemFailure,
    Unavailable,
    Unreadable,
)

DEADLINE_SECONDS = 5.0
_PATIENCE_SECONDS = 2.0
_PATIENCE_WITH_SILENCE_SECONDS = 0.2


@dataclass(frozen=True)
class Fault:
    """A kind of fault and the failure it must end in; None where the answer must still come."""

    kind: str
    reading: type[SystemFailure] | None
    writing: type[SystemFailure] | None
    code: str = ""


TRANSPORT_FAULTS = (
    Fault("slow", None, None),
    Fault("hang", Unavailable, OutcomeUnknown),
    Fault("reset", Unavailable, OutcomeUnknown),
    Fault("http_500", Unavailable, OutcomeUnknown),
    Fault("http_503", Unavailable, OutcomeUnknown),
    Fault("html_200", Unreadable, OutcomeUnknown),
    Fault("empty", Unreadable, OutcomeUnknown),
    Fault("truncated", Unavailable, OutcomeUnknown),
    Fault("lost_answer", Unavailable, OutcomeUnknown),
)
JSON_FAULTS = (
    Fault("forbidden", NotEntitled, NotEntitled),
    Fault("closed", Closed, Closed),
    Fault("unbound", Unreadable, OutcomeUnknown),
    Fault("incomplete", Unreadable, OutcomeUnknown),
)


@dataclass(frozen=True)
class Case:
    """One call: the simulator's operation it asks for, and whether a value is its right answer.

    A writing case can also be asked what became of it; `prepare` is what must be done before;
    `simulate` makes the simulator where it is not the one in the table of systems.
    """

    system: str
    operation: str
    open_: Callable[[transport.Client], Any]
    call: Callable[[Any], Awaitable[Reply[Any]]]
    right: Callable[[Any], bool]
    fate: Callable[[Any], Awaitable[Reply[Receipt | None]]] | None = None
    prepare: Callable[[Any], Awaitable[object]] | None = None
    faults: Sequence[Fault] = field(default=(*TRANSPORT_FAULTS, *JSON_FAULTS))
    simulate: registry.Simulate | None = None

    def __str__(self) -> str:
        return f"{self.system}-{self.operation}"


@dataclass(frozen=True)
class Bench:
    """An adapter under test in front of its simulator."""

    adapter: Any
    client: transport.Client

    async def arm(self, **plan: Any) -> None:
        answer = await self.client.post("/_simulator/faults", json=plan)
        assert answer.status_code == 200, answer.text

    async def records(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = (await self.client.get("/_simulator/records")).json()
        return found


@asynccontextmanager
async def bench(
    case: Case, world: World, *, seconds: float = _PATIENCE_SECONDS
) -> AsyncIterator[Bench]:
    """The case's adapter before its simulator on a real socket, prepared."""
    simulate = case.simulate or _simulate(case.system)
    async with (
        serving(simulate(world)) as url,
        transport.open_client(url, seconds=seconds, verify=False) as client,
    ):
        adapter = case.open_(client)
        if case.prepare is not None:
            await case.prepare(adapter)
        yield Bench(adapter, client)


def _simulate(name: str) -> registry.Simulate:
    (system,) = [system for system in registry.SYSTEMS if system.name == name]
    return system.simulate


async def check_fault(case: Case, fault: Fault, world: World) -> None:
    """The broken call ends as the fault says, before its deadline; the next one is right."""
    expected = fault.reading if case.fate is None else fault.writing
    async with bench(case, world, seconds=_patience(fault)) as subject:
        await subject.arm(script=[_step(case, fault)])
        await _check_outcome(case, subject, expected)
        reply = await case.call(subject.adapter)
        assert case.right(reply.value)


async def check_reconcile(case: Case, fault: Fault, world: World) -> None:
    """After a write of unknown outcome the register can say; asked for again it is done once."""
    assert case.fate is not None
    async with bench(case, world, seconds=_patience(fault)) as subject:
        before = await subject.records()
        await subject.arm(script=[_step(case, fault)])
        await _check_outcome(case, subject, OutcomeUnknown)
        carried_out = await subject.records() != before
        fate = (await case.fate(subject.adapter)).value
        assert carried_out == (fault.kind in ("truncated", "lost_answer", "unbound", "incomplete"))
        assert (fate is not None) == carried_out
        receipt = (await case.call(subject.adapter)).value
        after = await subject.records()
        assert fate in (None, receipt)
        assert (await case.call(subject.adapter)).value == receipt
        assert await subject.records() == after != before


def _patience(fault: Fault) -> float:
    return _PATIENCE_WITH_SILENCE_SECONDS if fault.kind == "hang" else _PATIENCE_SECONDS


def _step(case: Case, fault: Fault) -> dict[str, Any]:
    step = {"operation": case.operation, "kind": fault.kind, "nth": 1, "code": fault.code}
    return step | ({"seconds": 0.05} if fault.kind == "slow" else {})


async def _check_outcome(case: Case, subject: Bench, expected: type[SystemFailure] | None) -> None:
    outcome = await _outcome(case, subject)
    if isinstance(outcome, Reply):
        assert expected is None, f"{case} answered"
        assert case.right(outcome.value)
    else:
        assert expected is not None, outcome
        assert isinstance(outcome, expected), outcome
        assert outcome.system == case.system


async def _outcome(case: Case, subject: Bench) -> Reply[Any] | SystemFailure:
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await case.call(subject.adapter)
    except SystemFailure as failure:
        return failure
