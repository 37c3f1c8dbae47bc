"""What is made of the document inside an answer, code by code and row by row."""

import re
from datetime import UTC, date, datetime

import pytest

from adapters.population.national.answers import FAILURES, judge, read_answer
from adapters.population.national.contract import CHECK, Party, load_match_codes, load_schema
from contracts.capabilities import Claim, Verdict
from contracts.errors import (
    Ambiguous,
    Closed,
    Malformed,
    NotEntitled,
    SystemFailure,
    TooMany,
    Unavailable,
    Unreadable,
)

ANSWER, CODES = load_schema(CHECK.schema), load_match_codes()
PARTY = Party("population", CHECK.operation)
NOW = datetime(2026, 9, 1, 4, tzinfo=UTC)
QUESTION = "4a41a7ab-9c9d-5c24-a0a6-3a9f8f3b7c11"
ASKED = (Claim("999999201801010014", "测试甲"), Claim("999999201801010014", "测试乙"))
STRANGER = Claim("99999920180101009X", "旁人")


def row(place: int, said: str = "110", about: Claim | None = None, **attributes: str) -> str:
    """A row saying number, name and death (a blank for none) of the claim in this place."""
    about = about or ASKED[place - 1]
    number, name, death = (code.strip() for code in said)
    stands = {"no": str(place), "code": "", "msg": "", **attributes}
    written = "".join(f' {name}="{text}"' for name, text in stands.items())
    return (
        f"<RECORD{written}><GMSFHM>{about.citizen_number}</GMSFHM>"
        f"<GMSFHM_PPDDM>{number}</GMSFHM_PPDDM><SWBS>{death}</SWBS><XM>{about.name}</XM>"
        f"<XM_PPDDM>{name}</XM_PPDDM></RECORD>"
    )


def package(
    *rows: str,
    fhdm: str = "10",
    fhms: str = "接口调用成功",
    question: str = QUESTION,
    time: str = "20260901120000",
) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\r\n<PACKAGE><PACKAGEHEAD>'
        f"<FFQQBH>{question}</FFQQBH><FSSJ>{time}</FSSJ><FHDM>{fhdm}</FHDM><FHMS>{fhms}</FHMS>"
        f"</PACKAGEHEAD><DATA>{''.join(rows)}</DATA></PACKAGE>"
    )


def read(document: str) -> tuple[Verdict, ...]:
    return judge(read_answer(document, QUESTION, ANSWER, PARTY, at=NOW), ASKED, CODES)


def outcomes(*rows: str) -> tuple[str, ...]:
    return tuple(verdict.outcome.value for verdict in read(package(*rows)))


SAID = [
    ("110", "MATCH"),
    ("111", "DECEASED"),
    ("100", "NAME_MISMATCH"),
    ("101", "NAME_MISMATCH"),
    ("000", "NOT_ON_FILE"),
    ("00 ", "NOT_ON_FILE"),
    ("0  ", "NOT_ON_FILE"),
]
DOUBTFUL = [
    "11 ",
    "112",
    "10 ",
    "102",
    "010",
    "001",
    "02 ",
    "120",
    "1 0",
    " 10",
    " 00",
    "   ",
    "221",
]


@pytest.mark.parametrize(("said", "outcome"), SAID)
def test_what_the_register_says_is_what_is_read(said: str, outcome: str) -> None:
    assert outcomes(row(1, said), row(2, "100")) == (outcome, "NAME_MISMATCH")


@pytest.mark.parametrize("said", DOUBTFUL)
def test_what_it_does_not_say_plainly_is_unknown(said: str) -> None:
    assert outcomes(row(1, said), row(2, "100")) == ("UNKNOWN", "NAME_MISMATCH")


@pytest.mark.parametrize(
    "code", ["一致", "TRUE", "true", "是", "1.0", "01", "+1", " 1", "1 ", "１", "١"]
)
def test_only_the_code_itself_is_believed(code: str) -> None:
    spoilt = row(1).replace("<XM_PPDDM>1", f"<XM_PPDDM>{code}")
    assert outcomes(spoilt, row(2, "100")) == ("UNKNOWN", "NAME_MISMATCH")


def test_the_codes_are_kept_as_received_and_nothing_longer() -> None:
    odd = row(1, "120"), row(2).replace("<SWBS>0", "<SWBS>999999201801010014")
    assert [verdict.code for verdict in read(package(*odd))] == ["codes 1/2/0", "codes 1/1/?"]


FIRST, SECOND = row(1), row(2, "100")
BOUND = [
    ("missing", [SECOND], ("UNKNOWN", "NAME_MISMATCH")),
    ("none at all", [], ("UNKNOWN", "UNKNOWN")),
    ("twice, agreeing", [FIRST, FIRST, SECOND], ("UNKNOWN", "NAME_MISMATCH")),
    ("twice, at odds", [FIRST, row(1, "100"), SECOND], ("UNKNOWN", "NAME_MISMATCH")),
    ("other order", [SECOND, FIRST], ("MATCH", "NAME_MISMATCH")),
    ("other places", [row(1, no="2"), row(2, "100", no="1")], ("UNKNOWN", "UNKNOWN")),
    ("swapped people", [row(1, about=ASKED[1]), row(2, "100", ASKED[0])], ("UNKNOWN",) * 2),
    ("a stranger", [row(1, about=STRANGER), SECOND], ("UNKNOWN", "NAME_MISMATCH")),
    (
        "a stranger in a place of his own",
        [row(1, about=STRANGER, no="3"), FIRST, SECOND],
        ("MATCH", "NAME_MISMATCH"),
    ),
    (
        "a namesake of the number in a place of his own",
        [row(1, about=Claim(ASKED[0].citizen_number, "旁人"), no="3"), FIRST, SECOND],
        ("UNKNOWN", "UNKNOWN"),
    ),
    (
        "another's name",
        [row(1, about=Claim(ASKED[0].citizen_number, "旁人")), SECOND],
        ("UNKNOWN", "UNKNOWN"),
    ),
    ("no name", [row(1, about=Claim(ASKED[0].citizen_number, "")), SECOND], ("UNKNOWN",) * 2),
    ("no place", [FIRST.replace(' no="1"', ""), SECOND], ("UNKNOWN", "UNKNOWN")),
    ("a padded place", [row(1, no="01"), SECOND], ("UNKNOWN", "UNKNOWN")),
    ("an Arabic place", [row(1, no="١"), SECOND], ("UNKNOWN", "UNKNOWN")),
    ("a row error", [row(1, code="-10"), SECOND], ("UNKNOWN", "NAME_MISMATCH")),
    ("an empty row", ['<RECORD no="1" code="-10" msg="x"/>', SECOND], ("UNKNOWN", "NAME_MISMATCH")),
    *(
        (f"no {tag}", [re.sub(f"<{tag}>.*?</{tag}>", "", row(1, "0  ")), SECOND], doubt)
        for tag, doubt in [("SWBS", ("UNKNOWN", "NAME_MISMATCH")), ("XM", ("UNKNOWN", "UNKNOWN"))]
    ),
]


@pytest.mark.parametrize(("rows", "read_as"), [b[1:] for b in BOUND], ids=[b[0] for b in BOUND])
def test_a_row_counts_for_the_person_it_names_in_its_place_alone(
    rows: list[str], read_as: tuple[str, ...]
) -> None:
    assert outcomes(*rows) == read_as


def test_of_a_partial_answer_the_rows_without_an_error_count() -> None:
    said = read(package(row(1, code="-20"), SECOND, fhdm="11"))
    assert [verdict.outcome.value for verdict in said] == ["UNKNOWN", "NAME_MISMATCH"]


@pytest.mark.parametrize(
    ("time", "day"),
    [
        ("20260901120000", date(2026, 9, 1)),
        ("20260831235959", date(2026, 8, 31)),
        ("20260902000000", date(2026, 9, 1)),
        ("99991231235959", date(2026, 9, 1)),
        ("00010101000000", date(1, 1, 1)),
        ("", None),
    ],
)
def test_the_day_is_the_one_the_answer_was_given_on(time: str, day: date | None) -> None:
    assert read(package(FIRST, SECOND, time=time))[0].as_of == day


ENDS = [
    *((code, Unavailable) for code in ("-10", "-20")),
    *(
        (code, NotEntitled)
        for code in ("-30", "-31", "-50", "-51", "-53", "-56", "-70", "-71", "-72", "-80")
    ),
    ("-54", TooMany),
    ("-90", Ambiguous),
    *((code, Malformed) for code in ("-40", "-52", "-60", "-99", "0", "1", "12", "-1")),
]


@pytest.mark.parametrize(("fhdm", "failure"), ENDS)
def test_every_end_of_a_call_is_named(fhdm: str, failure: type[SystemFailure]) -> None:
    with pytest.raises(SystemFailure) as raised:
        read(package(FIRST, SECOND, fhdm=fhdm, fhms="失败"))
    assert type(raised.value) is failure
    assert raised.value.code == f"FHDM {fhdm}"


def test_every_end_of_the_table_is_tested() -> None:
    assert FAILURES.keys() <= {fhdm for fhdm, _ in ENDS}


@pytest.mark.parametrize("fhdm", ["-90", "-10", "-1", "99"])
def test_outside_its_hours_the_register_is_closed(fhdm: str) -> None:
    with pytest.raises(Closed):
        read(package(fhdm=fhdm, fhms="全国人口库目前只支持工作时间段的查询"))


def test_an_answer_that_names_no_question_of_ours_is_not_believed() -> None:
    for question in ("", QUESTION.upper(), QUESTION[:-1], QUESTION + " "):
        with pytest.raises(Unreadable, match="another question"):
            read(package(FIRST, SECOND, question=question))


BOMB = '<!DOCTYPE PACKAGE [<!ENTITY a "aaaaaaaaaa">{}]><PACKAGE/>'.format(
    "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
)
XXE = '<!DOCTYPE PACKAGE [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
GOOD = package(FIRST, SECOND)
OUTSIDE = {
    "nothing": "",
    "no xml": "系统维护中",
    "html": "<html><body>系统维护中</body></html>",
    "json": '{"code": "0"}',
    "cut": GOOD[:-3],
    "two packages": GOOD + GOOD.partition("?>")[2],
    "another root": GOOD.replace("PACKAGE", "Package"),
    "another namespace": GOOD.replace("<PACKAGE>", '<PACKAGE xmlns="urn:other">'),
    "no head": GOOD.replace("PACKAGEHEAD", "HEAD"),
    "two heads": GOOD.replace("<DATA>", "<PACKAGEHEAD/><DATA>"),
    "two bodies": GOOD.replace("</DATA>", "</DATA><DATA/>"),
    "its name as in the question": GOOD.replace("FFQQBH", "FWQQBH"),
    "two ends": GOOD.replace("<FHDM>", "<FHDM>10</FHDM><FHDM>"),
    "an end in words": GOOD.replace("<FHDM>10", "<FHDM>成功"),
    "an end in full width": GOOD.replace("<FHDM>10", "<FHDM>１０"),
    "an end with a blank": GOOD.replace("<FHDM>10", "<FHDM>10 "),
    "no end": GOOD.replace("<FHDM>10</FHDM>", ""),
    "an impossible day": package(FIRST, time="20260230120000"),
    "a year of nothing": package(FIRST, time="00000901120000"),
    "a time in words": package(FIRST, time="昨天"),
    "a number given twice": GOOD.replace("<SWBS>", "<GMSFHM>1</GMSFHM><SWBS>", 1),
    "a result given twice": GOOD.replace("<XM_PPDDM>", "<XM_PPDDM>1</XM_PPDDM><XM_PPDDM>", 1),
    "a node nobody knows": GOOD.replace("</RECORD>", "<ZXBS>1</ZXBS></RECORD>", 1),
    "nodes in a node": GOOD.replace("<XM_PPDDM>1", "<XM_PPDDM><b>1</b>", 1),
    "population data": GOOD.replace("</RECORD>", "<XBDM>1</XBDM></RECORD>", 1),
    "text between rows": GOOD.replace("<DATA>", "<DATA>一致"),
    "dtd": GOOD.replace("<PACKAGE>", "<!DOCTYPE PACKAGE><PACKAGE>"),
    "entity": GOOD.replace("<PACKAGE>", '<!DOCTYPE PACKAGE [<!ENTITY y "1">]><PACKAGE>').replace(
        "<XM_PPDDM>1", "<XM_PPDDM>&y;", 1
    ),
    "file": GOOD.replace("<PACKAGE>", f"{XXE}<PACKAGE>").replace("<XM>", "<XM>&x;", 1),
    "bomb": BOMB,
    "deep": "<PACKAGE>" * 3000,
    "long": GOOD.replace("<DATA>", f"<DATA>{' ' * (1 << 20)}"),
    "other encoding": GOOD.replace("UTF-8", "GBK"),
}


@pytest.mark.parametrize("document", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_a_document_outside_the_contract_is_not_believed(document: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read(document)
    assert "测试" not in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


def test_a_comment_ends_no_text_early() -> None:
    assert outcomes(row(1).replace("<XM_PPDDM>1", "<XM_PPDDM><!-- 0 -->1"), SECOND)[0] == "MATCH"
