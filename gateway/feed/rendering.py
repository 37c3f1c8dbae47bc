"""An event as its subscriber reads it: a CloudEvent in JSON, the same bytes every time."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Row

from contracts.events import Event, Meaning

TYPE = "cn.jisui.status.{event}.v1"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

Words = Mapping[Event, Meaning]


def render(row: Row[tuple[object, ...]], child: str, words: Words) -> str:
    """One event; `row` is a place in a stream with its change, `child` the subscriber's own name.

    The number travels as the extension attribute `sequence`, a text. What is said of a move is
    what the subscriber's side of it may know: the other side is told by its province alone.
    """
    meaning = words[Event(row.event)]
    return _encode(
        {
            "specversion": "1.0",
            "id": f"{row.subscription_id}-{row.number}",
            "source": f"/v1/subscriptions/{row.subscription_id}",
            "type": TYPE.format(event=row.event),
            "time": _instant(row.occurred_at),
            "subject": child,
            "sequence": str(row.number),
            "datacontenttype": "application/json",
            "data": _data(row, child, meaning),
        }
    )


def _data(row: Row[tuple[object, ...]], child: str, meaning: Meaning) -> dict[str, object]:
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
        "recordedAt": _instant(row.recorded_at),
        "half": row.half,
        "reason": row.reason,
        **_side(row, "from"),
        **_side(row, "to"),
    }


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


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
