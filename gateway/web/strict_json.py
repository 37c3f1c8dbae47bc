"""JSON that can be read in one way only: what two readers could take differently is refused."""

import json
from typing import Any, NoReturn

from gateway.web.problems import Fault, Kind, Problem

MAX_DEPTH = 32
MAX_NUMBER_LENGTH = 40

_REASONS = {
    "encoding": ("不是 UTF-8 文本。", "The body is not UTF-8 text."),
    "byte_order_mark": ("开头有 BOM。", "The body starts with a byte order mark."),
    "syntax": ("不是 JSON。", "The body is not JSON."),
    "not_a_number": ("含有 NaN 或 Infinity。", "It holds NaN or Infinity."),
    "long_number": ("有超过 40 位的数字。", "It holds a number of more than 40 characters."),
    "duplicate_key": ("同一对象中有重复的键。", "An object holds the same key twice."),
    "too_deep": ("嵌套超过 32 层。", "It is nested more than 32 levels deep."),
    "nul": ("含有 U+0000。", "It holds the character U+0000."),
    "lone_surrogate": ("含有不成对的代理字符。", "It holds half of a surrogate pair."),
}


def read_json(content: bytes) -> Any:
    """The value in `content`; raise `Problem` (400) with the reason, never with the content."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        _refuse("encoding")
    if text.startswith("\ufeff"):
        _refuse("byte_order_mark")
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        _refuse("too_deep")
    except json.JSONDecodeError:
        _refuse("syntax")
    _look_through(value)
    return value


def _refuse(reason: str) -> NoReturn:
    detail, detail_en = _REASONS[reason]
    raise Problem(Kind.JSON_REFUSED, [Fault(reason, "#", detail, detail_en)]) from None


def _constant(_: str) -> NoReturn:
    _refuse("not_a_number")


def _integer(digits: str) -> int:
    return int(_bounded(digits))


def _decimal(digits: str) -> float:
    value = float(_bounded(digits))
    if value in (float("inf"), float("-inf")):
        _refuse("long_number")
    return value


def _bounded(digits: str) -> str:
    if len(digits) > MAX_NUMBER_LENGTH:
        _refuse("long_number")
    return digits


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        _refuse("duplicate_key")
    return members


_DECODER = json.JSONDecoder(
    parse_constant=_constant,
    parse_int=_integer,
    parse_float=_decimal,
    object_pairs_hook=_members,
)


def _look_through(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = _inside(level)
    if any(isinstance(value, list | dict) for value in level):
        _refuse("too_deep")
    _inside(level)


def _inside(level: list[Any]) -> list[Any]:
    inside: list[Any] = []
    for value in level:
        if isinstance(value, str):
            _whole(value)
        elif isinstance(value, list):
            inside.extend(value)
        elif isinstance(value, dict):
            inside.extend(value)
            inside.extend(value.values())
    return inside


def _whole(text: str) -> None:
    # No text holds one, and PostgreSQL cannot keep it.
    if "\x00" in text:
        _refuse("nul")
    # Only an escape can bring a lone surrogate in; ASCII text, the usual case, costs one look.
    if text.isascii():
        return
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        _refuse("lone_surrogate")
