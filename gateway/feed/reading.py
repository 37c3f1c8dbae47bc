"""Reading a stream from any number on: the same bytes for the same numbers, however often."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.naming import child_kind
from gateway.feed.phrasing import Phrases
from gateway.feed.rendering import NOTHING, WITHDRAWAL, Extra, Words, render
from gateway.feed.subscribing.extras import Extras
from gateway.feed.subscribing.field_policies import FieldPolicies, load_field_policies
from gateway.feed.tables import status_changes, streams, subscriptions
from gateway.sealing import Sealer

_CHANGE = (
    "person_id",
    "version",
    "event",
    "stage",
    "area_from",
    "area_to",
    "school_from",
    "school_to",
    "source",
    "source_code",
    "occurred_at",
    "recorded_at",
)


@dataclass(frozen=True)
class Page:
    """Events after a number, in order; `last` is the number of the last one, `head` the stream's.

    `last` is the number asked after where there is nothing new.
    """

    events: tuple[str, ...]
    last: int
    head: int

    @cached_property
    def body(self) -> bytes:
        """The events alone, as a CloudEvents JSON batch."""
        return f"[{','.join(self.events)}]".encode()


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
        """The events numbered `after` + 1 on, at most `limit` of them."""
        mine = subscriptions.c.subscription_id == subscription_id
        head = (await connection.execute(select(subscriptions.c.head).where(mine))).scalar_one()
        rows = await _rows(connection, subscription_id, after, limit)
        last = after + len(rows)
        extras = Extras(self.sealer, self.policies)
        told = await extras.load(connection, subscription_id, after, last)
        kind = child_kind(subscription_id)
        events = tuple(
            self._render(row, self.sealer.index(kind, row.person_id), told.get(row.number))
            for row in rows
        )
        return Page(events, last, head)

    def _render(self, row: Row[tuple[object, ...]], child: str, extra: Extra | None) -> str:
        if extra is None and row.reason != WITHDRAWAL:
            return self._phrases.render(row, child)
        return render(row, child, self.words, extra or NOTHING)


async def _rows(
    connection: AsyncConnection, subscription_id: str, after: int, limit: int
) -> list[Row[tuple[object, ...]]]:
    query = (
        select(streams, *(status_changes.c[name] for name in _CHANGE))
        .join(status_changes, status_changes.c.change_id == streams.c.change_id)
        .where(streams.c.subscription_id == subscription_id, streams.c.number > after)
        .order_by(streams.c.number)
        .limit(limit)
    )
    return list((await connection.execute(query)).all())
