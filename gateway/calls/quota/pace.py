"""The pace of all processes together: kept in Redis where there is one, else in the store."""

from datetime import datetime, timedelta
from pathlib import Path

from redis.asyncio import Redis

from gateway.calls.quota.store_pace import SECOND, Allowed, StorePace
from gateway.clock import Clock
from gateway.shared.link import LOOK_SECONDS, REST_SECONDS, Link, LinkDown

# Before Redis grants again after a loss, every process has seen that it is back, and the last
# call the store granted meanwhile is more than a second old.
SILENCE = SECOND + timedelta(seconds=REST_SECONDS + LOOK_SECONDS + 0.2)

_SCRIPT = (Path(__file__).parent / "pacing.lua").read_text("utf-8")
_MICROSECOND = timedelta(microseconds=1)


class SharedPace:
    """Redis keeps the pace; where it is lost the store does, a second later."""

    def __init__(self, store: StorePace, link: Link, clock: Clock) -> None:
        self._store = store
        self._link = link
        self._clock = clock
        self._lost_at: datetime | None = None
        self._stood_in = False

    async def take(self, system: str, a_second: int, calls: int, grant_id: str) -> Allowed:
        """As many of the calls as the last second leaves room for."""
        try:
            taken, wait = await self._ask_redis(system, a_second, calls, grant_id)
        except LinkDown:
            return await self._stand_in(system, a_second, calls, grant_id)
        self._lost_at, self._stood_in = None, False
        wait_until = self._clock.now() + timedelta(microseconds=wait) if wait else None
        return Allowed(taken, wait_until)

    async def give_back(self, system: str, grant_id: str, unused: int) -> None:
        """Let others have what a grant did not use."""
        members = [f"{grant_id}:{number}" for number in range(1, unused + 1)]

        async def forget(redis: Redis) -> None:
            await redis.zrem(_granted(system), *members)

        try:
            await self._link.run(forget)
        except LinkDown:
            await self._store.give_back(system, grant_id, unused)  # if the store granted it

    async def _ask_redis(
        self, system: str, a_second: int, calls: int, grant_id: str
    ) -> tuple[int, int]:
        keys = (_granted(system), f"jisui:{{{system}}}:kept_since")
        spans = (SECOND // _MICROSECOND, SILENCE // _MICROSECOND)
        back = int(self._stood_in)

        async def run(redis: Redis) -> tuple[int, int]:
            taken, wait = await redis.eval(
                _SCRIPT, len(keys), *keys, grant_id, a_second, calls, *spans, back
            )
            return int(taken), int(wait)

        return await self._link.run(run)

    async def _stand_in(self, system: str, a_second: int, calls: int, grant_id: str) -> Allowed:
        """Have the store keep the pace, once all that Redis granted is more than a second old."""
        now = self._clock.now()
        self._lost_at = self._lost_at or now
        if now < self._lost_at + SECOND:
            return Allowed(0, self._lost_at + SECOND)
        self._stood_in = True
        return await self._store.take(system, a_second, calls, grant_id)


def _granted(system: str) -> str:
    return f"jisui:{{{system}}}:granted"
