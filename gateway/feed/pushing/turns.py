"""One turn of one lane: look, send, keep what came of it, until nothing is left or it must rest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.database import Database
from gateway.feed.pushing.faring import Faring
from gateway.feed.pushing.keeping import Keeping, Sent, settle_acknowledged
from gateway.feed.pushing.outcomes import Fate, Outcome
from gateway.feed.pushing.parcels import Course, Parcel, suspended_notice
from gateway.feed.pushing.planning import Pages, View, look, plan
from gateway.feed.pushing.schedule import Schedule
from gateway.feed.pushing.sending import Courier, Message
from gateway.feed.pushing.signing import Sign, signed_headers, signers
from gateway.feed.subscribing.secrets import load_secrets
from gateway.feed.subscribing.subscription import State, load_subscription
from gateway.leases import Lease, LeaseLost, extend, finish, postpone
from gateway.sealing import Sealer

LEASE_SECONDS = 60.0  # longer than an attempt may last
SENDING_SECONDS = 20.0  # with one attempt more it is still shorter than the lease
LOOKS = 50  # in one turn; then others whose turn it is come first

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Turns:
    """Takes turns, each under the lease of its lane."""

    database: Database
    clock: Clock
    sealer: Sealer = field(repr=False)
    pages: Pages
    courier: Courier
    schedule: Schedule
    keeping: Keeping
    chance: Callable[[], float]
    beat: timedelta | None

    async def take(self, held: Lease) -> None:
        """Deliver what the lane has to deliver; nothing where it was lost to another process."""
        try:
            await self._take(held)
        except LeaseLost:
            _log.warning("lane_lost", subscription=held.subject_id)

    async def _take(self, held: Lease) -> None:
        for _ in range(LOOKS):
            view, parcels = await self._look(held)
            if view is None:
                return await self._rest(held, None)
            if view.acknowledged:
                async with self.database.transaction() as connection:
                    await settle_acknowledged(connection, view)
                    await self._still(connection, held)
            elif not parcels:
                return await self._rest(held, view)
            else:
                await self._deliver(held, view, parcels)
        async with self.database.transaction() as connection:
            await postpone(connection, [held], self.clock.now(), attempted=False)
        return None

    async def _look(self, held: Lease) -> tuple[View | None, tuple[Parcel, ...]]:
        async with self.database.reading() as connection:
            subscription = await load_subscription(connection, held.subject_id)
            if subscription.state is not State.ACTIVE or not subscription.pushes:
                return None, ()
            now = self.clock.now()
            secrets = await load_secrets(connection, subscription, self.sealer, now)
            view = await look(connection, subscription, secrets, now, self.beat)
            return view, await plan(connection, view, self.pages)

    async def _deliver(self, held: Lease, view: View, parcels: Sequence[Parcel]) -> None:
        sent = await self._send_all(view, parcels)
        async with self.database.transaction() as connection:
            faring = Faring(self.schedule, self.clock.now(), self.chance())
            suspended = await self.keeping.keep(connection, view, sent, faring)
            await self._still(connection, held)
        if suspended and sent[-1].outcome.fate is not Fate.GONE:
            await self._tell_suspended(view, suspended)

    async def _send_all(self, view: View, parcels: Sequence[Parcel]) -> list[Sent]:
        """Send one after the other, up to the first that is not taken, or for a while."""
        signing, sent = signers(view.secrets), []
        for parcel in parcels:
            sent.append(await self._send(view, signing, parcel))
            slow = self.clock.now() - view.now > timedelta(seconds=SENDING_SECONDS)
            if slow or not sent[-1].outcome.accepted:
                break
        return sent

    async def _send(self, view: View, signing: Sequence[Sign], parcel: Parcel) -> Sent:
        if not parcel.events:  # all of them wait for others
            return Sent(parcel, "", Outcome(Fate.AWAY, ""))
        subscription = view.subscription
        packed = parcel.pack(subscription.batch)
        signed = signed_headers(
            signing, parcel.message_id(packed.digest), self.clock.now(), packed.body
        )
        message = Message({**parcel.headers(subscription.batch), **signed}, packed.body)
        outcome = await self.courier.carry(
            subscription.subscription_id, subscription.url, subscription.networks, message
        )
        return Sent(parcel, packed.digest, outcome)

    async def _tell_suspended(self, view: View, reason: str) -> None:
        """Say once that nothing more comes; whether that is heard changes nothing."""
        told = suspended_notice(
            view.subscription.subscription_id, self.clock.now(), view.standing.reached, reason
        )
        await self._send(view, signers(view.secrets), Parcel(Course.NOTICE, (told,)))

    async def _rest(self, held: Lease, view: View | None) -> None:
        """Give the lane back until there is something to do; what came meanwhile makes it due."""
        async with self.database.transaction() as connection:
            if view is None or view.wakes_at is None:
                await finish(connection, [held])
            else:
                await postpone(connection, [held], view.wakes_at)

    async def _still(self, connection: AsyncConnection, held: Lease) -> None:
        """Hold on; raise `LeaseLost`, and so undo all, where another process has the lane."""
        until = self.clock.now() + timedelta(seconds=LEASE_SECONDS)
        if not await extend(connection, [held], until):
            raise LeaseLost("a lane was taken over before what came of it was kept")
