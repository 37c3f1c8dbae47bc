"""Carries one message to a subscriber's address, which is checked anew each time."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.deliveries import SILENT, Delivery
from contracts.errors import OutcomeUnknown, Unavailable
from gateway.clock import Clock
from gateway.feed.pushing.addresses import Address, ForbiddenAddress, parse_address
from gateway.feed.pushing.networks import Border
from gateway.feed.pushing.outcomes import Fate, Outcome, fate_of
from gateway.feed.pushing.schedule import asked_time

ATTEMPT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: its headers with the signatures, and its bytes."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Way:
    """An open way to an address: where its connections end was checked."""

    address: Address
    ends: frozenset[str]
    delivery: Delivery


class Courier:
    """Keeps a way open to each subscriber it was at; one message at a time to each."""

    def __init__(
        self,
        border: Border,
        verify: ssl.SSLContext,
        clock: Clock,
        seconds: float = ATTEMPT_SECONDS,
    ) -> None:
        self._border = border
        self._verify = verify
        self._clock = clock
        self._seconds = seconds
        self._ways: dict[str, _Way] = {}

    async def carry(
        self, subscription_id: str, url: str, networks: Sequence[str], message: Message
    ) -> Outcome:
        """What the subscriber says; never an exception for what it does."""
        try:
            address = parse_address(url)
            ends = await self._border.cross(address, networks)
            way = await self._way(subscription_id, address, ends)
            answer = await way.delivery.deliver(address.url, message.body, message.headers)
        except ForbiddenAddress as forbidden:
            return Outcome(Fate.AWAY, f"forbidden_{forbidden.reason}")
        except Unavailable as failure:
            return Outcome(Fate.AWAY, failure.code)
        except OutcomeUnknown as failure:
            fate = Fate.SILENT if failure.code == SILENT else Fate.BROKEN
            return Outcome(fate, failure.code)
        asked = asked_time(list(answer.headers.items()), self._clock.now())
        return Outcome(fate_of(answer.status), str(answer.status), asked)

    async def close(self) -> None:
        """Close every way."""
        while self._ways:
            _, way = self._ways.popitem()
            await way.delivery.close()

    async def _way(self, subscription_id: str, address: Address, ends: frozenset[str]) -> _Way:
        """The open way if it still leads to the same ends, else a new one."""
        known = self._ways.get(subscription_id)
        if known is not None and (known.address, known.ends) == (address, ends):
            return known
        if known is not None:
            del self._ways[subscription_id]
            await known.delivery.close()
        delivery = Delivery(address.host, ends, seconds=self._seconds, verify=self._verify)
        self._ways[subscription_id] = way = _Way(address, ends, delivery)
        return way
