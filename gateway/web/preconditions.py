"""Conditions a request sets: the version it is for (If-Match), the key it may repeat under."""

import re

from gateway.masking import holds_a_personal_number
from gateway.web.problems import Fault, Kind, Problem

_ENTITY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')
_LIST_OF_TAGS = re.compile(rf"{_ENTITY_TAG.pattern}(?:[ \t]*,[ \t]*{_ENTITY_TAG.pattern})*")
_KEY = re.compile(r"[A-Za-z0-9._~:+/=-]{1,128}")


def entity_tag(version: str) -> str:
    """The strong entity tag for a version, usually a hash."""
    return f'"{version}"'


def require_match(if_match: str | None, version: str) -> None:
    """Return where If-Match names exactly this version (strong comparison); else raise 428 or 412.

    `*` names no version, so it confirms nothing.
    """
    if if_match is None or not if_match.strip():
        raise Problem(Kind.PRECONDITION_REQUIRED)
    if entity_tag(version) not in _tags(if_match.strip()):
        raise Problem(Kind.GONE_STALE)


def _tags(if_match: str) -> list[str]:
    if if_match == "*":
        return []
    if not _LIST_OF_TAGS.fullmatch(if_match):
        raise _malformed("If-Match")
    return _ENTITY_TAG.findall(if_match)


def idempotency_key(header: str | None) -> str | None:
    """The key, quoted (as a structured field) or bare; None where none was sent."""
    if header is None:
        return None
    key = header.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _KEY.fullmatch(key) or holds_a_personal_number(key):
        raise _malformed("Idempotency-Key")
    return key


def _malformed(header: str) -> Problem:
    fault = Fault("malformed", header, "格式不符合约定。", "It does not keep the agreed form.")
    return Problem(Kind.HEADER_MALFORMED, [fault])
