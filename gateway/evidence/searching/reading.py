"""An entry as it is read back from the bytes that were hashed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNREADABLE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Read:
    """What an entry says; a blank where it says nothing."""

    position: int
    entry_id: str
    at: datetime
    action: str
    outcome: str
    caller: str
    user: str
    role: str
    institution: str
    purpose: str
    basis: str
    case: str
    object_ref: str
    request_id: str
    approval: str
    approver: str
    content: Mapping[str, str]
    children: int


def read_entry(position: int, canonical: bytes) -> Read:
    """The entry in these bytes; of bytes that are none, nothing but the position."""
    told = _told(canonical)
    text = {name: value for name, value in told.items() if isinstance(value, str)}
    content, subjects, at = told.get("content"), told.get("subjects"), told.get("at")
    return Read(
        position=position,
        entry_id=text.get("id", ""),
        at=_EPOCH + timedelta(milliseconds=at if isinstance(at, int) else 0),
        action=text.get("action", ""),
        outcome=text.get("outcome", ""),
        caller=text.get("caller", ""),
        user=text.get("actor", ""),
        role=text.get("role", ""),
        institution=text.get("institution", ""),
        purpose=text.get("purpose", ""),
        basis=text.get("basis", ""),
        case=text.get("case", ""),
        object_ref=text.get("object", ""),
        request_id=text.get("request", ""),
        approval=text.get("approval", ""),
        approver=text.get("approver", ""),
        content=content if isinstance(content, dict) else {},
        children=len(subjects) if isinstance(subjects, list) else 0,
    )


def _told(canonical: bytes) -> Mapping[str, Any]:
    # Somebody may have put anything there: a search must not fail because of that.
    try:
        told = json.loads(canonical[1:])
    except ValueError:
        return _UNREADABLE
    return told if isinstance(told, dict) else _UNREADABLE
