"""A store with subscriptions, children who change, and a publisher until somebody kills it."""

import asyncio
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, select

from contracts.events import Event, Stage, load_vocabulary
from gateway.clock import Clock, VirtualClock
from gateway.database import Database, open_database
from gateway.feed.publishing import Publishing
from gateway.feed.reading import Streams
from gateway.feed.recording import Place, Recorder, StatusChange
from gateway.feed.subscribing.field_policies import load_field_policies
from gateway.feed.subscribing.keeping import Keeping
from gateway.feed.subscribing.secrets import Secrets, new_secrets, seal_secrets
from gateway.feed.tables import NUMBERED_CHANGES, status_changes, streams, subscriptions
from gateway.identifiers import Identifiers
from gateway.sealing import DataKey, Sealer, store_keys
from gateway.sequence.numbering import Numbering

NOW = datetime(2026, 9, 1, tzinfo=UTC)
SEALER = Sealer(b"f" * 32, b"i" * 32)
HERE = Place(school="3133000001", area="330102")
THERE = Place(school="3144000002", area="440103")


@dataclass(frozen=True)
class Child:
    """Somebody whose status changes."""

    person_id: str
    key_id: str
    key: DataKey


def recorder(clock: Clock) -> Recorder:
    return Recorder(clock, Identifiers(clock, secrets.token_bytes))


def change(
    child: Child,
    event: Event = Event.SUSPENDED,
    stage: Stage = Stage.PRIMARY,
    before: Place = HERE,
    after: Place = HERE,
) -> StatusChange:
    return StatusChange(
        child.person_id,
        child.key_id,
        child.key,
        event,
        stage,
        NOW,
        "student_status",
        "11",
        before,
        after,
    )


async def children(store: Database, count: int, first: int = 0) -> list[Child]:
    """So many new children with keys of their own."""
    made = []
    async with store.transaction() as connection:
        for place in range(first, first + count):
            wrapped, key = SEALER.new_key()
            child = Child(f"{place:032d}", f"{place:030d}-k", key)
            await store_keys(
                connection, [{"key_id": child.key_id, "wrapped": wrapped, "created_at": NOW}]
            )
            made.append(child)
    return made


async def subscribe(
    store: Database,
    subscription_id: str,
    *,
    areas: str = "33",
    stages: str = "preschool primary",
    events: str = "",
    state: str = "active",
    institution: str = "330000",
    sealer: Sealer = SEALER,
) -> Secrets:
    """A subscription from now on, and its secrets."""
    wrapped, key = sealer.new_key()
    made = new_secrets(secrets.token_bytes)
    row = {
        "subscription_id": subscription_id,
        "name": subscription_id,
        "institution": institution,
        "areas": areas,
        "stages": stages,
        "events": events,
        "field_policy": "thin",
        "approval": "批准一",
        "mode": "pull",
        "batch": 100,
        "networks": "",
        "state": state,
        "state_reason": "",
        "key_id": subscription_id,
        "sealed_secrets": seal_secrets(made, key),
        "position": 0,
        "head": 0,
        "acknowledged": 0,
        "created_at": NOW,
        "changed_at": NOW,
    }
    async with store.transaction() as connection:
        key_row = {"key_id": subscription_id, "wrapped": wrapped, "created_at": NOW}
        await store_keys(connection, [key_row])  # type: ignore[list-item]
        await connection.execute(insert(subscriptions), row)
    return made


def publisher(store: Database, holder: str = "here", at: datetime = NOW) -> Publishing:
    clock = VirtualClock(at)
    keeping = Keeping(SEALER, load_field_policies(), clock)
    return Publishing(store, clock, Numbering(NUMBERED_CHANGES, holder), keeping)


async def publish(store: Database, holder: str = "here", at: datetime = NOW) -> None:
    """Publish everything committed so far."""
    publishing = publisher(store, holder, at)
    while await publishing.step():
        pass


async def stream(store: Database, subscription_id: str) -> list[tuple[int, str, str, int]]:
    """Number, change, child and version of everything in a stream, in order."""
    query = (
        select(
            streams.c.number,
            streams.c.change_id,
            status_changes.c.person_id,
            status_changes.c.version,
        )
        .join(status_changes, status_changes.c.change_id == streams.c.change_id)
        .where(streams.c.subscription_id == subscription_id)
        .order_by(streams.c.number)
    )
    async with store.reading() as connection:
        return [tuple(row) for row in await connection.execute(query)]


async def read(store: Database, subscription_id: str, after: int = 0, limit: int = 1000) -> bytes:
    """The bytes of a page."""
    async with store.reading() as connection:
        pages = Streams(SEALER, load_vocabulary())
        return (await pages.page(connection, subscription_id, after, limit)).body


async def record(store: Database, changes: Sequence[StatusChange], at: datetime = NOW) -> None:
    """Commit changes."""
    async with store.transaction() as connection:
        await recorder(VirtualClock(at)).record(connection, changes)


async def publish_for_ever(store: Database, holder: str, at: datetime) -> None:
    """Publish step by step, without end."""
    publishing = publisher(store, holder, at)
    while True:
        done = await publishing.step()
        await asyncio.sleep(0 if done else 0.002)


if __name__ == "__main__":
    url, name, instant = sys.argv[1:]
    asyncio.run(publish_for_ever(open_database(url), name, datetime.fromisoformat(instant)))
