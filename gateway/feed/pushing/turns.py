"""One turn of one lane: look, send, settle what came of it, until nothing is left or it rests."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from gateway.clock import Clock
from gateway.feed.pushing.gathering import Gathering
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
LOOKS = 50  # in one turn; then others whose turn it is come first

_log = structlog.get_logger()


class Turns:
    """Takes turns, each under the lease of its lane; lanes look and settle together."""

    def __init__(
        self, clock: Clock, courier: Courier, looking: Looking, settling: Settling
    ) -> None:
        self._clock = clock
        self._courier = courier
        self._looks: Gathering[str, Seen] = Gathering(looking.look)
        self._settled: Gathering[Turn, str] = Gathering(settling.settle)

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
        seen = await self._looks.ask(held.subject_id)
        going = Then.GOES_ON if may_go_on else Then.YIELDS
        if seen.view is None:
            turn = Turn(held, None, Then.RESTS)
        elif seen.view.acknowledged:
            turn = Turn(held, seen.view, going)
        elif not seen.parcels:
            turn = Turn(held, seen.view, Then.RESTS)
        else:
            turn = await self._deliver(held, seen.view, seen.parcels, going)
        await self._settle(turn)
        return turn.then is Then.GOES_ON

    async def _deliver(
        self, held: Lease, view: View, parcels: Sequence[Parcel], going: Then
    ) -> Turn:
        sent = await self._send_all(view, parcels)
        through = len(sent) == len(parcels) and sent[-1].outcome.accepted
        rests = through and leaves_nothing(view, parcels)
        return Turn(held, view, Then.RESTS if rests else going, tuple(sent))

    async def _settle(self, turn: Turn) -> None:
        suspended = await self._settled.ask(turn)
        if turn.view and suspended and turn.sent[-1].outcome.fate is not Fate.GONE:
            await self._tell_suspended(turn.view, suspended)

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
