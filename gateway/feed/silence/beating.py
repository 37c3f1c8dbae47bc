"""Sends every minute's heartbeats, beside the lanes: whether one is heard changes nothing."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import or_, select

from gateway.clock import Clock
from gateway.database import Database
from gateway.feed.pushing.parcels import Course, Parcel
from gateway.feed.pushing.sending import Courier, Message
from gateway.feed.pushing.signing import signed_headers, signers
from gateway.feed.pushing.tables import push_standings
from gateway.feed.silence.heartbeat import heartbeat
from gateway.feed.subscribing.secrets import Secrets, load_secrets
from gateway.feed.subscribing.subscription import Subscription, load_subscriptions
from gateway.feed.subscribing.terms import State
from gateway.sealing import Sealer

AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Beating:
    """Tells every subscriber that receives pushes the last number of its stream."""

    database: Database
    clock: Clock
    sealer: Sealer = field(repr=False)

    async def beat(self, open_courier: Callable[[], Courier]) -> int:
        """Send one heartbeat to each whose address answers; how many took it.

        Where nobody receives pushes no courier is opened.
        """
        due = await self._due()
        if not due:
            return 0
        courier = open_courier()
        try:
            return await self._send_all(courier, due)
        finally:
            await courier.close()

    async def _send_all(self, courier: Courier, due: Sequence[tuple[Subscription, Secrets]]) -> int:
        places = asyncio.Semaphore(AT_ONCE)

        async def send(subscription: Subscription, secrets: Secrets) -> bool:
            async with places:
                return await self._send(courier, subscription, secrets)

        told = await asyncio.gather(*(send(*one) for one in due))
        return sum(told)

    async def _due(self) -> list[tuple[Subscription, Secrets]]:
        """Whom to tell; an address that fails at present is left to the lane's own pauses."""
        now, standing = self.clock.now(), push_standings.c
        resting = or_(standing.rests_until > now, standing.suspect != 0)
        async with self.database.reading() as connection:
            failing = set(
                (await connection.execute(select(standing.subscription_id).where(resting)))
                .scalars()
                .all()
            )
            return [
                (one, await load_secrets(connection, one, self.sealer, now))
                for one in await load_subscriptions(connection, [State.ACTIVE])
                if one.pushes and one.subscription_id not in failing
            ]

    async def _send(self, courier: Courier, one: Subscription, secrets: Secrets) -> bool:
        now = self.clock.now()
        parcel = Parcel(Course.NOTICE, (heartbeat(one.subscription_id, one.head, now),))
        packed = parcel.pack(one.batch)
        signed = signed_headers(
            signers(secrets), parcel.message_id(packed.digest), now, packed.body
        )
        message = Message({**parcel.headers(one.batch), **signed}, packed.body)
        outcome = await courier.carry(one.subscription_id, one.url, one.networks, message)
        return outcome.accepted
