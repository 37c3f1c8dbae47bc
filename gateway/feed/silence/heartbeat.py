"""The heartbeat: every minute a subscriber hears the last number of its stream, events or not.

By push it is an event without a number, in pull each answer's headers tell the same.
"""

from datetime import datetime, timedelta

from gateway.feed.pushing.parcels import notice

EVERY = timedelta(seconds=60)
KIND = "heartbeat"


def heartbeat(subscription_id: str, head: int, at: datetime) -> bytes:
    """The event that tells the head number; another one each minute."""
    minute = at.replace(second=0, microsecond=0)
    return notice(
        subscription_id, KIND, at, {"head": str(head), "minute": minute.strftime("%Y-%m-%dT%H:%MZ")}
    )
