"""Keeps what attempts came to: in one transaction with their evidence, for many lanes at a time."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.calls.call import WORKER
from gateway.evidence import Action, Actor, Entry, Log
from gateway.feed.pulling.handing_out import note_all_handed_out
from gateway.feed.pushing.faring import Faring, Tried
from gateway.feed.pushing.outcomes import Fate, Outcome
from gateway.feed.pushing.parcels import Course, Parcel
from gateway.feed.pushing.planning import View
from gateway.feed.pushing.standing import (
    Aside,
    Standing,
    change_aside,
    release,
    save_standings,
    set_aside,
)
from gateway.feed.subscribing.tables import replays
from gateway.feed.tables import subscriptions

Suspend = Callable[[AsyncConnection, str, str, Actor], Awaitable[None]]

GONE = "gone"
FAILING = "failing"

_ACKNOWLEDGE = (
    update(subscriptions)
    .where(subscriptions.c.subscription_id == bindparam("ours"))
    .where(subscriptions.c.acknowledged < bindparam("settled"))
    .values(acknowledged=bindparam("settled"))
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A parcel, the SHA-256 of its bytes, and what came of it."""

    parcel: Parcel
    digest: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Kept:
    """One attempt and everything needed to keep it."""

    connection: AsyncConnection
    view: View
    sent: Sent
    faring: Faring

    @property
    def subscription_id(self) -> str:
        """Whose lane it is."""
        return self.view.subscription.subscription_id

    @property
    def parcel(self) -> Parcel:
        """What was sent."""
        return self.sent.parcel

    @property
    def outcome(self) -> Outcome:
        """What came of it."""
        return self.sent.outcome

    @property
    def now(self) -> datetime:
        """When the attempt ended."""
        return self.faring.now


@dataclass(frozen=True, slots=True)
class Went:
    """How a lane fared: how it stands now, what is settled of its stream, and what to record."""

    view: View
    standing: Standing
    settled: int | None
    entries: Sequence[Entry]
    suspended: str = ""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Keeps attempts; suspends who wants no more, and who failed for too long."""

    log: Log
    suspend: Suspend
    patience: timedelta

    async def follow(
        self, connection: AsyncConnection, view: View, sent: Sequence[Sent], faring: Faring
    ) -> Went:
        """What follows from a lane's attempts, in order; what is its own alone is written here."""
        seen, entries, settled = view, list[Entry](), None
        for one in sent:
            kept = Kept(connection, view, one, faring)
            view = replace(view, standing=await _KEEPING[one.parcel.course](kept))
            entries += _entries(kept)
        if any(one.outcome.accepted or one.parcel.behind for one in sent):
            settled = _settled(kept, view.standing)
        reason = self._too_much(sent[-1].outcome, view.standing, faring.now)
        if not reason:
            return Went(seen, view.standing, settled, entries)
        await self.suspend(connection, view.subscription.subscription_id, reason, WORKER)
        rested = replace(view.standing, failures=0, failing_since=None, rests_until=None)
        return Went(seen, rested, settled, entries, reason)

    async def keep(self, connection: AsyncConnection, lanes: Mapping[str, Went]) -> None:
        """Write what all lanes, by their subscriptions, have alike: positions and evidence."""
        settled = {name: went for name, went in lanes.items() if went.settled is not None}
        await _acknowledge(connection, settled)
        given = {
            name: (went.view.standing.reached, went.standing.reached)
            for name, went in settled.items()
        }
        await note_all_handed_out(connection, given)
        await save_standings(connection, {name: went.standing for name, went in lanes.items()})
        entries = [entry for went in lanes.values() for entry in went.entries]
        await self.log.append(connection, entries)

    def _too_much(self, outcome: Outcome, standing: Standing, now: datetime) -> str:
        if outcome.fate is Fate.GONE:
            return GONE
        since = standing.failing_since
        return FAILING if since is not None and now - since >= self.patience else ""


async def lock_subscriptions(connection: AsyncConnection, subscription_ids: Sequence[str]) -> None:
    """Hold these rows until the commit, taken in the order in which the publisher takes them."""
    ours = subscriptions.c.subscription_id
    query = select(ours).where(ours.in_(subscription_ids)).order_by(ours).with_for_update()
    await connection.execute(query)


async def settle_acknowledged(connection: AsyncConnection, view: View) -> None:
    """Forget what the subscriber acknowledged past; what waited behind it comes to the front."""
    for aside in view.acknowledged:
        await release(connection, view.subscription.subscription_id, aside, view.now)


async def _acknowledge(connection: AsyncConnection, lanes: Mapping[str, Went]) -> None:
    """Note that each subscriber has everything before the first event that was set aside."""
    rows = [{"ours": name, "settled": went.settled} for name, went in sorted(lanes.items())]
    if rows:
        await connection.execute(_ACKNOWLEDGE, rows)


async def _stream(kept: Kept) -> Standing:
    parcel, before = kept.parcel, kept.view.standing
    if not parcel.events:  # all of them wait for others
        await set_aside(kept.connection, kept.subscription_id, parcel.behind)
        return replace(before, reached=parcel.last)
    count = parcel.last - before.reached
    standing = kept.faring.after(before, Tried(count, parcel.last), kept.outcome)
    if kept.outcome.accepted:
        await set_aside(kept.connection, kept.subscription_id, parcel.behind)
    return standing


async def _probe(kept: Kept) -> Standing:
    parcel = kept.parcel
    tried = Tried(1, parcel.last, probe=True)
    if kept.outcome.accepted and parcel.aside is not None:
        first = _retried(kept, parcel.aside)
        await set_aside(kept.connection, kept.subscription_id, (first, *parcel.behind))
    return kept.faring.after(kept.view.standing, tried, kept.outcome)


async def _aside(kept: Kept) -> Standing:
    standing, aside = kept.view.standing, kept.parcel.aside
    assert aside is not None  # that is what the parcel is about
    if kept.outcome.accepted:
        await release(kept.connection, kept.subscription_id, aside, kept.now)
        return standing
    if kept.outcome.fate in (Fate.AWAY, Fate.GONE):
        return kept.faring.later(standing, kept.outcome)
    tried = replace(aside, reason=f"{kept.outcome.fate} {kept.outcome.reason}")
    untold = replace(tried, announced_at=tried.announced_at if aside.attempts else None)
    await change_aside(kept.connection, kept.subscription_id, _retried(kept, untold))
    return standing


def _retried(kept: Kept, aside: Aside) -> Aside:
    """One that failed once more: when it is tried again, if at all."""
    attempts, schedule = aside.attempts + 1, kept.faring.schedule
    at = schedule.next_at(attempts, kept.now, kept.faring.chance, kept.outcome.asked)
    return replace(aside, attempts=attempts, next_at=at if attempts < schedule.attempts else None)


async def _notice(kept: Kept) -> Standing:
    assert kept.parcel.aside is not None  # that is what the parcel is about
    if not kept.outcome.accepted and kept.outcome.fate is not Fate.REFUSED:
        return kept.faring.later(kept.view.standing, kept.outcome)
    # A subscriber that refuses notices has read this one.
    told = replace(kept.parcel.aside, announced_at=kept.now)
    await change_aside(kept.connection, kept.subscription_id, told)
    return kept.view.standing


async def _heartbeat(kept: Kept) -> Standing:
    """Whether it was heard changes nothing: the next event shows what is the matter."""
    return replace(kept.view.standing, beat_at=kept.now)


async def _replay(kept: Kept) -> Standing:
    if not kept.outcome.accepted and kept.outcome.fate is not Fate.REFUSED:
        return kept.faring.later(kept.view.standing, kept.outcome)
    # What is refused a second time is passed over: it was delivered, or set aside, before.
    mine = replays.c.replay_id == kept.parcel.replay
    following = kept.parcel.last + 1
    await kept.connection.execute(update(replays).where(mine).values(next=following))
    await kept.connection.execute(
        update(replays).where(mine, replays.c.last < following).values(done_at=kept.now)
    )
    return kept.view.standing


_KEEPING: Mapping[Course, Callable[[Kept], Awaitable[Standing]]] = {
    Course.STREAM: _stream,
    Course.PROBE: _probe,
    Course.ASIDE: _aside,
    Course.NOTICE: _notice,
    Course.HEARTBEAT: _heartbeat,
    Course.REPLAY: _replay,
}


def _settled(kept: Kept, standing: Standing) -> int:
    """Up to where the subscriber has everything: before the first event that was set aside."""
    held = {aside.number for aside in (*kept.view.asides, *kept.parcel.behind)}
    if kept.parcel.aside is not None:
        held.add(kept.parcel.aside.number)
    if kept.parcel.course is Course.ASIDE and kept.parcel.aside is not None:
        held.discard(kept.parcel.aside.number)
    return min([standing.reached, *(number - 1 for number in held)])


def _entries(kept: Kept) -> list[Entry]:
    entries = []
    parcel, outcome = kept.parcel, kept.outcome
    told = parcel.course in (Course.NOTICE, Course.HEARTBEAT)
    if parcel.events and outcome.accepted and not told:
        content = {
            "course": parcel.course.value,
            "events": str(len(parcel.events)),
            "last": str(parcel.last),
            "digest": kept.sent.digest,
        }
        entries.append(_entry(Action.FEED_DELIVERED, outcome.reason, kept, content))
    if parcel.course is Course.PROBE and outcome.accepted and parcel.aside is not None:
        found = {"number": str(parcel.aside.number), "reason": parcel.aside.reason}
        entries.append(_entry(Action.FEED_SET_ASIDE, "done", kept, found))
    return entries


def _entry(action: Action, outcome: str, kept: Kept, content: Mapping[str, str]) -> Entry:
    return Entry(
        action=action,
        outcome=outcome,
        actor=WORKER,
        purpose="",
        basis="",
        case="",
        object_ref=kept.subscription_id,
        request_id="",
        content=content,
    )
