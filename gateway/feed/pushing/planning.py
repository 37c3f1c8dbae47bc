"""What a lane does next: acknowledge, tell, try again, go on, replay, or rest; in this order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.pushing.parcels import Course, Parcel, set_aside_notice
from gateway.feed.pushing.standing import Aside, Standing, load_asides, load_standing
from gateway.feed.reading import Page
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

    async def page(
        self, connection: AsyncConnection, subscription_id: str, after: int, limit: int
    ) -> Page:
        """The events after a number."""


@dataclass(frozen=True, slots=True)
class View:
    """A lane as one snapshot of the store shows it."""

    subscription: Subscription
    secrets: Secrets = field(repr=False)
    standing: Standing
    asides: tuple[Aside, ...]
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


async def look(
    connection: AsyncConnection,
    subscription: Subscription,
    secrets: Secrets,
    now: datetime,
    beat: timedelta | None,
) -> View:
    """The lane as it stands; `beat` is the time between two heartbeats, if there are any."""
    standing = await load_standing(connection, subscription)
    asides = await load_asides(connection, subscription.subscription_id)
    return View(subscription, secrets, standing, asides, now, beat)


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
    page = await _page(connection, view, pages, due[0].number - 1, 1)
    return (Parcel(Course.ASIDE, page.events, last=due[0].number, aside=due[0]),)


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
    page = await _page(connection, view, pages, standing.reached, ahead)
    return tuple(
        Parcel(Course.STREAM, part, last=standing.reached + start + len(part))
        for start in range(0, len(page.events), batch)
        if (part := page.events[start : start + batch])
    )


async def _with_care(connection: AsyncConnection, view: View, pages: Pages) -> tuple[Parcel, ...]:
    """One parcel, without the events that wait for others."""
    standing, batch = view.standing, view.subscription.batch
    page = await _page(connection, view, pages, standing.reached, standing.span(batch))
    if not page.events:
        return ()
    places = await _places(connection, view, standing.reached, page.last)
    blocked = {aside.person_id for aside in view.asides}
    free = [
        event
        for event, (_, person_id) in zip(page.events, places, strict=True)
        if person_id not in blocked
    ]
    behind = _behind(view, [place for place in places if place[1] in blocked])
    return (Parcel(Course.STREAM, tuple(free), last=page.last, behind=behind),)


async def _probe(connection: AsyncConnection, view: View, pages: Pages) -> tuple[Parcel, ...]:
    """The first event after the suspect that is another child's, and the suspect to set aside."""
    suspect = view.standing.suspect
    window = max(view.subscription.batch, 100)
    places = await _places(connection, view, suspect - 1, suspect + window)
    blocked = {aside.person_id for aside in view.asides} | {places[0][1]}
    free = next((number for number, person_id in places if person_id not in blocked), None)
    if free is None:
        return ()
    page = await _page(connection, view, pages, free - 1, 1)
    found = Aside(suspect, places[0][1], view.now, front=True, reason=view.standing.reason)
    passed = [place for place in places[1:] if place[0] < free]
    behind = _behind(view, passed)
    return (Parcel(Course.PROBE, page.events, last=free, behind=behind, aside=found),)


async def _replay(connection: AsyncConnection, view: View, pages: Pages) -> tuple[Parcel, ...]:
    waiting = (
        select(replays)
        .where(replays.c.subscription_id == view.subscription.subscription_id)
        .where(replays.c.done_at.is_(None))
        .order_by(replays.c.replay_id)
        .limit(1)
    )
    row = (await connection.execute(waiting)).one_or_none()
    if row is None:
        return ()
    left = row.last - row.next + 1
    page = await _page(connection, view, pages, row.next - 1, min(left, view.subscription.batch))
    return (Parcel(Course.REPLAY, page.events, last=page.last, replay=row.replay_id),)


async def _page(
    connection: AsyncConnection, view: View, pages: Pages, after: int, limit: int
) -> Page:
    return await pages.page(connection, view.subscription.subscription_id, after, limit)


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
