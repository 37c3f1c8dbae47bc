"""Reading a stream from any number on: the same bytes for the same numbers, however often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.naming import child_kind
from gateway.feed.phrasing import Phrases, fill, within
from gateway.feed.places import Place, load_changes, load_places, reason_of
from gateway.feed.rendering import NOTHING, WITHDRAWAL, Extra, Words, render
from gateway.feed.subscribing.extras import Extras
from gateway.feed.subscribing.field_policies import FieldPolicies, load_field_policies
from gateway.feed.tables import subscriptions
from gateway.feed.trimmed import Trimmed
from gateway.sealing import Sealer

_HEAD = select(subscriptions.c.head).where(
    subscriptions.c.subscription_id == bindparam("subscription_id")
)


@dataclass(frozen=True)
class Page:
    """Events after a number, in order; `last` is the number of the last one, `head` the stream's.

    `last` is the number asked after where there is nothing new.
    """

    events: tuple[bytes, ...]
    last: int
    head: int

    @cached_property
    def body(self) -> bytes:
        """The events alone, as a CloudEvents JSON batch."""
        return b"[%b]" % b",".join(self.events)


class Streams:
    """Reads streams; gives each child the name under which one subscription knows it."""

    def __init__(self, sealer: Sealer, words: Words, policies: FieldPolicies | None = None) -> None:
        self.sealer = sealer
        self.words = words
        self.policies = policies or load_field_policies()
        self._phrases = Phrases(words)

    async def page(
        self, connection: AsyncConnection, subscription_id: str, after: int, limit: int
    ) -> Page:
        """The events numbered `after` + 1 on, at most `limit` of them, and the stream's head."""
        head = await connection.execute(_HEAD, {"subscription_id": subscription_id})
        events = await self.events(connection, subscription_id, after, limit)
        return Page(events, after + len(events), head.scalar_one())

    async def events(
        self, connection: AsyncConnection, subscription_id: str, after: int, limit: int
    ) -> tuple[bytes, ...]:
        """The events numbered `after` + 1 on, at most `limit` of them; raise `Trimmed`."""
        places = await load_places(connection, subscription_id, after, limit)
        if places and places[-1][0] != after + len(places):
            raise Trimmed(f"已超过保存期限 · past its time: {subscription_id} from {after + 1}")
        extras = Extras(self.sealer, self.policies)
        told = await extras.load(connection, subscription_id, after, after + len(places))
        taken_back = {number for number, what in places if reason_of(what) == WITHDRAWAL}
        odd = taken_back | told.keys()
        if not odd:
            return tuple(await self._phrased(connection, subscription_id, places))
        even = [place for place in places if place[0] not in odd]
        numbers = [number for number, _ in even]
        events = await self._phrased(connection, subscription_id, even)
        rendered = await self._rendered(connection, subscription_id, odd, told)
        every = dict(zip(numbers, events, strict=True)) | rendered
        return tuple(every[number] for number, _ in places)

    async def _phrased(
        self, connection: AsyncConnection, subscription_id: str, places: Sequence[Place]
    ) -> list[bytes]:
        """The events that tell nothing beyond their changes."""
        phrases = await self._phrases.load(connection, subscription_id, places)
        ours, kind, name = within(subscription_id), child_kind(subscription_id), self.sealer.index
        return [
            fill(phrase, ours, number, name(kind, phrase.person_id).encode())
            for (number, _), phrase in zip(places, phrases, strict=True)
        ]

    async def _rendered(
        self,
        connection: AsyncConnection,
        subscription_id: str,
        numbers: set[int],
        told: Mapping[int, Extra],
    ) -> dict[int, bytes]:
        """The other events, by number."""
        kind = child_kind(subscription_id)
        return {
            row.number: render(
                row,
                self.sealer.index(kind, row.person_id),
                self.words,
                told.get(row.number, NOTHING),
            ).encode()
            for row in await load_changes(connection, subscription_id, numbers)
        }
