"""Relaying one subscription: ask the engine how far it is, give it what follows, keep that it has.

Nothing is kept of ours but what the subscriber has: a relay that is killed anywhere, or an engine
that lost what it had not yet written, goes on at the number the engine names.
"""

import asyncio
import json
from dataclasses import dataclass

import structlog

from contracts.errors import JisuiError
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Actor, Log
from gateway.feed.pulling.acknowledging import acknowledge
from gateway.feed.pulling.handing_out import is_stale, note_asked, note_handed_out
from gateway.feed.pulling.waiting import Heads
from gateway.feed.reading import Streams
from gateway.feed.relays.engine import Engine, EngineAhead, EngineAway, Relayed
from gateway.feed.subscribing.granting import subscription_entry
from gateway.feed.subscribing.subscription import State, Subscription, load_subscription

AT_ONCE = 1000
WAIT_SECONDS = 5.0

_log = structlog.get_logger()


class NotRelayed(JisuiError):
    """A subscription whose events are pushed to an address: one of the two would go short."""


@dataclass(frozen=True, slots=True)
class Relaying:
    """One process's relay to one engine."""

    database: Database
    clock: Clock
    log: Log
    streams: Streams
    heads: Heads
    engine: Engine
    actor: Actor
    wait_seconds: float = WAIT_SECONDS

    async def step(self, subscription_id: str) -> int:
        """Relay what follows; how many events the engine took, 0 where nothing was left.

        Raise `EngineAway`; `EngineAhead`, `NotRelayed` or `Trimmed` where an operator has to look.
        """
        reached = await self.engine.reached(subscription_id)
        async with self.database.reading() as connection:
            found = await load_subscription(connection, subscription_id)
            if found.pushes:
                raise NotRelayed(f"只有拉取的订阅可以续入 · not a pull: {subscription_id}")
            if reached > found.head:
                ahead = f"引擎已超前，请核对 · the engine is ahead: {reached} > {found.head}"
                raise EngineAhead(ahead)
            if found.state is not State.ACTIVE:
                return 0
            page = await self.streams.page(connection, subscription_id, reached, AT_ONCE)
        if page.events:
            numbered = enumerate(page.events, reached + 1)
            told = [_relayed(number, event) for number, event in numbered]
            await self.engine.append(subscription_id, told)
        await self._settle(found, reached, page.last)
        return page.last - reached

    async def follow(self, subscription_id: str) -> None:
        """Relay as the stream grows, for as long as this is not cancelled."""
        while True:
            try:
                if await self.step(subscription_id):
                    continue
            except EngineAway as away:
                _log.warning("engine_away", subscription=subscription_id, reason=str(away))
                await asyncio.sleep(self.wait_seconds)
                continue
            await self._grown(subscription_id)

    async def _grown(self, subscription_id: str) -> None:
        async with self.database.reading() as connection:
            found = await load_subscription(connection, subscription_id)
        if found.state is State.ACTIVE:
            await self.heads.grown(subscription_id, found.acknowledged, self.wait_seconds)
        else:
            await asyncio.sleep(self.wait_seconds)

    async def _settle(self, found: Subscription, reached: int, last: int) -> None:
        """Keep, and have on record, up to where the engine has everything."""
        ours, now = found.subscription_id, self.clock.now()
        noted = found.asked_at is not None and not is_stale(found.asked_at, now)
        if noted and last <= found.acknowledged:
            return
        async with self.database.transaction() as connection:
            await note_asked(connection, ours, now)
            held = (await load_subscription(connection, ours)).acknowledged
            if last <= held:
                return
            await note_handed_out(connection, ours, min(reached, held), last)
            await acknowledge(connection, ours, last, replay=False)
            content = {"after": str(held), "last": str(last), "by": "relay"}
            entry = subscription_entry(Action.FEED_DELIVERED, found, self.actor, content)
            await self.log.append(connection, [entry])


def _relayed(number: int, event: bytes) -> Relayed:
    told = json.loads(event)
    return Relayed(number, told["id"], told["subject"], event)
