"""Answers as bytes: every code, every form of `datas`, and of whom a row speaks."""

import json
from typing import Any

import pytest

from adapters.population.zhejiang.envelopes import (
    CLOSED,
    FAILURES,
    Place,
    open_datas,
    read_envelope,
    refuse_failures,
)
from adapters.population.zhejiang.verdicts import load_match_codes, read_verdict
from adapters.transport import Answer
from contracts.capabilities import Claim, Verdict
from contracts.errors import (
    Ambiguous,
    Closed,
    Malformed,
    NotEntitled,
    SystemFailure,
    Unavailable,
    Unreadable,
)
from contracts.outcomes import Outcome

PLACE = Place("population", "identityCheck")
CLAIM = Claim("99999920180101009X", "测试甲")
ROW = {
    "gmsfhm": "99999920180101009X",
    "xm": "测试甲",
    "gmsfhmPpddm": "1",
    "xmPpddm": "1",
    "swbs": "0",
}
MATCH = Verdict(Outcome.MATCH, "1/1/0")


def read(body: bytes, status: int = 200, **headers: str) -> Verdict:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    envelope = read_envelope(Answer(status, named, body), PLACE)
    refuse_failures(envelope, PLACE)
    return read_verdict(open_datas(envelope.datas, PLACE), CLAIM, load_match_codes())


def said(datas: Any, code: Any = "00", **more: Any) -> bytes:
    return json.dumps({"code": code, "msg": "", "data": "", "datas": datas, **more}).encode()


def nest(data: Any, success: Any = True, message: Any = None) -> dict[str, Any]:
    return {"success": success, "errorMsg": message, "data": data}


FORMS = [
    ROW,
    [ROW],
    json.dumps(ROW),
    json.dumps([ROW]),
    nest(ROW),
    nest([ROW], message=""),
    json.dumps(nest(ROW)),
]


@pytest.mark.parametrize("datas", FORMS, ids=range(len(FORMS)))
def test_the_row_is_found_in_every_form_of_datas(datas: Any) -> None:
    assert read(said(datas)) == MATCH


@pytest.mark.parametrize("datas", [None, [], "[]", "null", nest(None), nest([]), [None]])
def test_an_answer_without_a_row_says_nothing_of_anybody(datas: Any) -> None:
    assert read(said(datas)) == Verdict(Outcome.UNKNOWN, "no row")


def test_a_blank_answer_is_asked_for_again() -> None:
    with pytest.raises(Unavailable) as caught:
        read(said(""))
    assert not isinstance(caught.value, Unreadable)


UNREADABLE = [
    said(7),
    said(True),
    said("7"),
    said('"[]"'),
    said(json.dumps(json.dumps(ROW))),
    said(" "),
    said(json.dumps(ROW)[:-1]),
    said('{"a": 1, "a": 1}'),
    said(nest(json.dumps(ROW))),
    said(nest(nest(ROW), message=7)),
    said(nest(ROW, success="true")),
    said(nest(ROW, success=1)),
    said(nest(ROW, success=None)),
    said(nest(ROW, message="系统繁忙")),
    said({"success": True, "data": ROW}),
    said({**nest(ROW), "more": 1}),
    said({**ROW, "success": True}),
    said(nest(7)),
    said(ROW, code=0),
    said(ROW, code=None),
    said(ROW, code=["00"]),
    said(ROW, code="0"),
    said(ROW, code="00 "),
    said(ROW, code="99"),
    said(ROW, data=[ROW]),
    said(ROW, msg=7),
    b'{"code": "00"}',
    b'{"datas": null}',
    b"[]",
    b"null",
]


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
def test_an_answer_outside_the_contract_is_believed_in_no_word(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


@pytest.mark.parametrize(("code", "failure"), FAILURES.items())
def test_a_code_is_named_by_what_to_do_next(code: str, failure: type[SystemFailure]) -> None:
    with pytest.raises(failure) as caught:
        read(said(ROW, code=code), retry_after="60")
    assert (caught.value.code, caught.value.retry_after) == (code, 60.0)


def test_a_closed_register_is_told_by_its_own_words() -> None:
    for body in (said("", code="99", msg=CLOSED + "，请"), said(nest(None, False, CLOSED))):
        with pytest.raises(Closed):
            read(body)
    with pytest.raises(Ambiguous):
        read(said(nest(ROW, False, "系统繁忙")))


STATUSES = [
    (400, Malformed),
    (401, NotEntitled),
    (403, NotEntitled),
    (404, NotEntitled),
    (405, NotEntitled),
    (413, Malformed),
    (429, Closed),
    (500, Unavailable),
    (503, Unavailable),
    (201, Unreadable),
    (302, Unreadable),
]


@pytest.mark.parametrize(("status", "failure"), STATUSES)
def test_a_status_is_named_by_what_to_do_next(status: int, failure: type[SystemFailure]) -> None:
    with pytest.raises(failure):
        read(said(ROW), status)


def test_letters_of_another_encoding_are_not_read() -> None:
    assert read(said(ROW), content_type='text/html; charset="UTF-8"') == MATCH
    with pytest.raises(Unreadable):
        read(said(ROW), content_type="application/json;charset=GBK")


OUTCOMES = [
    (("1", "1", "0"), Outcome.MATCH),
    (("1", "1", "1"), Outcome.DECEASED),
    (("1", "0", "0"), Outcome.NAME_MISMATCH),
    (("1", "0", "1"), Outcome.NAME_MISMATCH),
    (("0", "0", "0"), Outcome.NOT_ON_FILE),
    (("0", "0", ""), Outcome.NOT_ON_FILE),
]
VALUES = ("0", "1", "", "2", "一致", "true", " 1")


def test_only_the_listed_results_are_results() -> None:
    listed = dict(OUTCOMES)
    for result in ((a, b, c) for a in VALUES for b in VALUES for c in VALUES):
        row = {**ROW, **dict(zip(("gmsfhmPpddm", "xmPpddm", "swbs"), result, strict=True))}
        assert read(said(row)).outcome is listed.get(result, Outcome.UNKNOWN)


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in ROW.items() if key != name}


SPELT = [
    {**without("gmsfhm"), "GMSFZH": CLAIM.citizen_number},
    {**without("gmsfhm"), "cardId": CLAIM.citizen_number},
    {**without("gmsfhm"), "zjh": CLAIM.citizen_number.lower()},
    {**without("xmPpddm"), "XM_PPDDM": "1"},
    {**without("gmsfhmPpddm"), "gmsfzh_ppddm": "1"},
]


@pytest.mark.parametrize("row", SPELT, ids=range(len(SPELT)))
def test_sources_spell_the_fields_in_their_own_ways(row: dict[str, str]) -> None:
    assert read(said(row)) == MATCH


DOUBTFUL = [
    *(without(name) for name in ROW),
    {**ROW, "zxbs": "1"},
    {**ROW, "gmsfzh": CLAIM.citizen_number},
    {**without("swbs"), "XM": "测试甲"},
    {**ROW, "xmPpddm": 1},
    {**ROW, "xmPpddm": True},
    {**ROW, "swbs": None},
    {**ROW, "xm": ["测试甲"]},
    {**ROW, "gmsfhm": "999999201801010014"},
    {**ROW, "gmsfhm": ""},
    {**ROW, "xm": "测试乙"},
    {**ROW, "xm": "测试甲 "},
    {**ROW, "xm": ""},
    {},
    "row",
    7,
    [ROW],
]


@pytest.mark.parametrize("row", DOUBTFUL, ids=range(len(DOUBTFUL)))
def test_a_row_that_is_strange_or_of_another_person_leaves_the_claim_unknown(row: Any) -> None:
    assert read(said([row])).outcome is Outcome.UNKNOWN


def test_a_second_row_spoils_the_first() -> None:
    stranger = {**ROW, "gmsfhm": "999999201801010014", "xm": "旁人"}
    for rows in ([ROW, ROW], [ROW, stranger], [stranger, ROW], [ROW, None]):
        assert read(said(rows)) == Verdict(Outcome.UNKNOWN, "several rows")
