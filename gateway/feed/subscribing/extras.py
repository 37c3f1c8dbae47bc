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
from gateway.feed.subscribing.beside import Beside, Span, load_beside
from gateway.feed.subscribing.field_policies import FieldPolicies, load_field_policies
from gateway.feed.subscribing.keeping import (
    AgreedPolicies,
    agree,
    load_details,
    open_detail,
)
from gateway.feed.subscribing.tables import received_fields
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
        beside = await load_beside(connection, span)
        agreed = agree(beside.terms, self.policies)
        erased, tickets = beside.graves, self._tickets(subscription_id, beside)
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

    def _tickets(self, subscription_id: str, beside: Beside) -> dict[int, dict[str, str]]:
        if not beside.tickets:
            return {}
        tickets = Tickets(self.sealer)
        return {
            number: {
                "ticket": tickets.write(subscription_id, number),
                "school": school,
                "expiresAt": expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            for number, (school, expires_at) in beside.tickets.items()
        }

    async def _fields(
        self, connection: AsyncConnection, span: Span, agreed: AgreedPolicies
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


async def _received(
    connection: AsyncConnection, span: Span
) -> dict[int, dict[str, tuple[str | None, str]]]:
    """By number and field, the hash received before, if any, and the one received there."""
    found: dict[int, dict[str, tuple[str | None, str]]] = {}
    for row in await connection.execute(_with_former(span)):
        found.setdefault(row.number, {})[row.field] = (row.former, row.digest)
    return found


def _with_former(span: Span) -> Select[Any]:
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


def _within(columns: Any, span: Span) -> Sequence[Any]:
    subscription_id, after, last = span
    return (
        columns.subscription_id == subscription_id,
        columns.number > after,
        columns.number <= last,
    )
