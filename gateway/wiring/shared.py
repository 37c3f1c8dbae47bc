"""What processes share and may lose: through Redis where it is configured, else each its own.

Wake-ups go through a PostgreSQL store where there is no Redis.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.engine import make_url

from contracts.secrets import SharedSecrets
from gateway.calls.quota import Limit, Limits, Period, Quota
from gateway.calls.quota.quota import Pace
from gateway.calls.quota.store_pace import StorePace
from gateway.clock import Clock
from gateway.database import Database
from gateway.identifiers import Identifiers
from gateway.keys import Keys
from gateway.settings import Settings
from gateway.settings.systems import System
from gateway.shared.secrets import OwnSecrets
from gateway.shared.store_wakeups import open_store_wakeups
from gateway.shared.wakeups import OwnWakeups, Wakeups


@dataclass(frozen=True, slots=True)
class Shared:
    """Secrets, wake-ups, and the pace that Redis keeps where there is one."""

    secrets: SharedSecrets
    wakeups: Wakeups
    pace: Callable[[StorePace], Pace] | None


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
    from gateway.wiring.redis import open_redis_parts  # a library of 6 MiB, for those who use it

    async with open_redis_parts(settings.redis_url, keys, clock) as parts:
        yield Shared(parts.secrets, parts.wakeups, parts.pace)


@asynccontextmanager
async def open_quota(
    settings: Settings, database: Database, clock: Clock, identifiers: Identifiers, shared: Shared
) -> AsyncIterator[Quota]:
    """The quota of every system; gives back at the end what was reserved and not spent."""
    store = StorePace(database, clock)
    pace = shared.pace(store) if shared.pace else store
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
