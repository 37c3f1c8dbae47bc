"""Redis Streams: one stream a subscription, each entry under the event's own number.

Redis refuses a number that is not above the last one, so an entry is never there twice and never
out of order, however many relays are at work.
"""

from collections.abc import Sequence
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from gateway.feed.relays.engine import EngineAway, Relayed

SECONDS = 10.0
_KNOWN = "The ID specified in XADD is equal or smaller"


class RedisStreams:
    """A connection to one Redis."""

    def __init__(self, url: str) -> None:
        """Connects when it is first used."""
        self._redis = Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)

    async def reached(self, name: str) -> int:
        """The last number the stream holds, 0 where there is none; raise `EngineAway`."""
        try:
            if not await self._redis.exists(_key(name)):
                return 0
            # The entries themselves may all be trimmed: which was the last, Redis knows beyond that
            known = await self._redis.xinfo_stream(_key(name))
        except (RedisError, OSError) as error:
            raise EngineAway(f"Redis: {type(error).__name__}") from None
        return int(cast(bytes, known["last-generated-id"]).partition(b"-")[0])

    async def append(self, name: str, events: Sequence[Relayed]) -> None:
        """Add the events, all or none of them; return once Redis has said so."""
        try:
            # One transaction: were one entry refused for want of memory, later ones must not pass.
            async with self._redis.pipeline(transaction=True) as commands:
                for event in events:
                    told: dict[Any, Any] = {
                        "id": event.event_id,
                        "child": event.child,
                        "event": event.body,
                    }
                    commands.xadd(_key(name), told, id=f"{event.number}-0")
                said = await commands.execute(raise_on_error=False)
        except (RedisError, OSError) as error:
            raise EngineAway(f"Redis: {type(error).__name__}") from None
        for refusal in said:
            if isinstance(refusal, Exception) and not _is_known(refusal):
                raise EngineAway(f"Redis: {type(refusal).__name__}")

    async def close(self) -> None:
        """End the connection."""
        await self._redis.aclose()


def _key(name: str) -> str:
    return f"jisui:feed:{{{name}}}"  # the braces place it as a whole in a cluster


def _is_known(refusal: Exception) -> bool:
    return isinstance(refusal, ResponseError) and str(refusal).startswith(_KNOWN)
