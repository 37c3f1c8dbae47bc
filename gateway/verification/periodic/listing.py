"""A class is listed: each child is held against the records its school holds."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Row, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.records import Identity
from gateway.access.grants import Grant
from gateway.clock import Clock
from gateway.evidence import Action, Log
from gateway.identifiers import Identifiers
from gateway.people.indexes import Indexes, index_identity
from gateway.sealing import DataKey, KeyRow, Sealer, load_keys, store_keys
from gateway.verification.periodic.roster import (
    Child,
    Particulars,
    Roster,
    columns_of,
    find_class,
    store_roster,
)
from gateway.verification.periodic.round import Round
from gateway.verification.periodic.rules import (
    Difference,
    Refusal,
    Refused,
    RosterState,
    RoundState,
)
from gateway.verification.periodic.tables import periodic_children
from gateway.verification.problems.holdings import Held, Holdings

_children = periodic_children.c
_Record = Row[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Listed:
    """A child as it is handed in: by its record, or by its particulars."""

    record: str | None
    particulars: Particulars | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Listing:
    """What it takes to list a class."""

    sealer: Sealer = field(repr=False)
    clock: Clock
    identifiers: Identifiers
    log: Log
    holdings: Holdings

    async def list_class(
        self,
        connection: AsyncConnection,
        grant: Grant,
        begun: Round,
        class_name: str,
        listed: Sequence[Listed],
    ) -> Roster:
        """The class's roster, in place of the one before; raise `Refused` where it may not be."""
        if begun.state is not RoundState.RUNNING:
            raise Refused(Refusal.NOT_RUNNING)
        records = await self._records(connection, grant.institution)
        former = await find_class(connection, begun.round_id, grant.institution, class_name)
        roster, key = await self._roster(connection, grant, begun, class_name, records, former)
        roster = replace(roster, children=len(listed), listed_by=grant.user)
        children = await self._children(connection, records, listed)
        stored = await store_roster(connection, roster)
        await self._replace(connection, stored, children, key)
        told = {"children": str(len(children)), "version": str(stored.version)}
        entry = grant.entry(Action.ROSTER_LISTED, "listed", stored.roster_id, **told)
        await self.log.append(connection, [entry])
        return stored

    async def unlisted(
        self, connection: AsyncConnection, begun: Round, school: str, after: str, limit: int
    ) -> list[tuple[str, Held]]:
        """The school's records that stand on no roster of the round yet, after an id."""
        held = self.holdings.rows().subquery()
        on_a_roster = select(_children.subject_id).where(
            _children.round_id == begun.round_id, _children.subject_id.is_not(None)
        )
        free = (held.c.school == school) & held.c.subject_id.not_in(on_a_roster)
        query = select(held.c.subject_id).where(free, held.c.subject_id > after)
        page = query.order_by(held.c.subject_id).limit(limit)
        ids = (await connection.execute(page)).scalars().all()
        opened = await self.holdings.open(connection, ids)
        return [(one, opened[one]) for one in ids if one in opened]

    async def _records(self, connection: AsyncConnection, school: str) -> Mapping[str, _Record]:
        held = self.holdings.rows().subquery()
        rows = await connection.execute(select(held).where(held.c.school == school))
        return {row.subject_id: row for row in rows}

    async def _roster(
        self,
        connection: AsyncConnection,
        grant: Grant,
        begun: Round,
        class_name: str,
        records: Mapping[str, _Record],
        former: Roster | None,
    ) -> tuple[Roster, DataKey]:
        now = self.clock.now()
        if former is not None:
            if former.state is not RosterState.OPEN:
                raise Refused(Refusal.CLASS_SIGNED)
            keys = await load_keys(connection, [former.key_id], self.sealer)
            return replace(former, updated_at=now), keys[former.key_id]
        roster_id = self.identifiers()
        wrapped, key = self.sealer.new_key()
        await store_keys(connection, [KeyRow(key_id=roster_id, wrapped=wrapped, created_at=now)])
        area = next((row.area for row in records.values()), grant.area)
        school = grant.institution
        state = RosterState.OPEN
        named = (roster_id, begun.round_id, school, area, class_name, roster_id)
        return Roster(*named, state, 0, 0, grant.user, now), key

    async def _children(
        self,
        connection: AsyncConnection,
        records: Mapping[str, _Record],
        listed: Sequence[Listed],
    ) -> list[Child]:
        named = [one.record for one in listed if one.record is not None]
        if any(record not in records for record in named):
            raise Refused(Refusal.UNKNOWN_RECORD)
        opened = await self.holdings.open(connection, named)
        matching = Matching(records.values())
        children = []
        for place, one in enumerate(listed, 1):
            if one.record is not None:
                if one.record not in opened:
                    raise Refused(Refusal.UNKNOWN_RECORD)
                shown = shown_as(opened[one.record].identity)
                children.append(Child(place, one.record, "", None, shown, ""))
            elif one.particulars is not None:
                indexes = index_identity(one.particulars.identity, self.sealer)
                subject_id, difference = matching.match(indexes)
                children.append(Child(place, subject_id, difference, None, one.particulars, ""))
        counted = Counter(child.subject_id for child in children if child.subject_id)
        if any(times > 1 for times in counted.values()):
            raise Refused(Refusal.LISTED_TWICE)
        return children

    async def _replace(
        self, connection: AsyncConnection, roster: Roster, children: Sequence[Child], key: DataKey
    ) -> None:
        mine = delete(periodic_children).where(_children.roster_id == roster.roster_id)
        await connection.execute(mine)
        if await self._elsewhere(connection, roster, children):
            raise Refused(Refusal.LISTED_TWICE)
        try:
            rows = columns_of(roster, children, key)
            await connection.execute(periodic_children.insert(), rows)
        except IntegrityError:  # another class took one of them in the same moment
            raise Refused(Refusal.LISTED_TWICE) from None

    async def _elsewhere(
        self, connection: AsyncConnection, roster: Roster, children: Sequence[Child]
    ) -> bool:
        ids = [child.subject_id for child in children if child.subject_id]
        mine = (_children.round_id == roster.round_id) & _children.subject_id.in_(ids)
        return bool((await connection.execute(select(func.count()).where(mine))).scalar_one())


class Matching:
    """Finds the record a listed child is: by its document, else by name, sex and birth date.

    What more than one record shares finds none of them: who is meant is for people to say.
    """

    def __init__(self, records: Iterable[_Record]) -> None:
        """Take the records of one school."""
        self._by_document: dict[str, list[_Record]] = {}
        self._by_person: dict[str, list[_Record]] = {}
        for row in records:
            if row.document_index:
                self._by_document.setdefault(row.document_index, []).append(row)
            self._by_person.setdefault(row.person_index, []).append(row)

    def match(self, indexes: Indexes) -> tuple[str | None, str]:
        """The record's id, and how the child differs from it."""
        found = _only(self._by_document.get(indexes.document or "", ()))
        found = found or _only(self._by_person.get(indexes.person, ()))
        if found is None:
            return None, Difference.NO_RECORD.value
        told_otherwise = indexes.document not in (None, found.document_index)
        same = found.person_index == indexes.person and not told_otherwise
        return str(found.subject_id), "" if same else Difference.IDENTITY.value


def shown_as(identity: Identity) -> Particulars:
    """A record's particulars as a roster shows them."""
    document = identity.document
    return Particulars(
        name=identity.name,
        sex=identity.sex,
        born_on=identity.born_on,
        document_kind=document.kind or "" if document else "",
        document_number=document.number if document else "",
    )


def _only(found: Sequence[_Record]) -> _Record | None:
    return found[0] if len(found) == 1 else None
