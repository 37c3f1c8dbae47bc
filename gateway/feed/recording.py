"""Recording status changes, in the transaction that makes them."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, func, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from contracts.events import Event, Stage
from gateway.clock import Clock
from gateway.feed.tables import changed_children, status_changes
from gateway.identifiers import Identifiers
from gateway.rows import write_rows
from gateway.sealing import DataKey

_CHANGE = insert(status_changes)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a child is before or after a change: the school's code and its county's."""

    school: str = ""
    area: str = ""


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One change of one child; `detail` is sealed under the child's key and leaves by policy.

    One that is `late` happened before others that were told: it changes nothing of the state now.
    """

    person_id: str
    key_id: str
    key: DataKey = field(repr=False)
    event: Event
    stage: Stage
    occurred_at: datetime
    source: str
    source_code: str = ""
    before: Place = NOWHERE
    after: Place = NOWHERE
    detail: Mapping[str, str] = field(default_factory=dict, repr=False)
    late: bool = False


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes changes, each with its version among its child's changes."""

    clock: Clock
    identifiers: Identifiers

    async def record(self, connection: AsyncConnection, changes: Sequence[StatusChange]) -> None:
        """Write the changes; those of one child keep the order given here."""
        if not changes:
            return
        now = self.clock.now()
        orders = await _take_turns(connection, changes, (now - _EPOCH) // _MICROSECOND)
        rows = []
        for change in changes:
            version, order_key = orders[change.person_id]
            orders[change.person_id] = (version + 1, order_key + 1)
            rows.append(self._row(change, version, order_key, now))
        await write_rows(connection, _CHANGE, rows)

    def _row(
        self, change: StatusChange, version: int, order_key: int, now: datetime
    ) -> dict[str, object]:
        change_id = self.identifiers()
        detail = json.dumps(dict(change.detail), ensure_ascii=False, sort_keys=True).encode()
        return {
            "change_id": change_id,
            "order_key": order_key,
            "person_id": change.person_id,
            "version": version,
            "event": change.event.value,
            "stage": change.stage.value,
            "area_from": change.before.area,
            "area_to": change.after.area,
            "school_from": change.before.school,
            "school_to": change.after.school,
            "source": change.source,
            "source_code": change.source_code,
            "late": change.late,
            "occurred_at": change.occurred_at,
            "recorded_at": now,
            "key_id": change.key_id,
            "sealed": change.key.seal(detail, detail_context(change_id)),
        }


def detail_context(change_id: str) -> str:
    """What a sealed detail is bound to: it opens in its own change only."""
    return f"change {change_id}"


async def _take_turns(
    connection: AsyncConnection, changes: Sequence[StatusChange], at: int
) -> dict[str, tuple[int, int]]:
    """The version and order of each child's first change here; the children stay locked.

    A child's later change, whichever process writes it, waits here for the commit of the earlier
    one and is given a higher order, however wrong that process's clock is.
    """
    counts = Counter(change.person_id for change in changes)
    taken = await connection.execute(
        _TAKING[connection.dialect.name],
        [  # one order for everybody: nobody locks crosswise
            {"person_id": person_id, "version": count, "order_key": at + count - 1}
            for person_id, count in sorted(counts.items())
        ],
    )
    return {
        row.person_id: (
            row.version - counts[row.person_id] + 1,
            row.order_key - counts[row.person_id] + 1,
        )
        for row in taken
    }


def _take(
    dialect: Callable[[Table], sqlite.Insert | postgresql.Insert], higher: str
) -> ReturningInsert[Any]:
    statement = dialect(changed_children)
    count = statement.excluded.version
    order_key = getattr(func, higher)(
        changed_children.c.order_key + count, statement.excluded.order_key
    )
    return statement.on_conflict_do_update(
        index_elements=["person_id"],
        set_={"version": changed_children.c.version + count, "order_key": order_key},
    ).returning(*changed_children.c)


_TAKING = {
    "sqlite": _take(sqlite.insert, "max"),
    "postgresql": _take(postgresql.insert, "greatest"),
}
