"""One turn of one lane: look, send, settle what came of it, until nothing is left or it rests."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta

import structlog

from gateway.clock import Clock
from gateway.feed.pushing.gathering import Gathering, nobody
from gateway.feed.pushing.keeping import Sent
from gateway.feed.pushing.looking import Looking, Seen
from gateway.feed.pushing.outcomes import Fate, Outcome
from gateway.feed.pushing.parcels import Course, Parcel, suspended_notice
from gateway.feed.pushing.planning import View, leaves_nothing
from gateway.feed.pushing.sending import Courier, Message
from gateway.feed.pushing.settling import Settling, Then, Turn
from gateway.feed.pushing.signing import Sign, signed_headers, signers
from gateway.leases import Lease, LeaseLost

SENDING_SECONDS = 20.0  # with one attempt more it is still shorter than the lease
GATHERING_SECONDS = 0.05  # what was delivered is there: only its lane waits for the commit
LOOKS = 50  # in one turn; then others whose turn it is come first

_log = structlog.get_logger()


class Turns:
    """Takes turns, each under the lease of its lane; lanes look and settle together."""

    def __init__(
        self, clock: Clock, courier: Courier, looking: Looking, settling: Settling
    ) -> None:
        self._clock = clock
        self._courier = courier
        self._looks: Gathering[str, Seen] = Gathering(looking.look, nobody)
        self._settled: Gathering[Turn, str] = Gathering(settling.settle, self._others)
        self._under_way = set[object]()
        self._all_there = asyncio.Event()

    async def take(self, held: Lease) -> None:
        """Deliver what the lane has to deliver; nothing where it was lost to another process."""
        try:
            for looks_left in reversed(range(LOOKS)):
                if not await self._go(held, may_go_on=looks_left > 0):
                    return
        except LeaseLost:
            _log.warning("lane_lost", subscription=held.subject_id)

    async def close(self) -> None:
        """Wait for what is being looked at or settled."""
        await self._looks.close()
        await self._settled.close()

    async def _go(self, held: Lease, *, may_go_on: bool) -> bool:
        """Look, send and settle once; whether the lane goes on."""
        with self._counted():
            turn = await self._turn(held, Then.GOES_ON if may_go_on else Then.YIELDS)
        suspended = await self._settled.ask(turn)
        if turn.view and suspended and turn.sent[-1].outcome.fate is not Fate.GONE:
            await self._tell_suspended(turn.view, suspended)
        return turn.then is Then.GOES_ON

    async def _turn(self, held: Lease, going: Then) -> Turn:
        seen = await self._looks.ask(held.subject_id)
        if seen.view is None:
            return Turn(held, None, Then.RESTS)
        if seen.view.acknowledged:
            return Turn(held, seen.view, going)
        if not seen.parcels:
            return Turn(held, seen.view, Then.RESTS)
        sent = await self._send_all(seen.view, seen.parcels)
        through = len(sent) == len(seen.parcels) and sent[-1].outcome.accepted
        rests = through and leaves_nothing(seen.view, seen.parcels)
        return Turn(held, seen.view, Then.RESTS if rests else going, tuple(sent))

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count a lane as under way until it is there, or late: for one that hangs nobody waits."""
        lane = object()
        self._under_way.add(lane)
        self._all_there.clear()
        late = asyncio.get_running_loop().call_later(GATHERING_SECONDS, self._arrive, lane)
        try:
            yield
        finally:
            late.cancel()
            self._arrive(lane)

    def _arrive(self, lane: object) -> None:
        self._under_way.discard(lane)
        if not self._under_way:
            self._all_there.set()

    async def _others(self) -> None:
        """Wait a little for lanes that are under way: their turns are settled in one commit."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GATHERING_SECONDS):
                await self._all_there.wait()

    async def _send_all(self, view: View, parcels: Sequence[Parcel]) -> list[Sent]:
        """Send one after the other, up to the first that is not taken, or for a while."""
        signing, sent = signers(view.secrets), []
        for parcel in parcels:
            sent.append(await self._send(view, signing, parcel))
            slow = self._clock.now() - view.now > timedelta(seconds=SENDING_SECONDS)
            if slow or not sent[-1].outcome.accepted:
                break
        return sent

    async def _send(self, view: View, signing: Sequence[Sign], parcel: Parcel) -> Sent:
        if not parcel.events:  # all of them wait for others
            return Sent(parcel, "", Outcome(Fate.AWAY, ""))
        subscription = view.subscription
        packed = parcel.pack(subscription.batch)
        signed = signed_headers(
            signing, parcel.message_id(packed.digest), self._clock.now(), packed.body
        )
        message = Message({**parcel.headers(subscription.batch), **signed}, packed.body)
        outcome = await self._courier.carry(
            subscription.subscription_id, subscription.url, subscription.networks, message
        )
        return Sent(parcel, packed.digest, outcome)

    async def _tell_suspended(self, view: View, reason: str) -> None:
        """Say once that nothing more comes; whether that is heard changes nothing."""
        told = suspended_notice(
            view.subscription.subscription_id, self._clock.now(), view.standing.reached, reason
        )
        await self._send(view, signers(view.secrets), Parcel(Course.NOTICE, (told,)))
