"""Short-lived secrets, renewed for whoever needs one; here each process renews for itself."""

import asyncio
from collections import defaultdict
from datetime import datetime

from contracts.secrets import Renew, Secret
from gateway.clock import Clock


class OwnSecrets:
    """Keeps secrets in this process; callers of one that must be renewed wait for one renewal."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, Secret] = {}
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def current(self, name: str, renew: Renew, *, refused: Secret | None = None) -> Secret:
        """The secret in force, renewed where it ran out or is the one just refused."""
        held = self._held.get(name)
        if held is not None and in_force(held, refused, self._clock.now()):
            return held
        async with self._turns[name]:
            held = self._held.get(name)
            if held is None or not in_force(held, refused, self._clock.now()):
                held = self._held[name] = await renew(held)
            return held


def in_force(secret: Secret, refused: Secret | None, now: datetime) -> bool:
    """Whether the secret has not run out and is another than the one refused."""
    return now < secret.expires_at and (refused is None or secret.value != refused.value)
