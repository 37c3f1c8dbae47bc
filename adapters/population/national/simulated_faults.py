"""What goes wrong with the simulated platform's answers, from a row to the whole reply.

`combined` names several kinds in its code, parted by commas; they meet in one answer.
"""

import gzip
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from html import escape

from starlette.responses import HTMLResponse, Response

from adapters.population.national.simulated_answer import (
    CLOSED,
    Answered,
    AnsweredRow,
    enclose,
    refuse_envelope,
    refuse_platform,
    write_envelope,
    write_package,
)
from adapters.simulation.faults import Fault

COMBINED = "combined"
BOMB_BYTES = 16 * 1024 * 1024
_STRANGER = {
    "GMSFHM": "99000020200115009X",
    "GMSFHM_PPDDM": "1",
    "SWBS": "0",
    "XM": "旁人",
    "XM_PPDDM": "1",
}
_DTD = '<!DOCTYPE PACKAGE [<!ENTITY e "1"><!ENTITY file SYSTEM "file:///etc/hostname">]>'

Rows = tuple[AnsweredRow, ...]


def kinds_of(fault: Fault | None) -> tuple[str, ...]:
    """The faults that meet a call; a combined one names them in its code."""
    if fault is None:
        return ()
    return tuple(fault.code.split(",")) if fault.kind == COMBINED else (fault.kind,)


def break_answer(fault: Fault | None, operation: str, answered: Answered) -> Response:
    """The answer, gone wrong as the fault says."""
    kinds, code = kinds_of(fault), fault.code if fault else ""
    for kind in _chosen(_IN_ROWS, kinds):
        answered = replace(answered, rows=_IN_ROWS[kind](answered.rows))
    for kind in _chosen(_IN_HEAD, kinds):
        answered = _IN_HEAD[kind](answered, code)
    document = write_package(answered)
    for kind in _chosen(_IN_DOCUMENT, kinds):
        document = _IN_DOCUMENT[kind](document)
    for kind in _chosen(_INSTEAD, kinds):
        return _INSTEAD[kind](code)
    response = write_envelope(operation, document)
    for kind in _chosen(_IN_ENVELOPE, kinds):
        response = _IN_ENVELOPE[kind](operation, document)
    return compress(kinds, response)


def compress(kinds: Sequence[str], response: Response) -> Response:
    """The answer in an encoding that nobody asked for, small or swelling, if a fault says so."""
    for kind in _chosen(_COMPRESSED, kinds):
        encoding = kind.partition("_")[0]
        return Response(
            _COMPRESSED[kind](bytes(response.body)),
            media_type=response.media_type,
            headers={"Content-Encoding": encoding},
        )
    return response


def _chosen(of: Mapping[str, object], kinds: Sequence[str]) -> list[str]:
    return [kind for kind in kinds if kind in of]


def _changed(row: AnsweredRow, **nodes: str) -> AnsweredRow:
    return replace(row, nodes={**row.nodes, **nodes})


def _first(**nodes: str) -> Callable[[Rows], Rows]:
    return lambda rows: (*(_changed(row, **nodes) for row in rows[:1]), *rows[1:])


def _placed(row: AnsweredRow, place: str) -> AnsweredRow:
    return replace(row, attributes={**row.attributes, "no": place})


def _renumber(rows: Rows) -> Rows:
    turned = (*rows[1:], *rows[:1])
    return tuple(_placed(row, str(place)) for place, row in enumerate(turned, start=1))


def _contradict(rows: Rows) -> Rows:
    if not rows:
        return rows
    opposed = "0" if rows[0].nodes.get("XM_PPDDM") == "1" else "1"
    return (*rows, _changed(rows[0], GMSFHM_PPDDM="1", XM_PPDDM=opposed, SWBS="0"))


def _refuse_row(rows: Rows) -> Rows:
    refused = {"code": "-10", "msg": "数据库连接失败"}
    return (
        *(replace(row, attributes={**row.attributes, **refused}) for row in rows[:1]),
        *rows[1:],
    )


def _without_places(rows: Rows) -> Rows:
    return tuple(
        replace(row, attributes={k: v for k, v in row.attributes.items() if k != "no"})
        for row in rows
    )


@cache
def _bomb() -> bytes:
    return gzip.compress(bytes(BOMB_BYTES), 1)


@cache
def _deflate_bomb() -> bytes:
    return zlib.compress(bytes(BOMB_BYTES), 1)


def _half_escaped(operation: str, document: str) -> Response:
    return enclose(operation, document.partition("?>")[2].replace(">", "&gt;"))


_IN_ROWS: Mapping[str, Callable[[Rows], Rows]] = {
    "reordered": lambda rows: rows[::-1],
    "renumbered": _renumber,
    "missing_row": lambda rows: rows[1:],
    "no_rows": lambda _: (),
    "duplicated_row": lambda rows: (*rows[:1], *rows),
    "wrong_person": _first(**_STRANGER),
    "wrong_name": _first(XM="旁人"),
    "wrong_number": _first(GMSFHM=_STRANGER["GMSFHM"]),
    "contradictory": _contradict,
    "number_denied": _first(GMSFHM_PPDDM="0", XM_PPDDM="1"),
    "unlisted_result": _first(XM_PPDDM="2"),
    "spelt_result": _first(XM_PPDDM="一致"),
    "no_result": _first(XM_PPDDM=""),
    "no_flag": _first(SWBS=""),
    "strange_flag": _first(SWBS="9"),
    "dead": _first(SWBS="1"),
    "row_error": _refuse_row,
    "no_places": _without_places,
    "padded_places": lambda rows: tuple(
        _placed(row, f"0{row.attributes['no']}" if "no" in row.attributes else "0") for row in rows
    ),
}
_IN_HEAD: Mapping[str, Callable[[Answered, str], Answered]] = {
    "fhdm": lambda answered, code: replace(answered, code=code or "-90", rows=()),
    "fhdm_with_rows": lambda answered, code: replace(answered, code=code or "-90"),
    "partial": lambda answered, _: replace(answered, code="11", rows=_refuse_row(answered.rows)),
    "closed": lambda answered, _: replace(answered, code="-90", message=CLOSED, rows=()),
    "another_question": lambda answered, _: replace(
        answered, question_id="00000000-0000-5000-8000-000000000000"
    ),
}
_IN_DOCUMENT: Mapping[str, Callable[[str], str]] = {
    "spelt_rightly": lambda text: text.replace("FFQQBH", "FWQQBH"),
    "impossible_day": lambda text: re.sub("<FSSJ>[0-9]*", "<FSSJ>20261399000000", text),
    "long_time": lambda text: text.replace("<FSSJ>", "<FSSJ>9"),
    "node_twice": lambda text: text.replace("<XM_PPDDM>", "<XM_PPDDM>1</XM_PPDDM><XM_PPDDM>", 1),
    "foreign_node": lambda text: text.replace("</RECORD>", "<ZXBS>1</ZXBS></RECORD>", 1),
    "two_packages": lambda text: text + text.partition("?>")[2],
    "inner_dtd": lambda text: text.replace("<PACKAGE>", f"{_DTD}<PACKAGE>", 1),
    "inner_cut": lambda text: text[:-10],
}
_INSTEAD: Mapping[str, Callable[[str], Response]] = {
    "soap_fault": lambda code: refuse_envelope(code or "Server"),
    "closed_fault": lambda _: refuse_envelope("Server", CLOSED),
    "platform_refusal": lambda _: refuse_platform(),
    "html_in_soap": lambda _: HTMLResponse("<html><body>系统维护中</body></html>"),
}
_IN_ENVELOPE: Mapping[str, Callable[[str, str], Response]] = {
    "with_slash": lambda operation, out: enclose(
        operation, escape(out, quote=False), "http://webservice.com/"
    ),
    "tongtech": lambda operation, out: enclose(
        operation, escape(out, quote=False), "http://webservice.tongtech.com"
    ),
    "cdata": lambda operation, out: enclose(operation, f"<![CDATA[{out}]]>"),
    "unescaped": lambda operation, out: enclose(operation, out.partition("?>")[2]),
    "half_escaped": _half_escaped,
    "escaped_twice": lambda operation, out: enclose(
        operation, escape(escape(out, quote=False), quote=False)
    ),
    "no_out": lambda operation, _: enclose(operation, ""),
    "other_operation": lambda _, out: write_envelope("GK_GXFW_QT", out),
}
_COMPRESSED: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "gzip_bomb": lambda _: _bomb(),
    "deflate_bomb": lambda _: _deflate_bomb(),
    "gzip_nested": lambda _: gzip.compress(_bomb()),
}

ANSWER_FAULTS = (*_IN_ROWS, *_IN_HEAD, *_IN_DOCUMENT, *_INSTEAD, *_IN_ENVELOPE, *_COMPRESSED)
SECRET_FAULTS = ("secret_blank", "secret_garbled", "secret_ended", "secret_unsealed")
OWN_FAULTS = (*ANSWER_FAULTS, *SECRET_FAULTS, COMBINED)
