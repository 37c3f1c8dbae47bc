"""What goes wrong with the simulated platform's answers: rows, forms of `datas`, text, encoding.

Faults are applied in the order in which they are named, so that several can meet in one answer.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from starlette.responses import Response

from adapters.simulation.faults import Fault

T = TypeVar("T")
Row = dict[str, Any]
Rows = list[Row]

COMBINED = "combined"
BOMB_BYTES = 64 * 1024 * 1024
_STRANGER = {
    "gmsfhm": "99000020200115009X",
    "xm": "旁人",
    "gmsfhmPpddm": "1",
    "xmPpddm": "1",
    "swbs": "0",
}
_MESSAGES = {"00": "成功", "11": "请求密钥不在有效期内", "14": "签名错误", "18": "超过调用次数"}
CLOSED = "全国人口库目前只支持工作时间段的查询，请在早上9:00到下午5:00之间操作"


def kinds_of(fault: Fault | None) -> tuple[str, ...]:
    """The faults that meet a call; a combined one names them in its code."""
    if fault is None:
        return ()
    return tuple(fault.code.split(",")) if fault.kind == COMBINED else (fault.kind,)


def answer_rows(kinds: Sequence[str], rows: Rows) -> Response:
    """The answer that hands rows over, gone wrong as the faults say."""
    rows = _applied(_IN_ROWS, kinds, rows)
    return answer_datas(kinds, rows[0] if len(rows) == 1 else rows)


def answer_datas(kinds: Sequence[str], datas: Any) -> Response:
    """The answer that hands `datas` over, gone wrong as the faults say."""
    return _written(kinds, "00", _applied(_IN_FORM, kinds, datas))


def answer_code(kinds: Sequence[str], code: str, message: str = "") -> Response:
    """The answer that refuses, with one of the platform's codes."""
    return _written(kinds, code, "", message)


def _written(kinds: Sequence[str], code: str, datas: Any, message: str = "") -> Response:
    envelope = {
        "code": code,
        "msg": message or _MESSAGES.get(code, "失败"),
        "data": "",
        "datas": datas,
        "dataCount": len(datas) if isinstance(datas, list) else 0,
        "totalDataCount": 0,
        "totalPage": 1,
        "requestId": None,
        "interfaces": None,
    }
    return _sent(kinds, _applied(_IN_TEXT, kinds, _text(envelope)).encode())


def _sent(kinds: Sequence[str], body: bytes) -> Response:
    headers = {"Content-Type": "application/json;charset=UTF-8"}
    if "wrong_charset" in kinds:
        headers["Content-Type"] = "application/json;charset=GBK"
    for kind in kinds:
        if kind in _BOMBS:
            return Response(_BOMBS[kind](), headers={**headers, "Content-Encoding": kind[:-5]})
    return Response(body, headers=headers)


def _applied(faults: Mapping[str, Callable[[T], T]], kinds: Sequence[str], value: T) -> T:
    for kind in kinds:
        if kind in faults:
            value = faults[kind](value)
    return value


def _each(**changes: Any) -> Callable[[Rows], Rows]:
    return lambda rows: [{**row, **changes} for row in rows]


def _opposed(rows: Rows) -> Rows:
    turned = {"1": "0", "0": "1"}
    return [*rows, *({**row, "xmPpddm": turned.get(row["xmPpddm"], "1")} for row in rows)]


def _renamed(rows: Rows) -> Rows:
    names = {"gmsfhm": "GMSFZH", "gmsfhmPpddm": "gmsfhm_ppddm", "xmPpddm": "XM_PPDDM"}
    return [{names.get(name, name): value for name, value in row.items()} for row in rows]


def _without(name: str) -> Callable[[Rows], Rows]:
    return lambda rows: [{key: row[key] for key in row if key != name} for row in rows]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _nest(success: bool, message: str | None) -> Callable[[Any], Any]:
    return lambda datas: {"success": success, "errorMsg": message, "data": datas}


def _twice(text: str) -> str:
    for name in ("code", "xmPpddm", "requestSecret"):
        text = text.replace(f'"{name}": ', f'"{name}": "1", "{name}": ', 1)
    return text


@cache
def _gzip_bomb() -> bytes:
    return gzip.compress(bytes(BOMB_BYTES), 1)


@cache
def _deflate_bomb() -> bytes:
    return zlib.compress(bytes(BOMB_BYTES), 1)


_IN_ROWS: Mapping[str, Callable[[Rows], Rows]] = {
    "reordered": lambda rows: [_STRANGER, *rows],
    "missing_row": lambda rows: rows[1:],
    "duplicated_row": lambda rows: [*rows, *rows],
    "wrong_person": lambda rows: [_STRANGER, *rows[1:]],
    "wrong_name": _each(xm="旁人"),
    "wrong_number": _each(gmsfhm="99000020200115009X"),
    "contradictory": _opposed,
    "number_denied": _each(gmsfhmPpddm="0", xmPpddm="1"),
    "unlisted_result": _each(xmPpddm="2"),
    "results_as_numbers": _each(gmsfhmPpddm=1, xmPpddm=1),
    "strange_flag": _each(zxbs="1"),
    "no_flag": _without("swbs"),
    "lower_x": lambda rows: [{**row, "gmsfhm": row.get("gmsfhm", "").lower()} for row in rows],
    "renamed": _renamed,
}
_IN_FORM: Mapping[str, Callable[[Any], Any]] = {
    "as_list": lambda datas: datas if isinstance(datas, list) else [datas],
    "as_text": _text,
    "blank": lambda _: "",
    "empty_list_text": lambda _: "[]",
    "null": lambda _: None,
    "nested": _nest(True, None),
    "nested_failure": _nest(False, "系统繁忙"),
    "nested_closed": _nest(False, CLOSED),
    "nested_doubt": _nest(True, "系统繁忙"),
}
_IN_TEXT: Mapping[str, Callable[[str], str]] = {
    "name_twice": _twice,
    "not_a_number": lambda text: text.replace('"totalPage": 1', '"totalPage": NaN'),
    "infinite": lambda text: text.replace('"totalPage": 1', '"totalPage": 1e999999999'),
    "deep": lambda text: text.replace('"totalPage": 1', '"totalPage": ' + "[" * 9999 + "]" * 9999),
    "padded": lambda text: text + " " * (1024 * 1024),
    "byte_order_mark": lambda text: "\ufeff" + text,
    "cut": lambda text: text[:-10],
    "two_answers": lambda text: text + text,
}
_BOMBS: Mapping[str, Callable[[], bytes]] = {
    "gzip_bomb": _gzip_bomb,
    "deflate_bomb": _deflate_bomb,
}

ANSWER_FAULTS = (*_IN_ROWS, *_IN_FORM, *_IN_TEXT, *_BOMBS, "wrong_charset")
