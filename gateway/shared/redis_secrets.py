"""Short-lived secrets that one process renews for all, through Redis, where they lie sealed.

Where Redis is lost every process renews for itself, which a system allows or answers with a refusal
that leads to the next renewal.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime

from redis.asyncio import Redis

from contracts.secrets import Renew, Secret
from gateway.clock import Clock
from gateway.sealing import DataKey, Unopenable
from gateway.shared.link import Link, LinkDown
from gateway.shared.secrets import OwnSecrets, in_force

KEPT_SECONDS = 30 * 24 * 3600  # a secret that ran out still tells what it is renewed with
RENEWAL_SECONDS = 10  # how long one process may take before another tries
LOOK_SECONDS = 0.05

_OPEN_LOCK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""
_STORE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
return 1
"""


class RedisSecrets:
    """Keeps secrets once for all processes; each remembers what it last saw."""

    def __init__(self, link: Link, key: DataKey, clock: Clock) -> None:
        self._link = link
        self._key = key
        self._clock = clock
        self._own = OwnSecrets(clock)

    async def current(self, name: str, renew: Renew, *, refused: Secret | None = None) -> Secret:
        """The secret in force, renewed where it ran out or is the one just refused."""

        async def renew_for_all(known: Secret | None) -> Secret:
            try:
                return await self._renewed(name, renew, known, refused)
            except LinkDown:
                return await renew(known)

        return await self._own.current(name, renew_for_all, refused=refused)

    async def _renewed(
        self, name: str, renew: Renew, known: Secret | None, refused: Secret | None
    ) -> Secret:
        """The secret another process renewed, or the one we do."""
        token = secrets.token_hex(16)
        while True:
            shared = await self._load(name)
            if shared is not None and in_force(shared, refused, self._clock.now()):
                return shared
            if await self._lock(name, token):
                return await self._renew(name, token, renew, known, refused)
            await asyncio.sleep(LOOK_SECONDS)

    async def _renew(
        self, name: str, token: str, renew: Renew, known: Secret | None, refused: Secret | None
    ) -> Secret:
        try:
            # Whoever held the lock before us may have finished since we looked.
            shared = await self._load(name)
            if shared is not None and in_force(shared, refused, self._clock.now()):
                return shared
            renewed = await renew(_newer(shared, known))
            await self._store(name, token, renewed)
            return renewed
        finally:
            await self._unlock(name, token)

    async def _load(self, name: str) -> Secret | None:
        async def read(redis: Redis) -> bytes | None:
            sealed = await redis.get(_value(name))
            return sealed if isinstance(sealed, bytes) else None

        sealed = await self._link.run(read)
        if sealed is None:
            return None
        try:
            return _opened(self._key.open(sealed, _context(name)))
        except (Unopenable, ValueError, KeyError):
            return None  # another installation's, or changed: as good as none

    async def _lock(self, name: str, token: str) -> bool:
        async def lock(redis: Redis) -> bool:
            return bool(await redis.set(_lock_of(name), token, nx=True, ex=RENEWAL_SECONDS))

        return await self._link.run(lock)

    async def _store(self, name: str, token: str, secret: Secret) -> None:
        """Share the secret, unless the renewal took so long that another process began its own."""
        sealed = self._key.seal(_closed(secret), _context(name))

        async def store(redis: Redis) -> None:
            keys = (_lock_of(name), _value(name))
            await redis.eval(_STORE, len(keys), *keys, token, sealed, KEPT_SECONDS)

        await self._try(store)

    async def _unlock(self, name: str, token: str) -> None:
        async def unlock(redis: Redis) -> None:
            await redis.eval(_OPEN_LOCK, 1, _lock_of(name), token)

        await self._try(unlock)

    async def _try(self, command: Callable[[Redis], Awaitable[None]]) -> None:
        try:
            await self._link.run(command)
        except LinkDown:
            return  # the secret is good without being shared, and a lock ends by itself


def _newer(one: Secret | None, other: Secret | None) -> Secret | None:
    known = [secret for secret in (one, other) if secret is not None]
    return max(known, key=lambda secret: secret.expires_at, default=None)


def _closed(secret: Secret) -> bytes:
    return json.dumps([secret.value, secret.expires_at.isoformat(), secret.renewal]).encode()


def _opened(plain: bytes) -> Secret:
    value, expires_at, renewal = json.loads(plain)
    return Secret(value, datetime.fromisoformat(expires_at), renewal)


def _value(name: str) -> str:
    return f"jisui:{{secret:{name}}}:value"


def _lock_of(name: str) -> str:
    return f"jisui:{{secret:{name}}}:lock"


def _context(name: str) -> str:
    return f"shared secret {name}"
