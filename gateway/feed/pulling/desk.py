"""The desk behind the pull door: finds the caller's subscription, reads pages, keeps positions."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.admission import Access
from gateway.access.grants import Grant
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Log
from gateway.feed.pulling.acknowledging import Position, acknowledge, load_position
from gateway.feed.pulling.evidence_head import newest_root
from gateway.feed.pulling.handing_out import is_stale, note_asked, note_handed_out
from gateway.feed.pulling.page import Encoded, encode, message_id
from gateway.feed.pulling.refusing import trimmed
from gateway.feed.pulling.waiting import Heads
from gateway.feed.pushing.signing import signed_headers, signers
from gateway.feed.reading import Page, Streams
from gateway.feed.subscribing.secrets import load_secrets
from gateway.feed.subscribing.subscription import State, Subscription, load_subscription
from gateway.feed.tables import subscriptions
from gateway.feed.trimmed import Trimmed, load_trimmed
from gateway.sealing import Sealer

_STANDS = select(subscriptions.c.head, subscriptions.c.acknowledged).where(
    subscriptions.c.subscription_id == bindparam("ours")
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a subscriber asks for: events after a number, so many at most, waiting so long."""

    after: int
    limit: int
    wait_seconds: float
    compressed: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A page with everything that is said about it."""

    page: Page
    encoded: Encoded
    acknowledged: int
    evidence: tuple[int, str]
    signature: dict[str, str]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the routes of pulling need."""

    database: Database
    sealer: Sealer
    clock: Clock
    log: Log
    access: Access
    streams: Streams
    heads: Heads

    async def find(self, grant: Grant, subscription_id: str) -> Subscription:
        """The caller's subscription, or the only one it has where none is named; else refuse.

        What is absent, another institution's or stopped is refused alike.
        """
        async with self.database.reading() as connection:
            found = await _owned(connection, grant.institution)
            wanted = [one for one in found if subscription_id in ("", one)]
            if len(wanted) == 1:
                return await load_subscription(connection, wanted[0])
        return await self.access.refuse(grant, "ambiguous" if wanted else "absent")

    async def tell(self, grant: Grant, subscription: Subscription, wanted: Wanted) -> Told:
        """The page after a number; where there is none yet, as soon as there is or time is up."""
        ours = subscription.subscription_id
        await self._note_asked(subscription)
        if subscription.head <= wanted.after and wanted.wait_seconds > 0:
            await self.heads.grown(ours, wanted.after, wanted.wait_seconds)
        told = await self._read(subscription, wanted)
        if told.page.events:
            await self._note_told(grant, ours, wanted.after, told)
        return told

    async def position(self, subscription: Subscription) -> Position:
        """Where the subscriber is."""
        async with self.database.reading() as connection:
            return await load_position(connection, subscription.subscription_id)

    async def acknowledge(
        self, grant: Grant, subscription: Subscription, to: int, *, replay: bool
    ) -> Position:
        """Where the subscriber is after its acknowledgement, on record; raise `Refused`."""
        ours = subscription.subscription_id
        async with self.database.transaction() as connection:
            moved = await acknowledge(connection, ours, to, replay=replay)
            await note_asked(connection, ours, self.clock.now())
            outcome = "replay" if replay else "acknowledged"
            entry = grant.entry(Action.FEED_ACKNOWLEDGED, outcome, ours, number=str(to))
            await self.log.append(connection, [entry])
        return moved

    async def _read(self, subscription: Subscription, wanted: Wanted) -> Told:
        ours, now = subscription.subscription_id, self.clock.now()
        async with self.database.reading() as connection:
            try:
                events = await self.streams.events(connection, ours, wanted.after, wanted.limit)
            except Trimmed:
                raise trimmed(await load_trimmed(connection, ours)) from None
            found = (await connection.execute(_STANDS, {"ours": ours})).one()
            evidence = await newest_root(connection)
            secrets = await load_secrets(connection, subscription, self.sealer, now)
        page = Page(events, wanted.after + len(events), found.head)
        return Told(
            page,
            encode(page.body, compressed=wanted.compressed),
            found.acknowledged,
            evidence,
            signed_headers(signers(secrets), message_id(ours, wanted.after, page), now, page.body),
        )

    async def _note_asked(self, subscription: Subscription) -> None:
        now = self.clock.now()
        if subscription.asked_at is None or is_stale(subscription.asked_at, now):
            async with self.database.transaction() as connection:
                await note_asked(connection, subscription.subscription_id, now)

    async def _note_told(self, grant: Grant, subscription_id: str, after: int, told: Told) -> None:
        last, events = told.page.last, told.encoded.tag.strip('"')
        content = {"after": str(after), "last": str(last), "events": events}
        entry = grant.entry(Action.FEED_PULLED, "told", subscription_id, **content)
        async with self.database.transaction() as connection:
            await note_handed_out(connection, subscription_id, after, last)
            await self.log.append(connection, [entry])


async def _owned(connection: AsyncConnection, institution: str) -> list[str]:
    columns = subscriptions.c
    query = select(columns.subscription_id).where(
        columns.institution == institution, columns.state != State.STOPPED.value
    )
    return list((await connection.execute(query)).scalars())
