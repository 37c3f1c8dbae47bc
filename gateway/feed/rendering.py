"""An event as its subscriber reads it: a CloudEvent in JSON, the same bytes every time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import Row

from contracts.events import Event, Meaning

TYPE = "cn.jisui.status.{event}.v1"
WITHDRAWN = "withdrawn"  # the type of an event that takes back instead of telling
WITHDRAWAL = "withdrawal"
_CORRECTING = frozenset({Event.KEY_DATA_CHANGED.value, Event.NUMBER_CHANGED.value})
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

Words = Mapping[Event, Meaning]
Told = dict[str, object]


@dataclass(frozen=True, slots=True)
class Extra:
    """What an event tells beyond the change itself, by the terms its number stands under.

    `received` holds, for each field told, the keyed hash this subscriber last received and the
    present one; `erased` the hash of what stood here before the child was erased.
    """

    fields: Mapping[str, str | bool] = field(default_factory=dict, repr=False)
    received: Mapping[str, tuple[str | None, str]] = field(default_factory=dict)
    ticket: Mapping[str, str] = field(default_factory=dict, repr=False)
    erased: str | None = None


NOTHING = Extra()


def render(row: Row[tuple[object, ...]], child: str, words: Words, extra: Extra = NOTHING) -> str:
    """One event; `row` is a place in a stream with its change, `child` the subscriber's own name.

    The number travels as the extension attribute `sequence`, a text. What is said of a move is
    what the subscriber's side of it may know: the other side is told by its province alone.
    """
    told = _data(row, child, words, extra)
    if extra.erased is not None:
        told = {"erased": True, "sha256": extra.erased}
    return encode(
        {
            "specversion": "1.0",
            "id": f"{row.subscription_id}-{row.number}",
            "source": f"/v1/subscriptions/{row.subscription_id}",
            "type": event_name(row),
            "time": instant(row.occurred_at),
            "subject": child,
            "sequence": str(row.number),
            "datacontenttype": "application/json",
            "data": told,
        }
    )


def data_digest(
    row: Row[tuple[object, ...]], child: str, words: Words, extra: Extra = NOTHING
) -> str:
    """The SHA-256 of an event's data as it is told, which outlives the data as a tombstone."""
    return sha256(encode(_data(row, child, words, extra)).encode()).hexdigest()


def _data(row: Row[tuple[object, ...]], child: str, words: Words, extra: Extra) -> Told:
    if row.reason == WITHDRAWAL:
        told = {"child": child, "childVersion": row.version, "change": row.change_id}
        return {**told, "reason": row.reason}
    return {
        **state(row, child, words, extra),
        **_corrections(row.event, extra),
        **({"claimTicket": dict(extra.ticket)} if extra.ticket else {}),
    }


def state(row: Row[tuple[object, ...]], child: str, words: Words, extra: Extra = NOTHING) -> Told:
    """What is said of a child's change, in a stream and in a snapshot alike."""
    meaning = words[Event(row.event)]
    return {
        "child": child,
        "childVersion": row.version,
        "change": row.change_id,
        "label": meaning.label,
        "stage": row.stage,
        "xsbd": meaning.xsbd,
        "xjydlb": meaning.xjydlb,
        "source": row.source,
        "sourceCode": row.source_code,
        "recordedAt": instant(row.recorded_at),
        "half": row.half,
        "reason": row.reason,
        **_side(row, "from"),
        **_side(row, "to"),
        **({"late": True} if row.late else {}),
        **({"fields": dict(extra.fields)} if extra.fields else {}),
    }


def _corrections(event: str, extra: Extra) -> Told:
    """What this subscriber last received and what holds now, where the two differ."""
    told = [
        {"field": name, "old": old, "new": new}
        for name, (old, new) in extra.received.items()
        if old != new and (old is not None or event in _CORRECTING)
    ]
    return {"corrects": told} if told else {}


def _side(row: Row[tuple[object, ...]], side: str) -> dict[str, str]:
    school, area = (
        (row.school_from, row.area_from)
        if side == "from"
        else (
            row.school_to,
            row.area_to,
        )
    )
    if not area:
        return {}
    name = side.capitalize()
    if row.half in ("both", side):
        return {f"school{name}": school, f"area{name}": area}
    return {f"area{name}": f"{area[:2]}0000"}


def event_name(row: Row[tuple[object, ...]]) -> str:
    """The type of an event."""
    return TYPE.format(event=WITHDRAWN if row.reason == WITHDRAWAL else row.event)


def instant(at: datetime) -> str:
    """An instant as events tell it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
