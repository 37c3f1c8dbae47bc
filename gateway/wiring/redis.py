"""How what processes share is wired through Redis; imported only where Redis is configured."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from contracts.secrets import SharedSecrets
from gateway.calls.quota.pace import SharedPace
from gateway.calls.quota.store_pace import StorePace
from gateway.clock import Clock
from gateway.keys import Keys
from gateway.sealing import DataKey
from gateway.shared.link import open_link, open_redis
from gateway.shared.redis_secrets import RedisSecrets
from gateway.shared.redis_wakeups import open_wakeups
from gateway.shared.wakeups import Wakeups


@dataclass(frozen=True, slots=True)
class RedisParts:
    """Secrets and wake-ups for all processes, and the pace over a store that stands in."""

    secrets: SharedSecrets
    wakeups: Wakeups
    pace: Callable[[StorePace], SharedPace]


@asynccontextmanager
async def open_redis_parts(url: str, keys: Keys, clock: Clock) -> AsyncIterator[RedisParts]:
    """What goes through the Redis at this address; closes every connection at the end."""
    async with open_link(url) as link, open_wakeups(link, open_redis(url)) as wakeups:
        yield RedisParts(
            secrets=RedisSecrets(link, DataKey(keys.file), clock),
            wakeups=wakeups,
            pace=lambda store: SharedPace(store, link, clock),
        )
