"""Events as a subscriber receives them, without a gateway."""

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def event(number: int, child: str = "c", school: str = "3133000001") -> Mapping[str, Any]:
    """One event."""
    return {
        "specversion": "1.0",
        "id": f"ours-{number}",
        "source": "/v1/subscriptions/ours",
        "type": "cn.jisui.status.suspended.v1",
        "subject": child,
        "sequence": str(number),
        "data": {
            "child": child,
            "childVersion": number,
            "half": "both",
            "schoolTo": school,
            "areaTo": "330102",
        },
    }


def heartbeat(head: int) -> Mapping[str, Any]:
    """A heartbeat with the head number."""
    return {"id": "beat", "type": "cn.jisui.feed.heartbeat.v1", "data": {"head": str(head)}}


def body_of(*events: Mapping[str, Any]) -> bytes:
    """What a delivery of these events carries."""
    return json.dumps(events).encode()


def signed(body: bytes, at: float, named: str = "msg_1", secret: str = SECRET) -> dict[str, str]:
    """The headers of a delivery of these bytes, made by the letter of Standard Webhooks."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    proof = hmac.digest(key, f"{named}.{int(at)}.".encode() + body, "sha256")
    return {
        "webhook-id": named,
        "webhook-timestamp": str(int(at)),
        "webhook-signature": f"v1,{base64.b64encode(proof).decode()}",
    }
