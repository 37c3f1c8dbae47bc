"""Taking a delivery: what is signed goes into the inbox, all else is refused."""

import json
from collections.abc import Mapping, Sequence

from gateway.feed.client.inbox import Event, Inbox
from gateway.feed.client.signatures import require_signed

HEARTBEAT = "cn.jisui.feed.heartbeat.v1"


def take_delivery(
    inbox: Inbox, headers: Mapping[str, str], body: bytes, keys: Sequence[str], now: float
) -> list[Event]:
    """The events that have their effect now; raise `Forged`, then answer 400 and keep nothing.

    Answer 2xx otherwise, for what was received before too: it is then not sent again.
    """
    require_signed(headers, body, keys, now)
    told = json.loads(body)
    events: list[Event] = told if isinstance(told, list) else [told]
    for event in events:
        if event["type"] == HEARTBEAT:
            inbox.hear(int(event["data"]["head"]), now)
    return inbox.take(event for event in events if "sequence" in event)
