"""Requests that may be repeated under a key: the first does the work, every repeat finds it.

The key is kept in the transaction that makes the work durable, so that where there is a key there
is work. A repeat under the same key is led to that work and told how it stands now: what was "not
yet" the first time is never replayed as final.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Column, ColumnElement, Index, String, Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.database import Instant, insert_into, metadata
from gateway.sealing import Sealer
from gateway.web.problems import Kind, Problem

KEPT = timedelta(hours=72)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", String(64), primary_key=True),
    Column("key_hash", String(64), primary_key=True),
    Column("fingerprint", String(32), nullable=False),
    Column("resource", String(64), nullable=False),
    Column("running_until", Instant),  # null once the first request has its answer
    Column("kept_until", Instant, nullable=False),
    Index("idempotency_keys_kept_until", "kept_until"),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """One request under a key: whose it is, and what its body comes to (`Keys.wish`)."""

    caller: str
    key_hash: str
    fingerprint: str


class Keys:
    """The keys of one gateway; all its processes share the table."""

    def __init__(self, sealer: Sealer, clock: Clock) -> None:
        self._sealer = sealer
        self._clock = clock

    def wish(self, caller: str, key: str, operation: str, body: bytes) -> Wish:
        """The request of `caller` to an operation under a key; `body` may be a digest of it."""
        # Keyed: a bare digest of a name and a number could be tried out.
        content = f"{operation} {hashlib.sha256(body).hexdigest()}"
        key_hash = hashlib.sha256(key.encode()).hexdigest()
        return Wish(caller, key_hash, self._sealer.index("idempotency", content))

    async def claim(
        self, connection: AsyncConnection, wish: Wish, resource: str, running_seconds: float
    ) -> str:
        """What the key stands for: `resource` if it is new, else what its first request made.

        The first request counts as running until `settle`, at most for `running_seconds`. Raises a
        problem where the key was used for something else (422) or its first request still runs
        (409).
        """
        now = self._clock.now()
        new = insert_into(connection, idempotency_keys).values(
            caller=wish.caller,
            key_hash=wish.key_hash,
            fingerprint=wish.fingerprint,
            resource=resource,
            running_until=now + timedelta(seconds=running_seconds),
            kept_until=now + KEPT,
        )
        claimed = await connection.execute(new.on_conflict_do_nothing())
        if claimed.rowcount == 1:
            return resource
        found = await self.find(connection, wish)
        if found is None:  # forgotten between the two statements
            raise Problem(Kind.STILL_RUNNING, retry_after=1.0)
        return found

    async def find(self, connection: AsyncConnection, wish: Wish) -> str | None:
        """What the key's first request made, or None where there was none; raises as `claim`."""
        query = select(idempotency_keys).where(_mine(wish))
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        if row.fingerprint != wish.fingerprint:
            raise Problem(Kind.KEY_REUSED)
        left = row.running_until - self._clock.now() if row.running_until else timedelta()
        if left > timedelta():
            raise Problem(Kind.STILL_RUNNING, retry_after=left.total_seconds())
        return str(row.resource)

    async def settle(self, connection: AsyncConnection, wish: Wish) -> None:
        """Note that the first request under this key is about to be answered."""
        settled = update(idempotency_keys).where(_mine(wish)).values(running_until=None)
        await connection.execute(settled)

    async def forget(self, connection: AsyncConnection) -> int:
        """Drop the keys nobody may repeat any more; how many there were."""
        expired = delete(idempotency_keys).where(idempotency_keys.c.kept_until <= self._clock.now())
        return (await connection.execute(expired)).rowcount


def _mine(wish: Wish) -> ColumnElement[bool]:
    return (idempotency_keys.c.caller == wish.caller) & (
        idempotency_keys.c.key_hash == wish.key_hash
    )
