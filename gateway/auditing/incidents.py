"""What a leak can have touched, from the evidence alone: children, kinds of data, recipients.

What has to be known within the hour (PIPL 57; 未成年人网络保护条例 35). Children are told by their
blind references: whoever notifies the guardians resolves them in a search of its own.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.callers import callers
from gateway.auditing.touched import Conditions, touched_children
from gateway.database import Database
from gateway.evidence import Entry, Log
from gateway.evidence.retaining.classes import KeepingClass, load_accounts
from gateway.evidence.searching.indexing import index_entries
from gateway.evidence.searching.tables import entry_index
from gateway.feed.tables import subscriptions
from gateway.sealing import Sealer

_index = entry_index.c


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time (`until` not with it), and one caller, or everybody."""

    since: datetime
    until: datetime
    caller: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who received or did something, how often, and how often data left us by it."""

    caller: str
    institution: str
    entries: int
    provisions: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Touched:
    """What a window touched; `categories` count entries."""

    entries: int
    children: tuple[str, ...]
    categories: Mapping[str, int]
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class Investigating:
    """What finding out needs."""

    database: Database
    sealer: Sealer
    log: Log

    async def touched(self, window: Window, entry: Entry) -> Touched:
        """What the window touched; put on record as `entry`."""
        await index_entries(self.database)
        async with self.database.reading() as connection:
            conditions = await _conditions(connection, window)
            children = await touched_children(connection, self.sealer, conditions)
            found = await _counted(connection, conditions, tuple(sorted(children)))
        content = {
            "by": "incident",
            "caller": window.caller,
            "since": window.since.isoformat(),
            "until": window.until.isoformat(),
            "count": str(found.entries),
            "children": str(len(found.children)),
        }
        noted = replace(entry, outcome="found" if found.entries else "nothing", content=content)
        async with self.database.transaction() as connection:
            await self.log.append(connection, [noted])
        return found


async def _conditions(connection: AsyncConnection, window: Window) -> Conditions:
    conditions: Conditions = [_index.at >= window.since, _index.at < window.until]
    if window.caller:
        # What is pushed to a caller's institution is an entry of our own about its subscription.
        house = select(callers.c.institution).where(callers.c.client_id == window.caller)
        ours = select(subscriptions.c.subscription_id).where(subscriptions.c.institution.in_(house))
        owned = list((await connection.execute(ours)).scalars())
        conditions.append(or_(_index.caller == window.caller, _index.object_ref.in_(owned)))
    return conditions


async def _counted(
    connection: AsyncConnection, conditions: Conditions, children: tuple[str, ...]
) -> Touched:
    query = (
        select(
            _index.action,
            _index.caller,
            _index.institution,
            func.count().label("entries"),
            func.min(_index.at).label("first_at"),
            func.max(_index.at).label("last_at"),
        )
        .where(*conditions)
        .group_by(_index.action, _index.caller, _index.institution)
    )
    accounts, total = load_accounts(), 0
    categories: Counter[str] = Counter()
    recipients: dict[tuple[str, str], list[Recipient]] = defaultdict(list)
    for row in await connection.execute(query):
        account = accounts.get(row.action)
        total += row.entries
        categories.update(dict.fromkeys(account.categories if account else (), row.entries))
        provided = account is not None and account.keeping is KeepingClass.PROVISION
        recipients[row.caller, row.institution].append(
            Recipient(
                row.caller,
                row.institution,
                row.entries,
                row.entries if provided else 0,
                row.first_at,
                row.last_at,
            )
        )
    ordered = tuple(_joined(parts) for _, parts in sorted(recipients.items()))
    return Touched(total, children, dict(categories.most_common()), ordered)


def _joined(parts: list[Recipient]) -> Recipient:
    return replace(
        parts[0],
        entries=sum(part.entries for part in parts),
        provisions=sum(part.provisions for part in parts),
        first_at=min(part.first_at for part in parts),
        last_at=max(part.last_at for part in parts),
    )
