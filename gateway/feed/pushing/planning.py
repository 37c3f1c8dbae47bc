"""What a lane does next: acknowledge, tell, try again, go on, replay, or rest; in this order."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.pushing.parcels import Course, Parcel, set_aside_notice
from gateway.feed.pushing.standing import Aside, Standing
from gateway.feed.silence.heartbeat import heartbeat
from gateway.feed.subscribing.secrets import Secrets
from gateway.feed.subscribing.subscription import Subscription
from gateway.feed.subscribing.tables import replays
from gateway.feed.tables import status_changes, streams

# What is sent before it is kept in the store. Whoever dies in between leaves it to be sent again.
PARCELS_AHEAD = 20
EVENTS_AHEAD = 1000


class Pages(Protocol):
    """Reads streams."""

    async def events(
        self, connection: AsyncConnection, subscription_id: str, after: int, limit: int
    ) -> tuple[bytes, ...]:
        """The events after a number, at most so many."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A range that is delivered once more; `next` is the number to go on with."""

    replay_id: str
    next: int
    last: int


@dataclass(frozen=True, slots=True)
class View:
    """A lane as one snapshot of the store shows it."""

    subscription: Subscription
    secrets: Secrets = field(repr=False)
    standing: Standing
    asides: tuple[Aside, ...]
    replay: Replay | None
    now: datetime
    beat: timedelta | None

    @property
    def beats_at(self) -> datetime | None:
        """When the next heartbeat is due, if there are any."""
        last = self.standing.beat_at or self.subscription.created_at
        return last + self.beat if self.beat is not None else None

    @property
    def acknowledged(self) -> tuple[Aside, ...]:
        """What the subscriber acknowledged past, and so does not wait for."""
        return tuple(
            aside for aside in self.asides if aside.number <= self.subscription.acknowledged
        )

    @property
    def wakes_at(self) -> datetime | None:
        """When there is something to do again, though nothing new comes."""
        if self.standing.rests(self.now):
            return self.standing.rests_until
        times = [self.beats_at, *(aside.next_at for aside in self.asides)]
        return min((at for at in times if at is not None), default=None)


async def load_replays(
    connection: AsyncConnection, subscription_ids: Collection[str]
) -> Mapping[str, Replay]:
    """Of each subscription the first replay that is not done, if there is any."""
    query = (
        select(replays.c.subscription_id, replays.c.replay_id, replays.c.next, replays.c.last)
        .where(replays.c.subscription_id.in_(subscription_ids), replays.c.done_at.is_(None))
        .order_by(replays.c.replay_id.desc())  # the first one stays
    )
    rows = await connection.execute(query)
    return {row.subscription_id: Replay(row.replay_id, row.next, row.last) for row in rows}


async def plan(connection: AsyncConnection, view: View, pages: Pages) -> tuple[Parcel, ...]:
    """What to send next, one after the other; nothing where there is nothing or the lane rests."""
    if view.standing.suspect:
        probe = await _probe(connection, view, pages)
        if probe or view.standing.rests(view.now):
            return probe
    if view.standing.rests(view.now):
        return ()
    return (
        _notice(view)
        or await _again(connection, view, pages)
        or _heartbeat(view)
        or await _next(connection, view, pages)
        or await _replay(connection, view, pages)
    )


def leaves_nothing(view: View, parcels: Sequence[Parcel]) -> bool:
    """Whether a lane is through, as far as the view shows, once all these parcels are taken."""
    if view.asides or view.replay:
        return False
    courses = {parcel.course for parcel in parcels}
    reached = max(view.standing.reached, parcels[-1].last)
    return courses <= {Course.STREAM, Course.HEARTBEAT} and reached >= view.subscription.head


def _notice(view: View) -> tuple[Parcel, ...]:
    untold = [aside for aside in view.asides if aside.front and aside.announced_at is None]
    if not untold:
        return ()
    told = set_aside_notice(view.subscription.subscription_id, untold[0])
    return (Parcel(Course.NOTICE, (told,), aside=untold[0]),)


async def _again(connection: AsyncConnection, view: View, pages: Pages) -> tuple[Parcel, ...]:
    due = [aside for aside in view.asides if aside.next_at and aside.next_at <= view.now]
    if not due:
        return ()
    events = await _read(connection, view, pages, due[0].number - 1, 1)
    return (Parcel(Course.ASIDE, events, last=due[0].number, aside=due[0]),)


def _heartbeat(view: View) -> tuple[Parcel, ...]:
    """The head's number, now and then; not to whoever has trouble with events."""
    due = view.beats_at is not None and view.beats_at <= view.now
    if not due or view.standing.failures or view.standing.bound > view.standing.reached:
        return ()
    found = view.subscription
    return (Parcel(Course.HEARTBEAT, (heartbeat(found.subscription_id, found.head, view.now),)),)


async def _next(connection: AsyncConnection, view: View, pages: Pages) -> tuple[Parcel, ...]:
    standing, batch = view.standing, view.subscription.batch
    if view.asides or standing.bound > standing.reached or standing.failures:
        return await _with_care(connection, view, pages)
    ahead = batch * max(1, min(PARCELS_AHEAD, EVENTS_AHEAD // batch))
    events = await _read(connection, view, pages, standing.reached, ahead)
    return tuple(
        Parcel(Course.STREAM, part, last=standing.reached + start + len(part))
        for start in range(0, len(events), batch)
        if (part := events[start : start + batch])
    )


async def _with_care(connection: AsyncConnection, view: View, pages: Pages) -> tuple[Parcel, ...]:
    """One parcel, without the events that wait for others."""
    standing, batch = view.standing, view.subscription.batch
    events = await _read(connection, view, pages, standing.reached, standing.span(batch))
    if not events:
        return ()
    last = standing.reached + len(events)
    places = await _places(connection, view, standing.reached, last)
    blocked = {aside.person_id for aside in view.asides}
    free = [
        event
        for event, (_, person_id) in zip(events, places, strict=True)
        if person_id not in blocked
    ]
    behind = _behind(view, [place for place in places if place[1] in blocked])
    return (Parcel(Course.STREAM, tuple(free), last=last, behind=behind),)


async def _probe(connection: AsyncConnection, view: View, pages: Pages) -> tuple[Parcel, ...]:
    """The first event after the suspect that is another child's, and the suspect to set aside."""
    suspect = view.standing.suspect
    window = max(view.subscription.batch, 100)
    places = await _places(connection, view, suspect - 1, suspect + window)
    blocked = {aside.person_id for aside in view.asides} | {places[0][1]}
    free = next((number for number, person_id in places if person_id not in blocked), None)
    if free is None:
        return ()
    events = await _read(connection, view, pages, free - 1, 1)
    found = Aside(suspect, places[0][1], view.now, front=True, reason=view.standing.reason)
    passed = [place for place in places[1:] if place[0] < free]
    behind = _behind(view, passed)
    return (Parcel(Course.PROBE, events, last=free, behind=behind, aside=found),)


async def _replay(connection: AsyncConnection, view: View, pages: Pages) -> tuple[Parcel, ...]:
    replay = view.replay
    if replay is None:
        return ()
    at_most = min(replay.last - replay.next + 1, view.subscription.batch)
    events = await _read(connection, view, pages, replay.next - 1, at_most)
    last = replay.next - 1 + len(events)
    return (Parcel(Course.REPLAY, events, last=last, replay=replay.replay_id),)


async def _read(
    connection: AsyncConnection, view: View, pages: Pages, after: int, limit: int
) -> tuple[bytes, ...]:
    return await pages.events(connection, view.subscription.subscription_id, after, limit)


async def _places(
    connection: AsyncConnection, view: View, after: int, last: int
) -> Sequence[tuple[int, str]]:
    """Number and child of each event in a range."""
    query = (
        select(streams.c.number, status_changes.c.person_id)
        .join(status_changes, status_changes.c.change_id == streams.c.change_id)
        .where(streams.c.subscription_id == view.subscription.subscription_id)
        .where(streams.c.number > after, streams.c.number <= last)
        .order_by(streams.c.number)
    )
    return [(row.number, row.person_id) for row in await connection.execute(query)]


def _behind(view: View, places: Sequence[tuple[int, str]]) -> tuple[Aside, ...]:
    return tuple(Aside(number, person_id, view.now) for number, person_id in places)
