"""The platform's envelope: judged as bytes, its code turned into what the asker does next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.population.zhejiang.plain_json import parse_json, parse_text
from adapters.transport import Answer
from contracts.errors import (
    Ambiguous,
    Closed,
    Malformed,
    NotEntitled,
    SystemFailure,
    Unavailable,
    Unreadable,
)

SUCCESS = "00"
# The secret behind the signature is no longer the one in force.
SECRET_REFUSED = frozenset({"11", "14"})
# What the asker does about a code; the platform's whole table is not public.
FAILURES: Mapping[str, type[SystemFailure]] = {
    "11": Unavailable,  # 请求密钥不在有效期内
    "14": Unavailable,  # 签名错误, mostly because somebody else renewed the secret
    "18": Closed,  # 超过调用次数
}
# How the register says that it is closed; the rest of the sentence names the hours.
CLOSED = "全国人口库目前只支持工作时间段的查询"

_BY_STATUS: Mapping[int, type[SystemFailure]] = {
    400: Malformed,
    401: NotEntitled,
    403: NotEntitled,
    404: NotEntitled,  # a wrong address is an operator's matter
    405: NotEntitled,
    413: Malformed,
    415: Malformed,
    422: Malformed,
    429: Closed,
}
_NAMES = frozenset(
    {
        "code",
        "msg",
        "data",
        "datas",
        "dataCount",
        "totalDataCount",
        "totalPage",
        "requestId",
        "interfaces",
    }
)
_NESTED = frozenset({"success", "errorMsg", "data"})


@dataclass(frozen=True, slots=True)
class Place:
    """Which call of which system an answer belongs to, for the failures it may mean."""

    system: str
    operation: str

    def unreadable(self, why: str) -> Unreadable:
        """The failure for an answer outside the contract."""
        return Unreadable(self.system, self.operation, why)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The platform's code for a call, its words, and what it hands over."""

    code: str
    message: str = field(repr=False)
    datas: Any = field(repr=False)
    retry_after: float | None = None


def read_envelope(answer: Answer, place: Place) -> Envelope:
    """The envelope around an answer; raise the failure that anything else means."""
    wait = _seconds(answer.headers)
    if answer.status != 200:
        kind = _BY_STATUS.get(answer.status, Unavailable if answer.status >= 500 else Unreadable)
        refused = f"HTTP {answer.status}"
        raise kind(place.system, place.operation, refused, retry_after=wait)
    if not _is_utf8(answer.headers.get("content-type", "")):
        raise place.unreadable("content type")
    said = parse_json(answer.body, system=place.system, operation=place.operation)
    # A name of no known meaning may be a row's that lost its place: such an answer is not read.
    if not isinstance(said, dict) or "datas" not in said or not said.keys() <= _NAMES:
        raise place.unreadable("envelope")
    if said.get("data", "") not in ("", None):
        raise place.unreadable("envelope")
    code, message = said.get("code"), said.get("msg") or ""
    if not isinstance(code, str) or not isinstance(message, str):
        raise place.unreadable("envelope")
    return Envelope(code, message, said["datas"], wait)


def refuse_failures(envelope: Envelope, place: Place) -> None:
    """Return for a call that succeeded; raise the failure that its code means."""
    if envelope.code == SUCCESS:
        return
    if envelope.message.startswith(CLOSED):
        raise Closed(place.system, place.operation, "hours", retry_after=envelope.retry_after)
    kind = FAILURES.get(envelope.code)
    if kind is None:
        raise place.unreadable("unlisted code")
    raise kind(place.system, place.operation, envelope.code, retry_after=envelope.retry_after)


def open_datas(datas: Any, place: Place) -> Any:
    """What a successful call hands over, out of whichever of its forms it came in.

    An object or a list; the same as JSON in a text, once; null. Any of them may stand inside
    `{success, errorMsg, data}`, once. Raises `Unavailable` for the blank text, which the platform
    sends when its source said nothing.
    """
    value = _out_of_text(datas, place)
    if isinstance(value, dict) and not _NESTED.isdisjoint(value):
        value = _out_of_nest(value, place)
    if not isinstance(value, dict | list | None):
        raise place.unreadable("datas")
    return value


def _out_of_text(datas: Any, place: Place) -> Any:
    if not isinstance(datas, str):
        return datas
    if datas == "":
        raise Unavailable(place.system, place.operation, "blank datas")
    return parse_text(datas, system=place.system, operation=place.operation)


def _out_of_nest(nest: Mapping[str, Any], place: Place) -> Any:
    success, message = nest.get("success"), nest.get("errorMsg")
    if nest.keys() != _NESTED or not isinstance(message, str | None):
        raise place.unreadable("nested")
    if success is True and not message:
        return nest["data"]
    if success is not False:
        raise place.unreadable("nested")
    if (message or "").startswith(CLOSED):
        raise Closed(place.system, place.operation, "hours")
    # The source department's own failure; the platform does not say whose fault it was.
    raise Ambiguous(place.system, place.operation, "source failed")


def _is_utf8(content_type: str) -> bool:
    # The addresses end in .htm and name all sorts of types; only the letters' encoding counts.
    _, _, parameters = content_type.lower().partition(";")
    return parameters.strip().removeprefix("charset=").strip('"') in ("", "utf-8")


def _seconds(headers: Mapping[str, str]) -> float | None:
    waiting = headers.get("retry-after", "")
    short = len(waiting) <= 6 and waiting.isascii() and waiting.isdigit()
    return float(waiting) if short else None
