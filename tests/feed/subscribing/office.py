"""An operator's desk over a store: grants and steers subscriptions, and reads what became of it."""

import json
import secrets
from typing import Any

from sqlalchemy import select

from gateway.clock import VirtualClock
from gateway.database import Database
from gateway.evidence import Actor, Log
from gateway.evidence.tables import entries
from gateway.feed.subscribing.field_policies import load_field_policies
from gateway.feed.subscribing.granting import Granting
from gateway.feed.subscribing.secrets import Secrets
from gateway.feed.subscribing.steering import Steering
from gateway.feed.subscribing.subscription import Mode, Subscription, Terms, load_subscription
from gateway.feed.subscribing.wanted import Wanted
from gateway.feed.tables import status_changes, streams
from gateway.identifiers import Identifiers
from gateway.sequence.lease import LEASE_SECONDS
from tests.feed.province import NOW, SEALER, publish

OPERATOR = Actor("jisui", "operator", "operator", "")
BOTH_STAGES = ("preschool", "primary")


def terms(
    *areas: str,
    stages: tuple[str, ...] = BOTH_STAGES,
    events: tuple[str, ...] = (),
    fields: str = "thin",
    approval: str = "",
) -> Terms:
    return Terms(areas, stages, events, fields, approval)


def wanted(agreed: Terms, mode: Mode = Mode.PULL, url: str = "", **more: Any) -> Wanted:
    return Wanted("a province", "330000", agreed, mode, url=url, **more)


class Office:
    """Grants and steers, each step in a transaction of its own."""

    def __init__(self, store: Database) -> None:
        self.store = store
        self.clock = VirtualClock(NOW)
        identifiers = Identifiers(self.clock, secrets.token_bytes)
        log = Log("test", self.clock, identifiers)
        parts = (SEALER, self.clock, identifiers, log, load_field_policies(), secrets.token_bytes)
        self.granting = Granting(*parts)
        self.steering = Steering(*parts)

    async def grant(self, agreed: Terms, **more: Any) -> tuple[str, Secrets]:
        """The id of a new subscription, and its secrets."""
        async with self.store.transaction() as connection:
            made, given = await self.granting.grant(connection, wanted(agreed, **more), OPERATOR)
        return made.subscription_id, given

    async def steer(self, step: str, *arguments: Any) -> Any:
        """What a step of steering gives."""
        async with self.store.transaction() as connection:
            return await getattr(self.steering, step)(connection, *arguments, OPERATOR)

    async def publish(self, holder: str = "here") -> None:
        """Publish everything committed, when whoever led before has let go."""
        self.clock.advance(LEASE_SECONDS)
        await publish(self.store, holder, self.clock.now())

    async def load(self, subscription_id: str) -> Subscription:
        """The subscription as it stands."""
        async with self.store.reading() as connection:
            return await load_subscription(connection, subscription_id)

    async def told(self, subscription_id: str) -> list[tuple[str, str, str]]:
        """Reason, event and half of everything in the stream, in order of its numbers."""
        query = (
            select(streams.c.number, streams.c.reason, status_changes.c.event, streams.c.half)
            .join(status_changes, status_changes.c.change_id == streams.c.change_id)
            .where(streams.c.subscription_id == subscription_id)
            .order_by(streams.c.number)
        )
        async with self.store.reading() as connection:
            rows = (await connection.execute(query)).all()
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))
        return [(row.reason, row.event, row.half) for row in rows]

    async def recorded(self) -> list[tuple[str, dict[str, str]]]:
        """Action and content of every entry, in order."""
        query = select(entries.c.canonical).order_by(entries.c.entry_id)
        async with self.store.reading() as connection:
            kept = (await connection.execute(query)).scalars().all()
        told = [json.loads(canonical[1:]) for canonical in kept]
        return [(entry["action"], entry["content"]) for entry in told]
