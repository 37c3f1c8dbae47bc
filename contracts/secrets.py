"""Short-lived secrets that all processes of one gateway share: who keeps them, who renews."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret in force until `expires_at`, and what it is renewed with where there is such."""

    value: str = field(repr=False)
    expires_at: datetime
    renewal: str = field(default="", repr=False)


Renew = Callable[[Secret | None], Awaitable[Secret]]


class SharedSecrets(Protocol):
    """Keeps each named secret once for all processes, and lets only one of them renew it."""

    async def current(self, name: str, renew: Renew, *, refused: Secret | None = None) -> Secret:
        """The secret in force, renewed where it ran out or is the one the system just refused.

        `renew` is given the last secret known, also one that ran out; while one process renews,
        the others wait for its result.
        """
