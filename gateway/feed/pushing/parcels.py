"""What is sent at one time: events as they stand in the stream, or a notice without a number."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from gateway.feed.pushing.standing import Aside

ONE = "application/cloudevents+json"
SEVERAL = "application/cloudevents-batch+json"
REPLAY_HEADER = "jisui-replay"
_ID_LENGTH = 32
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class Course(StrEnum):
    """Where in the lane's work a parcel belongs."""

    STREAM = "stream"
    PROBE = "probe"
    ASIDE = "aside"
    NOTICE = "notice"
    HEARTBEAT = "heartbeat"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class Packed:
    """A parcel's bytes and their SHA-256."""

    body: bytes = field(repr=False)
    digest: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something to send: its events, and up to which number the stream is settled with it.

    `behind` are events passed over, which wait for an earlier one of their child; `aside` the one
    this parcel is about; `replay` the replay's id.
    """

    course: Course
    events: tuple[bytes, ...] = field(repr=False)
    last: int = 0
    behind: tuple[Aside, ...] = ()
    aside: Aside | None = None
    replay: str = ""

    def pack(self, batch: int) -> "Packed":
        """The bytes: one event alone, or a list of them where the subscriber asked for batches."""
        body = self.events[0] if batch == 1 else b"[%b]" % b",".join(self.events)
        return Packed(body, hashlib.sha256(body).hexdigest())

    def message_id(self, digest: str) -> str:
        """The same for the same events however often they are tried; another for a replay."""
        short = digest[:_ID_LENGTH]
        return f"replay_{self.replay}_{short}" if self.replay else f"msg_{short}"

    def headers(self, batch: int) -> Mapping[str, str]:
        """What the subscriber reads beside the signatures."""
        kind = {"content-type": ONE if batch == 1 else SEVERAL}
        return kind | ({REPLAY_HEADER: self.replay} if self.replay else {})


def notice(subscription_id: str, kind: str, at: datetime, said: Mapping[str, object]) -> bytes:
    """An event about the deliveries themselves: it has no number and no child."""
    digest = hashlib.sha256(_encode([kind, dict(said)]).encode()).hexdigest()[:_ID_LENGTH]
    return _encode(
        {
            "specversion": "1.0",
            "id": f"{subscription_id}-{digest}",
            "source": f"/v1/subscriptions/{subscription_id}",
            "type": f"cn.jisui.feed.{kind}.v1",
            "time": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "data": dict(said),
        }
    ).encode()


def set_aside_notice(subscription_id: str, aside: Aside) -> bytes:
    """Tell which number is missing and why, so that the subscriber may acknowledge past it."""
    said = {"number": str(aside.number), "reason": aside.reason}
    return notice(subscription_id, "set_aside", aside.since, said)


def suspended_notice(subscription_id: str, at: datetime, reached: int, reason: str) -> bytes:
    """Tell that nothing more comes until an operator resumes; the stream goes on growing."""
    said = {"delivered": str(reached), "reason": reason}
    return notice(subscription_id, "suspended", at, said)
