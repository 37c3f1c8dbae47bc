"""What processes share and may lose: through Redis where it is configured, else each its own.

Wake-ups go through a PostgreSQL store where there is no Redis.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.engine import make_url

from contracts.secrets import SharedSecrets
from gateway.calls.quota import Limit, Limits, Period, Quota
from gateway.calls.quota.pace import SharedPace
from gateway.calls.quota.store_pace import StorePace
from gateway.clock import Clock
from gateway.database import Database
from gateway.identifiers import Identifiers
from gateway.keys import Keys
from gateway.sealing import DataKey
from gateway.settings import Settings
from gateway.settings.systems import System
from gateway.shared.link import Link, open_link, open_redis
from gateway.shared.secrets import OwnSecrets, RedisSecrets
from gateway.shared.store_wakeups import open_store_wakeups
from gateway.shared.wakeups import OwnWakeups, Wakeups, open_wakeups


@dataclass(frozen=True, slots=True)
class Shared:
    """Secrets, wake-ups, and the link to Redis where there is one."""

    secrets: SharedSecrets
    wakeups: Wakeups
    link: Link | None


@asynccontextmanager
async def open_shared(settings: Settings, keys: Keys, clock: Clock) -> AsyncIterator[Shared]:
    """What is shared; closes every connection at the end."""
    if settings.redis_url is None and settings.embedded:
        yield Shared(OwnSecrets(clock), OwnWakeups(), None)
        return
    if settings.redis_url is None:
        async with open_store_wakeups(make_url(settings.database_url)) as told:
            yield Shared(OwnSecrets(clock), told, None)
        return
    hearing = open_redis(settings.redis_url)
    async with open_link(settings.redis_url) as link, open_wakeups(link, hearing) as wakeups:
        yield Shared(RedisSecrets(link, DataKey(keys.file), clock), wakeups, link)


@asynccontextmanager
async def open_quota(
    settings: Settings, database: Database, clock: Clock, identifiers: Identifiers, shared: Shared
) -> AsyncIterator[Quota]:
    """The quota of every system; gives back at the end what was reserved and not spent."""
    store = StorePace(database, clock)
    pace = store if shared.link is None else SharedPace(store, shared.link, clock)
    limits = {name: _limits(system) for name, system in settings.systems.named().items()}
    quota = Quota(database, clock, identifiers, limits, pace)
    try:
        yield quota
    finally:
        await quota.close()


def _limits(system: System) -> Limits:
    return Limits(
        tuple(
            Limit(agreed.calls, Period(agreed.per), agreed.begins, agreed.ends)
            for agreed in system.quota
        )
    )
