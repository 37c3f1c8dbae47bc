"""A fuse that ends a process at its n-th point: around commits, around calls, at any await."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import IdentityCheck
from gateway.database import Database
from gateway.verification.dialects import Dialects
from gateway.wiring.ground import Ground
from gateway.wiring.systems import Systems


class Crash(BaseException):
    """The process is gone; nobody may catch this and go on."""


class Fuse:
    """Counts the points a process passes and ends it at one of them; 0 never burns."""

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.reached = 0
        self.last = ""

    @property
    def burnt(self) -> bool:
        """Whether the process was ended."""
        return 0 < self.at <= self.reached

    def reach(self, point: str) -> None:
        """Pass a point, or raise `Crash` there; what tidies up afterwards passes freely."""
        self.reached += 1
        if self.reached == self.at:
            self.last = point
            raise Crash(point)


def brittle(ground: Ground, systems: Systems, fuse: Fuse) -> tuple[Ground, Systems]:
    """The same ground and systems, with a point before and after every commit and every call."""
    adapters = (systems.preschool, systems.student_status)
    asked = systems.population.default
    population = replace(asked, register=cast(IdentityCheck, _BrittleAdapter(asked.register, fuse)))
    return (
        replace(ground, database=_BrittleStore(ground.database, fuse)),
        Systems(*(_BrittleAdapter(adapter, fuse) for adapter in adapters), Dialects(population)),
    )


class _BrittleStore:
    def __init__(self, database: Database, fuse: Fuse) -> None:
        self._database = database
        self._fuse = fuse

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        async with self._database.transaction() as connection:
            yield connection
            self._fuse.reach("before a commit")
        self._fuse.reach("after a commit")

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._database.reading()


class _BrittleAdapter:
    def __init__(self, adapter: object, fuse: Fuse) -> None:
        self._adapter = adapter
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._adapter, name)
        return self._around(name, found) if inspect.iscoroutinefunction(found) else found

    def _around(self, name: str, ask: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
        async def call(*arguments: Any, **named: Any) -> Any:
            self._fuse.reach(f"before {name} leaves")
            answer = await ask(*arguments, **named)
            self._fuse.reach(f"after the answer to {name}")
            return answer

        return call


class Steered:
    """A coroutine with a point at every await that suspends it."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], fuse: Fuse) -> None:
        self._coroutine = coroutine
        self._fuse = fuse

    def __await__(self) -> Generator[Any, Any, Any]:
        step: Callable[[], Any] = lambda: self._coroutine.send(None)  # noqa: E731
        while True:
            try:
                awaited = step()
            except StopIteration as end:
                return end.value
            step = yield from self._suspend(awaited)

    def _suspend(self, awaited: Any) -> Generator[Any, Any, Callable[[], Any]]:
        try:
            self._fuse.reach("an await")
            sent = yield awaited
        except BaseException as thrown:  # the crash, or what the loop throws in
            failure = thrown
            return lambda: self._coroutine.throw(failure)
        return lambda: self._coroutine.send(sent)


async def bury_calls() -> None:
    """Cancel calls of a dead process that its siblings' crash left in flight."""
    calls = [task for task in asyncio.all_tasks() if _is_call(task)]
    for task in calls:
        task.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


def _is_call(task: "asyncio.Task[Any]") -> bool:
    return getattr(task.get_coro(), "__qualname__", "") == "Calls._send"
