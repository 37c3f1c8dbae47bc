"""A subscriber of one's own: hears everything that changes in the demonstration, pushed to it."""

import asyncio
import base64
import binascii
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.errors import JisuiError

if TYPE_CHECKING:  # the store behind it costs a second to import, and most need none of it
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gateway.feed.subscribing.subscription import Subscription
    from gateway.settings import Settings
    from gateway.wiring.ground import Ground

NAME = "演示订阅 demo"
COLLECT_SECONDS = 1.0  # with somebody waiting to hear what changed
POLL_SECONDS = 0.25
LOOPBACK = ("127.0.0.0/8", "::1/128")
_PREFIX = "whsec_"
_COLLECTING = ("collect_preschool", "collect_students")


class NotSubscribed(JisuiError):
    """The options do not name a subscriber to deliver to."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Where to deliver and what to sign with, for these provinces."""

    url: str
    secret: str = field(repr=False)
    areas: tuple[str, ...]

    def told(self) -> dict[str, object]:
        """What the process that grants the subscription is told."""
        return {"url": self.url, "secret": self.secret, "areas": list(self.areas)}


def parse_subscriber(
    url: str | None, secret: str | None, schools: Mapping[str, Mapping[str, str]]
) -> Subscriber | None:
    """The subscriber that the options name, for all areas of a world; raise `NotSubscribed`."""
    if url is None and secret is None:
        return None
    if url is None or secret is None:
        raise NotSubscribed(
            "--subscribe 与 --subscriber-secret 须同用 · --subscribe and --subscriber-secret go"
            " together"
        )
    from gateway.feed.pushing.addresses import parse_address

    parse_address(url)
    if not _is_secret(secret):
        raise NotSubscribed(
            "--subscriber-secret：whsec_ 加 24 至 64 字节的 base64"
            " · whsec_ and 24 to 64 bytes in base64"
        )
    return Subscriber(url, secret, tuple(sorted({row["行政区划"][:2] for row in schools.values()})))


def _is_secret(text: str) -> bool:
    if not text.startswith(_PREFIX):
        return False
    try:
        return 24 <= len(base64.b64decode(text.removeprefix(_PREFIX), validate=True)) <= 64
    except (binascii.Error, ValueError):
        return False


async def subscribe(settings: "Settings", told: Mapping[str, Any]) -> str:
    """The subscription's id: granted now, or the one of an earlier run under today's secret."""
    from gateway.calls.call import WORKER
    from gateway.feed.subscribing.subscription import load_subscriptions
    from gateway.feed.subscribing.terms import State
    from gateway.wiring.ground import open_ground
    from gateway.wiring.subscriptions import wire_granting

    async with open_ground(settings) as ground, ground.database.transaction() as connection:
        found = [
            known
            for known in await load_subscriptions(connection, [State.ACTIVE])
            if (known.name, known.url) == (NAME, told["url"])
        ]
        if not found:
            granted, _ = await wire_granting(ground).grant(connection, _wanted(told), WORKER)
            found = [granted]
        await _give_secret(ground, connection, found[0], told["secret"])
        return found[0].subscription_id


def _wanted(told: Mapping[str, Any]) -> Any:
    from contracts.events import Stage
    from gateway.feed.subscribing.terms import Mode, Terms
    from gateway.feed.subscribing.wanted import Wanted

    areas = tuple(told["areas"])
    terms = Terms(areas, tuple(Stage), (), "thin", "")
    return Wanted(NAME, areas[0].ljust(6, "0"), terms, Mode.PUSH, 1, told["url"], LOOPBACK)


async def _give_secret(
    ground: "Ground", connection: "AsyncConnection", found: "Subscription", secret: str
) -> None:
    """Sign with the secret that the subscriber brought."""
    from gateway.feed.subscribing.secrets import Secrets, load_key, new_secrets, seal_secrets
    from gateway.feed.tables import subscriptions

    key = await load_key(connection, found, ground.sealer)
    given = Secrets((secret,), new_secrets(secrets.token_bytes).ed25519_seed)
    await connection.execute(
        subscriptions.update()
        .where(subscriptions.c.subscription_id == found.subscription_id)
        .values(sealed_secrets=seal_secrets(given, key))
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """How far a subscriber is, and whether that is everything there is."""

    number: int
    head: int
    whole: bool


async def follow(store: Path, subscription_id: str, deadline: float) -> Heard:
    """How far the subscriber is once it has everything, or at the deadline (monotonic clock).

    Everything is what was changed by now, and what the registers tell of it when asked once more.
    """
    from gateway.database import open_database

    began = datetime.now(UTC)
    database = open_database(f"sqlite+aiosqlite:///{store}")
    try:
        while True:
            async with database.reading() as connection:
                heard = await _heard(connection, subscription_id, began)
            if heard.whole or time.monotonic() >= deadline:
                return heard
            await asyncio.sleep(POLL_SECONDS)
    finally:
        await database.close()


async def _heard(connection: "AsyncConnection", subscription_id: str, began: datetime) -> Heard:
    from gateway.feed.publisher import anything_waits
    from gateway.feed.subscribing.subscription import load_subscription

    found = await load_subscription(connection, subscription_id)
    settled = found.acknowledged == found.head and not await anything_waits(connection)
    whole = settled and not await _busy(connection, began)
    return Heard(found.acknowledged, found.head, whole)


async def _busy(connection: "AsyncConnection", began: datetime) -> bool:
    """Whether work is due or under way, or a register was not asked since an instant."""
    from sqlalchemy import or_, select

    from gateway.leases import work
    from gateway.upkeep import ONLY

    now = datetime.now(UTC)
    due = select(work.c.kind).where(work.c.subject_id != ONLY)
    due = due.where(or_(work.c.due_at <= now, work.c.held_until.is_not(None)))
    # A chore that ran is due again so many seconds after its end.
    asked = began + timedelta(seconds=COLLECT_SECONDS)
    unasked = select(work.c.kind).where(work.c.kind.in_(_COLLECTING))
    unasked = unasked.where(or_(work.c.due_at < asked, work.c.held_until.is_not(None)))
    for query in (due, unasked):
        if (await connection.execute(query.limit(1))).first() is not None:
            return True
    return False
