"""How pushing is wired: the lanes, and the one way out to subscribers."""

import random
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from contracts.events import load_vocabulary
from gateway.feed.pushing.keeping import Keeping
from gateway.feed.pushing.lanes import AT_ONCE, Lanes
from gateway.feed.pushing.looking import Looking
from gateway.feed.pushing.networks import Border, is_ours, load_denied, resolve
from gateway.feed.pushing.schedule import load_schedule
from gateway.feed.pushing.sending import Courier
from gateway.feed.pushing.settling import Settling
from gateway.feed.pushing.turns import Turns
from gateway.feed.pushing.waking import PUSH, wake_lanes
from gateway.feed.reading import Streams
from gateway.settings import InvalidSettings
from gateway.settings.feed import Push
from gateway.wiring.ground import Ground
from gateway.wiring.subscriptions import wire_steering
from gateway.worker import Lane


@asynccontextmanager
async def open_pushing(ground: Ground) -> AsyncIterator[Mapping[str, Lane]]:
    """The worker's lane of lanes; closes every connection to a subscriber at the end."""
    courier = wire_courier(ground)
    lanes = Lanes(ground.database, ground.clock, _turns(ground, courier))
    try:
        yield {PUSH: Lane((PUSH,), lanes.step, at_once=AT_ONCE)}
    finally:
        await lanes.close()
        await courier.close()


async def look_for_deliveries(ground: Ground) -> None:
    """Find what nobody was woken for: a subscription resumed, a replay, a word that was lost."""
    async with ground.database.transaction() as connection:
        await wake_lanes(connection, ground.clock.now())


def wire_courier(ground: Ground) -> Courier:
    """What carries messages to subscribers, and nowhere else."""
    push = ground.settings.push
    border = Border(frozenset(push.hosts), frozenset(push.ports), load_denied(), resolve, is_ours)
    return Courier(border, _trust(push), ground.clock, push.attempt_seconds)


def _trust(push: Push) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if push.authorities_file is None:
        return context
    try:
        context.load_verify_locations(cafile=push.authorities_file)
    except OSError as error:  # also where the file holds no certificate
        kind = type(error).__name__
        raise InvalidSettings(f"push.authorities_file cannot be read ({kind})") from None
    return context


def _turns(ground: Ground, courier: Courier) -> Turns:
    push = ground.settings.push
    looking = Looking(
        database=ground.database,
        clock=ground.clock,
        sealer=ground.sealer,
        pages=Streams(ground.sealer, load_vocabulary()),
        beat=timedelta(seconds=push.heartbeat_seconds) if push.heartbeat_seconds else None,
    )
    patience = timedelta(hours=push.suspend_hours)
    settling = Settling(
        database=ground.database,
        clock=ground.clock,
        schedule=load_schedule(),
        keeping=Keeping(ground.log, wire_steering(ground).suspend, patience),
        chance=random.random,
    )
    return Turns(ground.clock, courier, looking, settling)
