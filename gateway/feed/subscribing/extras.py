"""What events of one subscription tell beyond their changes: fields, corrections, tickets, graves.

All of it was fixed when the events were numbered, but for an erased child's: of that only a
tombstone is read from then on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.rendering import Extra
from gateway.feed.subscribing.field_policies import FieldPolicies, load_field_policies
from gateway.feed.subscribing.keeping import (
    AgreedPolicies,
    load_details,
    load_policies,
    open_detail,
)
from gateway.feed.subscribing.tables import claim_tickets, received_fields, tombstones
from gateway.feed.subscribing.tickets import Tickets
from gateway.sealing import Sealer, load_keys

_Row = Row[*tuple[Any, ...]]
_UNKNOWN = ""  # the hash of data that was erased before it could be taken


@dataclass(frozen=True, slots=True)
class Extras:
    """Loads what a page's events tell beyond their changes."""

    sealer: Sealer = field(repr=False)
    policies: FieldPolicies = field(default_factory=load_field_policies)

    async def load(
        self, connection: AsyncConnection, subscription_id: str, after: int, last: int
    ) -> Mapping[int, Extra]:
        """By number, those events after `after` up to `last` that tell more than their change."""
        span = (subscription_id, after, last)
        agreed = await load_policies(connection, subscription_id, self.policies)
        erased = await _digests(connection, span)
        tickets = await self._tickets(connection, span)
        fields: Mapping[int, Extra] = {}
        if not agreed.all_thin:
            fields = await self._fields(connection, span, agreed)
        return {
            number: Extra(
                fields[number].fields if number in fields else {},
                fields[number].received if number in fields else {},
                tickets.get(number, {}),
                erased.get(number, fields[number].erased if number in fields else None),
            )
            for number in erased.keys() | tickets.keys() | fields.keys()
        }

    async def _tickets(
        self, connection: AsyncConnection, span: tuple[str, int, int]
    ) -> dict[int, dict[str, str]]:
        tickets = Tickets(self.sealer)
        kept = select(
            claim_tickets.c.number, claim_tickets.c.school, claim_tickets.c.expires_at
        ).where(*_within(claim_tickets.c, span))
        return {
            row.number: {
                "ticket": tickets.write(span[0], row.number),
                "school": row.school,
                "expiresAt": row.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            for row in await connection.execute(kept)
        }

    async def _fields(
        self, connection: AsyncConnection, span: tuple[str, int, int], agreed: AgreedPolicies
    ) -> dict[int, Extra]:
        rows = await load_details(connection, *span)
        keys = await load_keys(connection, [row.key_id for row in rows], self.sealer)
        received = await _received(connection, span)
        told = {}
        for row in rows:
            policy = agreed.at(row.number)
            if policy.thin:
                continue
            key = keys.get(row.key_id)
            # The key went without a tombstone: nothing can be told, and no hash be taken any more.
            told[row.number] = (
                Extra(erased=_UNKNOWN)
                if key is None
                else Extra(policy.told(open_detail(row, key)), received.get(row.number, {}))
            )
        return told


async def _digests(
    connection: AsyncConnection, span: tuple[str, int, int]
) -> dict[int, str | None]:
    kept = select(tombstones.c.number, tombstones.c.digest).where(*_within(tombstones.c, span))
    return {row.number: row.digest for row in await connection.execute(kept)}


async def _received(
    connection: AsyncConnection, span: tuple[str, int, int]
) -> dict[int, dict[str, tuple[str | None, str]]]:
    """By number and field, the hash received before, if any, and the one received there."""
    found: dict[int, dict[str, tuple[str | None, str]]] = {}
    for row in await connection.execute(_with_former(span)):
        found.setdefault(row.number, {})[row.field] = (row.former, row.digest)
    return found


def _with_former(span: tuple[str, int, int]) -> Select[Any]:
    mine, earlier = received_fields.c, received_fields.alias()
    former = (
        select(earlier.c.digest)
        .where(earlier.c.subscription_id == mine.subscription_id)
        .where(earlier.c.child == mine.child, earlier.c.field == mine.field)
        .where(earlier.c.number < mine.number)
        .order_by(earlier.c.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(mine.number, mine.field, mine.digest, former.label("former"))
        .where(*_within(mine, span))
        .order_by(mine.number, mine.field)
    )


def _within(columns: Any, span: tuple[str, int, int]) -> Sequence[Any]:
    subscription_id, after, last = span
    return (
        columns.subscription_id == subscription_id,
        columns.number > after,
        columns.number <= last,
    )
