"""Lanes on a store of their own, and a clock that jumps to whatever is due next."""

import base64
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from secrets import token_bytes

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.events import Event, load_vocabulary
from gateway.clock import VirtualClock
from gateway.database import Database
from gateway.evidence import Actor, Log
from gateway.feed.pushing.keeping import Keeping
from gateway.feed.pushing.lanes import Lanes
from gateway.feed.pushing.looking import Looking
from gateway.feed.pushing.networks import Border, is_ours, load_denied, resolve
from gateway.feed.pushing.schedule import load_schedule
from gateway.feed.pushing.sending import Courier
from gateway.feed.pushing.settling import Settling
from gateway.feed.pushing.standing import Aside, Standing, load_asides, load_standings
from gateway.feed.pushing.turns import Turns
from gateway.feed.pushing.waking import PUSH, wake_lanes
from gateway.feed.reading import Streams
from gateway.feed.subscribing.secrets import Secrets, seal_secrets
from gateway.feed.subscribing.subscription import load_subscription
from gateway.feed.tables import subscriptions
from gateway.identifiers import Identifiers
from gateway.leases import next_dues
from gateway.sealing import load_keys
from tests.feed.province import NOW, SEALER, Child, change, publish, record, subscribe

SECRET = f"whsec_{base64.b64encode(b'k' * 32).decode()}"
SEED = base64.b64encode(b"s" * 32).decode()
LOOPBACK = "127.0.0.0/8 ::1/128"


@dataclass
class Bench:
    """A store with lanes over it, all on one virtual clock."""

    store: Database
    clock: VirtualClock
    lanes: Lanes
    courier: Courier

    async def deliver(self) -> None:
        """Everything that is due now."""
        await self.wake()
        while await self.lanes.step():
            pass

    async def wake(self) -> None:
        """What publishing does at its end."""
        async with self.store.transaction() as connection:
            await wake_lanes(connection, self.clock.now())

    async def until(self, end: datetime) -> None:
        """Everything that becomes due by then, each at its time."""
        while True:
            await self.deliver()
            due = await self.next_due()
            if due is None or due > end:
                break
            self.clock.set(max(due, self.clock.now()))
        self.clock.set(end)

    async def next_due(self) -> datetime | None:
        """When a lane is due next."""
        async with self.store.reading() as connection:
            return (await next_dues(connection, [PUSH])).get(PUSH)

    async def standing(self, name: str = "a") -> Standing:
        """How a lane stands."""
        async with self.store.reading() as connection:
            found = await load_subscription(connection, name)
            return (await load_standings(connection, [found]))[name]

    async def asides(self, name: str = "a") -> tuple[Aside, ...]:
        """What a lane set aside."""
        async with self.store.reading() as connection:
            return (await load_asides(connection, [name])).get(name, ())

    async def kept(self, column: str, name: str = "a") -> object:
        """What a subscription's row says."""
        query = select(subscriptions.c[column]).where(subscriptions.c.subscription_id == name)
        async with self.store.reading() as connection:
            return (await connection.execute(query)).scalar()


@asynccontextmanager
async def bench(
    store: Database,
    *,
    seconds: float = 15.0,
    chance: Random | None = None,
    beat: timedelta | None = None,
) -> AsyncIterator[Bench]:
    """Lanes that begin at `NOW`."""
    clock = VirtualClock(NOW)
    border = Border(frozenset(), frozenset({443}), load_denied(), resolve, is_ours)
    courier = Courier(border, ssl.create_default_context(), clock, seconds)
    log = Log("test", clock, Identifiers(clock, token_bytes))
    looking = Looking(store, clock, SEALER, Streams(SEALER, load_vocabulary()), beat)
    keeping = Keeping(log, suspend, timedelta(hours=120))
    settling = Settling(store, clock, load_schedule(), keeping, (chance or Random(1)).random)
    lanes = Lanes(store, clock, Turns(clock, courier, looking, settling))
    try:
        yield Bench(store, clock, lanes, courier)
    finally:
        await lanes.close()
        await courier.close()


async def suspend(
    connection: AsyncConnection, subscription_id: str, reason: str, actor: Actor
) -> None:
    await connection.execute(
        update(subscriptions)
        .where(subscriptions.c.subscription_id == subscription_id)
        .values(state="suspended", state_reason=reason)
    )


async def subscribe_to_push(
    store: Database, name: str, url: str, *, batch: int = 100, hmac: Sequence[str] = (SECRET,)
) -> None:
    """A subscription that is delivered to a receiver on loopback."""
    await subscribe(store, name)
    async with store.transaction() as connection:
        keys = await load_keys(connection, [name], SEALER)
        sealed = seal_secrets(Secrets(tuple(hmac), SEED), keys[name])
        pushed = {"mode": "push", "url": url, "batch": batch, "networks": LOOPBACK}
        await connection.execute(
            update(subscriptions)
            .where(subscriptions.c.subscription_id == name)
            .values(**pushed, sealed_secrets=sealed)
        )


async def changes_of(store: Database, made: Sequence[Child], count: int) -> None:
    """So many changes, the children in turn, published."""
    kinds = [Event.SUSPENDED, Event.RESUMED]
    await record(
        store, [change(made[place % len(made)], kinds[place % 2]) for place in range(count)]
    )
    await publish(store)
