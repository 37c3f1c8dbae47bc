"""The desk for single queries: asks at once in this process, and keeps who asked and saw what.

A query is durable, and put on record together with the question to the register, before a byte
leaves. This process holds its work under a lease and asks; should it die, the worker takes the work
over when the lease is over. Who waits no longer is told where to ask.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.admission import Access
from gateway.access.grants import Grant
from gateway.database import Database
from gateway.evidence import Action, Log
from gateway.identifiers import Identifiers
from gateway.shared.wakeups import Wakeups
from gateway.verification.asked import Said
from gateway.verification.asking import CHECK, Verifying
from gateway.verification.queries.answers import Query, answered_with, find_query, show
from gateway.verification.queries.opening import Asking, Opening
from gateway.verification.queries.told import Told
from gateway.verification.words import answered, wait_for_word
from gateway.web.idempotency import Keys, Wish

_log = structlog.get_logger()


@dataclass(slots=True)
class Waiting:
    """Somebody at the desk with a query; `seen` is its answer, once the viewing is on record."""

    grant: Grant
    query_id: str
    wish: Wish | None = None
    left: bool = False  # and was told where to ask
    seen: Query | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What the desk stands on; `verifying_for` gives the register that serves an area."""

    database: Database
    log: Log
    identifiers: Identifiers
    access: Access
    keys: Keys
    wakeups: Wakeups
    opening: Opening
    verifying_for: Callable[[str], Verifying]


class Desk:
    """One process's desk; the queries it has under way are its state."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._running: dict[str, asyncio.Task[None]] = {}
        self._words: set[asyncio.Task[None]] = set()  # on their way to other processes

    async def ask(self, grant: Grant, told: Told, wish: Wish | None, patience: float) -> Waiting:
        """A query accepted and under way; under a key that was used before, the one it made."""
        ground = self._ground
        waiting = Waiting(grant, ground.identifiers(), wish)
        async with ground.database.transaction() as connection:
            if wish is not None:
                made = waiting.query_id
                waiting.query_id = await ground.keys.claim(connection, wish, made, patience)
                if waiting.query_id != made:
                    return Waiting(grant, waiting.query_id)
            query, asking = await ground.opening.open(connection, grant, waiting.query_id, told)
            if asking is None:
                await self._view(connection, waiting, query)
        if asking is not None:
            task = asyncio.create_task(self._exchange(asking, waiting), name="single query")
            self._running[waiting.query_id] = task
            task.add_done_callback(lambda _: self._ended(waiting.query_id))
        return waiting

    async def answer(self, waiting: Waiting, patience: float) -> Query:
        """The query with its answer, or as it stands when patience ends; else refuse.

        Whoever is shown an answer is on record before it is shown.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        if waiting.seen is None:
            await self._settled(waiting.query_id, patience)
        if waiting.seen is not None:
            return waiting.seen
        with self._ground.wakeups.listening(answered(waiting.query_id)) as told:
            while waiting.seen is None:
                told.clear()
                query = await self._look(waiting)
                left = deadline - loop.time()
                if query.outcome is not None or left <= 0:
                    return await self._leave(waiting, query)
                await self._settled(waiting.query_id, left, told)
        return waiting.seen

    async def resumes_at(self, query: Query) -> datetime | None:
        """When a query that waits can be asked at the earliest; None where nothing holds it up."""
        verifying = self._ground.verifying_for(query.area)
        async with self._ground.database.reading() as connection:
            system = verifying.dialect.system
            room = await verifying.calls.room(connection, system, CHECK, 1)
        return None if room.calls else room.wait_until

    async def close(self) -> None:
        """Let go of what is under way: its leases run out, and the worker takes it over."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*self._words, return_exceptions=True)

    async def _exchange(self, asking: Asking, waiting: Waiting) -> None:
        viewing = replace(waiting)

        async def also(connection: AsyncConnection, kept: Sequence[Said]) -> None:
            # Who left meanwhile sees nothing; who leaves from here on is on record in vain.
            if kept and not waiting.left:
                await self._view(connection, viewing, answered_with(asking.query, kept[0]))

        try:
            await asking.verifying.exchange([(asking.asked,)], asking.calls, also)
        except Exception as fault:
            # Undone as a whole; the lease runs out and the worker asks.
            _log.error("query_failed", fault=type(fault).__name__)
            return
        waiting.seen = viewing.seen

    async def _view(
        self, connection: AsyncConnection, waiting: Waiting, query: Query | None
    ) -> None:
        """Put on record that an answer, where there is one, is shown to whoever waits."""
        shown = show(query, waiting.grant.role) if query is not None else None
        if query is None or shown is None:
            return
        bound = {"question": query.question, "answer": shown.answer_hash}
        viewed = waiting.grant.entry(
            Action.RECORD_VIEWED, "verification", query.query_id, call=query.call_id, **bound
        )
        await self._ground.log.append(connection, [viewed])
        if waiting.wish is not None:
            await self._ground.keys.settle(connection, waiting.wish)
        waiting.seen = query

    async def _look(self, waiting: Waiting) -> Query:
        """The query, if it exists within the grant's reach; else refuse as if it did not."""
        access, grant = self._ground.access, waiting.grant
        async with self._ground.database.reading() as connection:
            query = await find_query(connection, waiting.query_id)
        if query is None:
            await access.refuse(grant, "absent")
        await access.require_covered(grant, institution=query.institution, area=query.area)
        return query

    async def _leave(self, waiting: Waiting, query: Query) -> Query:
        """The query as it is shown now, answered or not."""
        waiting.left = True
        if query.outcome is None and waiting.wish is None:
            return query
        async with self._ground.database.transaction() as connection:
            await self._view(connection, waiting, await find_query(connection, query.query_id))
            if waiting.wish is not None:
                await self._ground.keys.settle(connection, waiting.wish)
        return waiting.seen or query

    async def _settled(
        self, query_id: str, seconds: float, told: asyncio.Event | None = None
    ) -> None:
        """Wait until this process has no more to do for the query, or for so many seconds.

        Where it has nothing to do, wait for the word of another one, which may be lost.
        """
        task = self._running.get(query_id)
        if task is not None:
            await asyncio.wait([task], timeout=seconds)
        elif told is not None:
            await wait_for_word(self._ground.wakeups, told, seconds)

    def _ended(self, query_id: str) -> None:
        """Let go of a query, and tell the doors of other processes: ours have seen it end."""
        self._running.pop(query_id, None)
        if self._ground.wakeups.reach_all:
            word = asyncio.create_task(self._ground.wakeups.publish(answered(query_id)))
            self._words.add(word)
            word.add_done_callback(self._words.discard)
