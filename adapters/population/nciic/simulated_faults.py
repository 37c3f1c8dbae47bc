"""What goes wrong with the simulated NCIIC service, from its rows to its envelopes."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace

from starlette.responses import Response

from adapters.population.nciic.simulated_answer import (
    AnsweredRow,
    Items,
    enclose,
    refuse_envelope,
    write_bare_refusal,
    write_envelope,
    write_notice,
    write_refusal,
    write_rows,
)
from adapters.population.nciic.simulated_packing import PACKINGS
from adapters.simulation.faults import Fault

Rows = Sequence[AnsweredRow]

_DTD = '<!DOCTYPE ROWS [<!ENTITY e "一致"><!ENTITY file SYSTEM "file:///etc/hostname">]>'
_MATCH: Items = (
    (("gmsfhm", ""), ("result_gmsfhm", "一致")),
    (("xm", ""), ("result_xm", "一致")),
)


def break_answer(fault: Fault | None, rows: Rows) -> Response:
    """The answer to these rows, gone wrong as the fault says; a combined one names several.

    Faults of the rows come first, then one of the document, of the envelope and of the encoding
    each, so that every combination reaches the wire.
    """
    kinds = _kinds(fault)
    code = fault.code if fault is not None and fault.kind != COMBINED else ""
    for kind in kinds:
        if kind in _IN_ROWS and rows:
            rows = _IN_ROWS[kind](rows)
    document = _document(_named(kinds, _IN_DOCUMENT), code, rows)
    envelope = _named(kinds, _IN_ENVELOPE)
    answer = _IN_ENVELOPE[envelope](code, document) if envelope else write_envelope(document)
    packing = _named(kinds, PACKINGS)
    return PACKINGS[packing](answer) if packing else answer


def _document(kind: str | None, code: str, rows: Rows) -> str:
    return _IN_DOCUMENT[kind](code, rows) if kind else write_rows(rows)


def _kinds(fault: Fault | None) -> tuple[str, ...]:
    if fault is None:
        return ()
    return tuple(fault.code.split(",")) if fault.kind == COMBINED else (fault.kind,)


def _named(kinds: Sequence[str], of: Container[str]) -> str | None:
    return next((kind for kind in kinds if kind in of), None)


def _reorder(rows: Rows) -> Rows:
    # Numbered as they come, so that no row stands under the number it was asked as.
    turned = [*rows[1:], *rows[:1]]
    return [replace(row, place=place) for place, row in enumerate(turned, start=1)]


def _confuse(rows: Rows) -> Rows:
    stranger = AnsweredRow(rows[0].place, "99000020200115009X", "旁人", _MATCH)
    return [stranger, *rows[1:]]


def _contradict(rows: Rows) -> Rows:
    twice = (*_MATCH, (("xm", ""), ("result_xm", "不一致")))
    return [replace(rows[0], items=twice), *rows[1:]]


def _deny_number(rows: Rows) -> Rows:
    denied = ((("gmsfhm", ""), ("result_gmsfhm", "不一致")), _MATCH[1])
    return [replace(rows[0], items=denied), *rows[1:]]


def _reword(rows: Rows, text: str) -> Rows:
    error: Items = ((("errormesage", text),), (("errormesagecol", ""),))
    return [replace(row, items=error) if _not_on_file(row) else row for row in rows]


def _not_on_file(row: AnsweredRow) -> bool:
    return "库中无此号" in row.items[0][0][1]


def _swap_names(rows: Rows) -> Rows:
    return [replace(row, name=rows[-1 - place].name) for place, row in enumerate(rows)]


def _swap_verdicts(rows: Rows) -> Rows:
    # Every row echoes one person and numbers another: what it says is nobody's.
    return [replace(row, place=len(rows) + 1 - row.place) for row in rows]


def _hold_apart(rows: Rows) -> Rows:
    error: Items = ((("errormesage", "服务结果:库中无此号"),),)
    return [replace(rows[0], items=(*_MATCH, *error)), *rows[1:]]


def _fill_blanks(rows: Rows) -> Rows:
    return [
        replace(
            row,
            items=tuple(tuple((tag, text or "&nbsp;") for tag, text in item) for item in row.items),
        )
        for row in rows
    ]


_IN_ROWS: Mapping[str, Callable[[Rows], Rows]] = {
    "reordered": _reorder,
    "missing_row": lambda rows: rows[1:],
    "duplicated_row": lambda rows: [rows[0], *rows],
    "wrong_person": _confuse,
    "contradictory": _contradict,
    "number_denied": _deny_number,
    "names_swapped": _swap_names,
    "places_swapped": _swap_verdicts,
    "verdict_and_error": _hold_apart,
    "placeholders": _fill_blanks,
    "no_rows": lambda _: [],
    "ascii_comma": lambda rows: _reword(rows, "服务结果:库中无此号,请到户籍所在地进行核实"),
    "no_such_record": lambda rows: _reword(rows, "服务结果:没有符合条件的记录"),
    "unlisted_error": lambda rows: [
        replace(row, items=((("errormesage", "服务结果:系统忙"),),)) for row in rows
    ],
}
_IN_DOCUMENT: Mapping[str, Callable[[str, Rows], str]] = {
    "error_code": lambda code, _: write_refusal(code or "-90"),
    "bare_error": lambda code, _: write_bare_refusal(code or "-90"),
    "web_notice": lambda _code, _: write_notice("查询结果记录数大于要求返回记录数10！"),
    "inner_dtd": lambda _, rows: write_rows(rows).replace("<ROWS>", f"{_DTD}<ROWS>", 1),
    "inner_cut": lambda _, rows: write_rows(rows)[:-10],
}
_IN_ENVELOPE: Mapping[str, Callable[[str, str], Response]] = {
    "wrong_namespace": lambda _, out: enclose(f"<out>{_cdata(out)}</out>", "urn:other"),
    "unescaped": lambda _, out: enclose(f"<out>{out.partition('?>')[2]}</out>"),
    "nil": lambda _code, _: enclose('<out xsi:nil="true"/>'),
    "no_out": lambda _code, _: enclose("<out/>"),
    "cdata": lambda _, out: enclose(f"<out>{_cdata(out)}</out>"),
    "soap_fault": lambda code, _: refuse_envelope(code or "Server"),
}

COMBINED = "combined"
OWN_FAULTS = (*_IN_ROWS, *_IN_DOCUMENT, *_IN_ENVELOPE, *PACKINGS, COMBINED)


def _cdata(text: str) -> str:
    return f"<![CDATA[{text}]]>"
