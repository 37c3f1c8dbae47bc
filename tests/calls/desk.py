"""Calls on a store of their own, over the real client, to whatever stands at an address."""

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from adapters.transport import Client, open_client, post
from contracts.capabilities import Reply
from contracts.errors import SystemFailure
from gateway.calls.call import Call
from gateway.calls.deadlines import Deadline
from gateway.calls.exchange import Calls
from gateway.calls.hours import Hours
from gateway.calls.rooms import Room
from gateway.clock import Clock, SystemClock
from gateway.database import Database
from gateway.evidence import Log
from gateway.identifiers import Identifiers

SYSTEM = "population"


@dataclass
class Desk:
    """One process's calls to one system."""

    database: Database
    calls: Calls
    client: Client
    clock: Clock

    def call(
        self,
        operation: str = "check",
        *,
        writing: bool = False,
        interactive: bool = False,
        deadline: Deadline | None = None,
    ) -> Call[str]:
        """A call that asks the address."""

        async def send() -> Reply[str]:
            answer = await post(
                self.client,
                "/",
                b"?",
                system=SYSTEM,
                operation=operation,
                headers={},
                writing=writing,
            )
            return Reply(str(answer.status), b"?", answer.body)

        return Call(
            SYSTEM,
            operation,
            send,
            (),
            secrets.token_hex(8),
            writing=writing,
            interactive=interactive,
            deadline=deadline,
        )

    def saying(self, result: Exception | str, operation: str = "check") -> Call[str]:
        """A call that comes to this as soon as it is sent."""

        async def send() -> Reply[str]:
            if isinstance(result, Exception):
                raise result
            return Reply(result, b"?", b"!")

        return Call(SYSTEM, operation, send, (), secrets.token_hex(8), writing=True)

    async def room(self, wanted: int, operation: str = "check") -> Room:
        """The room a worker's step finds."""
        async with self.database.reading() as connection:
            return await self.calls.room(connection, SYSTEM, operation, wanted)

    async def exchange(self, *calls: Call[str]) -> list[Reply[str] | SystemFailure]:
        """What the calls came to: recorded, sent, recorded."""
        asked = await self.asked(*calls)
        return await self.answered(asked, await self.calls.send(asked))

    async def asked(self, *calls: Call[str]) -> list[Call[str]]:
        """The calls, recorded."""
        async with self.database.transaction() as connection:
            return await self.calls.asked(connection, calls)

    async def answered(
        self, asked: Sequence[Call[str]], answers: Sequence[Reply[str] | SystemFailure]
    ) -> list[Reply[str] | SystemFailure]:
        """What the calls came to, recorded."""
        async with self.database.transaction() as connection:
            await self.calls.answered(connection, asked, answers)
        return list(answers)


@asynccontextmanager
async def open_desk(
    database: Database,
    url: str,
    *,
    seconds: float = 3.0,
    at_once: int = 16,
    clock: Clock | None = None,
    hours: Mapping[str, Hours] | None = None,
    quota: Any = None,
) -> AsyncIterator[Desk]:
    """A desk whose client is closed at the end."""
    clock = clock or SystemClock()
    identifiers = Identifiers(clock, secrets.token_bytes)
    calls = Calls(
        Log("test", clock, identifiers),
        clock,
        identifiers,
        database,
        seconds={SYSTEM: seconds},
        at_once={SYSTEM: at_once},
        hours=hours,
        quota=quota,
    )
    async with open_client(url, seconds=seconds) as client:
        yield Desk(database, calls, client, clock)
