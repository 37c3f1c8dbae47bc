"""Looking at lanes: how each stands and what it sends next, those of a group in one snapshot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.database import Database
from gateway.feed.pushing.gathering import Asked
from gateway.feed.pushing.parcels import Parcel
from gateway.feed.pushing.planning import Pages, Replay, View, load_replays, plan
from gateway.feed.pushing.standing import Aside, Standing, load_asides, load_standings
from gateway.feed.subscribing.secrets import open_secrets
from gateway.feed.subscribing.subscription import State, Subscription, load_named
from gateway.sealing import DataKey, Sealer, load_keys


@dataclass(frozen=True, slots=True)
class Seen:
    """A lane as it stands, None where it delivers nothing, and what to send now."""

    view: View | None
    parcels: tuple[Parcel, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found of all lanes, by their subscriptions; who delivers nothing is absent."""

    subscriptions: Mapping[str, Subscription]
    keys: Mapping[str, DataKey] = field(repr=False)
    standings: Mapping[str, Standing]
    asides: Mapping[str, tuple[Aside, ...]]
    replays: Mapping[str, Replay]


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks for all who ask at a time; `beat` is the time between heartbeats, if there are any."""

    database: Database
    clock: Clock
    sealer: Sealer = field(repr=False)
    pages: Pages
    beat: timedelta | None

    async def look(self, lanes: Sequence[Asked[str, Seen]]) -> None:
        """Answer each lane as soon as its parcels are there: it sends while others are read."""
        async with self.database.reading() as connection:
            found = await self._find(connection, [lane.what for lane in lanes])
            for lane in lanes:
                try:
                    lane.answer(await self._seen(connection, lane.what, found))
                except SQLAlchemyError:
                    raise
                except Exception as fault:  # of one lane, which the others survive
                    lane.refuse(fault)

    async def _seen(self, connection: AsyncConnection, name: str, found: _Found) -> Seen:
        subscription = found.subscriptions.get(name)
        if subscription is None:
            return Seen(None)
        now = self.clock.now()
        view = View(
            subscription=subscription,
            secrets=open_secrets(subscription, found.keys, now),
            standing=found.standings[name],
            asides=found.asides.get(name, ()),
            replay=found.replays.get(name),
            now=now,
            beat=self.beat,
        )
        return Seen(view, await plan(connection, view, self.pages))

    async def _find(self, connection: AsyncConnection, names: Sequence[str]) -> _Found:
        every = await load_named(connection, names)
        found = [one for one in every if one.state is State.ACTIVE and one.pushes]
        delivering = [one.subscription_id for one in found]
        return _Found(
            subscriptions=dict(zip(delivering, found, strict=True)),
            keys=await load_keys(connection, [one.key_id for one in found], self.sealer),
            standings=await load_standings(connection, found),
            asides=await load_asides(connection, delivering),
            replays=await load_replays(connection, delivering),
        )
