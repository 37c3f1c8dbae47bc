"""The current state in a subscription's scope: each child's latest covered change, by pages."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.covering import Coverage, covers, half
from gateway.feed.naming import child_kind
from gateway.feed.rendering import Extra, Words, encode, state
from gateway.feed.subscribing.field_policies import FieldPolicies
from gateway.feed.subscribing.keeping import open_detail
from gateway.feed.subscribing.subscription import Subscription
from gateway.feed.tables import status_changes
from gateway.sealing import Sealer, data_keys, load_keys

SNAPSHOT = "snapshot"
CHILDREN_AT_ONCE = 1000
_Row = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class States:
    """Reads states as a subscriber may see them."""

    sealer: Sealer = field(repr=False)
    words: Words
    policies: FieldPolicies

    async def lines(
        self, connection: AsyncConnection, subscription: Subscription
    ) -> AsyncIterator[str]:
        """A line a child, all of one moment where the connection reads in one snapshot.

        The moment is that of `subscription`, which was loaded on the same connection. Erased
        children are left out.
        """
        person = ""
        while rows := await _page(connection, subscription, person):
            for line in await self._rendered(connection, subscription, rows):
                yield line
            person = rows[-1].person_id

    async def _rendered(
        self, connection: AsyncConnection, subscription: Subscription, rows: Sequence[_Row]
    ) -> list[str]:
        policy = self.policies[subscription.terms.field_policy]
        needed = [] if policy.thin else [row.key_id for row in rows if not row.erased]
        keys = await load_keys(connection, needed, self.sealer)
        kind = child_kind(subscription.subscription_id)
        lines = []
        for row in rows:
            if row.erased:
                continue
            told = {} if policy.thin else policy.told(open_detail(row, keys[row.key_id]))
            child = self.sealer.index(kind, row.person_id)
            lines.append(encode({"event": row.event, **state(row, child, self.words, Extra(told))}))
        return lines


async def _page(
    connection: AsyncConnection, subscription: Subscription, after: str
) -> Sequence[_Row]:
    """The next children's states, in the order of their internal keys."""
    terms = subscription.terms
    coverage = Coverage(" ".join(terms.areas), " ".join(terms.stages), " ".join(terms.events))
    changes = status_changes.c
    latest = (
        select(changes.person_id, func.max(changes.version).label("version"))
        .where(changes.person_id > after, changes.position <= subscription.position)
        .where(covers(coverage), changes.late.is_(False))
        .group_by(changes.person_id)
        .order_by(changes.person_id)
        .limit(CHILDREN_AT_ONCE)
        .subquery()
    )
    same = (latest.c.person_id == changes.person_id) & (latest.c.version == changes.version)
    query = (
        select(
            status_changes,
            half(coverage.areas).label("half"),
            literal(SNAPSHOT).label("reason"),
            data_keys.c.wrapped.is_(None).label("erased"),
        )
        .join(latest, same)
        .join(data_keys, data_keys.c.key_id == changes.key_id)
        .order_by(changes.person_id)
    )
    return (await connection.execute(query)).all()
