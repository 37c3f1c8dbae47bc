"""How long entries are accepted while the witness is away."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence.checkpoint_store import waiting_since
from gateway.evidence.witnessing.failures import EvidenceStopped


class Patience:
    """Looks at the store no more often than its answer could have changed."""

    def __init__(self, longest: timedelta) -> None:
        """`longest` is how long a checkpoint may wait for the witness."""
        self._longest = longest
        self._enough_until: datetime | None = None

    async def require(self, connection: AsyncConnection, now: datetime) -> None:
        """Return while entries may be appended; raise `EvidenceStopped`."""
        if self._enough_until is not None and now < self._enough_until:
            return
        # What waits now waits since then; what comes later waits since now at the earliest.
        since = await waiting_since(connection) or now
        if now - since >= self._longest:
            raise EvidenceStopped
        self._enough_until = since + self._longest
