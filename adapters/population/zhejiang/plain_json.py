"""Foreign JSON read as bytes: bounded, UTF-8, shallow, each name once, numbers that are numbers."""

import json
import math
from typing import Any

from contracts.errors import Unreadable

LIMIT = 256 * 1024
DEPTH = 8


class _Refused(ValueError):
    """Something in the text that two parsers could read differently."""


def parse_json(content: bytes, *, system: str, operation: str) -> Any:
    """The value in the bytes; raise `Unreadable` for anything but plain JSON."""
    if len(content) > LIMIT:
        raise Unreadable(system, operation, "json too long")
    try:
        text = content.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Unreadable(system, operation, "json encoding") from None
    return parse_text(text, system=system, operation=operation)


def parse_text(text: str, *, system: str, operation: str) -> Any:
    """The value in a text that stood inside another JSON value."""
    try:
        value = json.loads(
            text, object_pairs_hook=_each_once, parse_constant=_refuse, parse_float=_finite
        )
    # The parser's own message tells places in the document; nothing of it is passed on.
    except (ValueError, RecursionError):
        raise Unreadable(system, operation, "json") from None
    if _deeper(value, DEPTH):
        raise Unreadable(system, operation, "json depth")
    return value


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise _Refused
    return named


def _refuse(_: str) -> Any:
    raise _Refused


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Refused
    return number


def _deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    if levels == 0:
        return True
    inner = value.values() if isinstance(value, dict) else value
    return any(_deeper(each, levels - 1) for each in inner)
