"""What is made of the document inside an answer, shape by shape and code by code."""

import pytest

from adapters.population.nciic.answers import FAILURES, NOTICES, read_verdicts
from adapters.population.nciic.contract import load_schemas
from contracts.capabilities import Claim
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

ANSWER = load_schemas().answer
ASKED = (Claim("999999201801010014", "测试甲"), Claim("999999201801010022", "测试乙"))
DECLARED = '<?xml version="1.0" encoding="UTF-8"?>'


def items(number: str = "一致", name: str = "一致") -> str:
    return (
        f"<ITEM><gmsfhm></gmsfhm><result_gmsfhm>{number}</result_gmsfhm></ITEM>"
        f"<ITEM><xm></xm><result_xm>{name}</result_xm></ITEM>"
    )


def error(text: str, column: str = "") -> str:
    return (
        f"<ITEM><errormesage>{text}</errormesage></ITEM>"
        f"<ITEM><errormesagecol>{column}</errormesagecol></ITEM>"
    )


def row(place: int, output: str, about: Claim | None = None, no: str | None = None) -> str:
    about = about or ASKED[place - 1]
    attribute = f' no="{place if no is None else no}"' if no != "" else ""
    said = f"<gmsfhm>{about.citizen_number}</gmsfhm><xm>{about.name}</xm>"
    return f"<ROW{attribute}><INPUT>{said}</INPUT><OUTPUT>{output}</OUTPUT></ROW>"


def outcomes(*rows: str) -> tuple[str, ...]:
    document = f"{DECLARED}<ROWS>{''.join(rows)}</ROWS>"
    return tuple(verdict.outcome.value for verdict in read_verdicts(document, ASKED, ANSWER))


SAID = [
    (items(), "MATCH"),
    (items(name="不一致"), "NAME_MISMATCH"),
    (items(number="\n 一致 ", name=" 一致\n"), "MATCH"),
    (items(name="<![CDATA[不一致]]>"), "NAME_MISMATCH"),
    (items(name="不<!-- 一致 -->一致"), "NAME_MISMATCH"),
    (items(name="一<?x 不?>致"), "MATCH"),
    (
        items().replace("<xm></xm>", "<xm>&amp;nbsp;</xm>"),
        "MATCH",
    ),
    (error("服务结果:库中无此号，请到户籍所在地进行核实"), "NOT_ON_FILE"),
    (error("服务结果:库中无此号,请到户籍所在地进行核实"), "NOT_ON_FILE"),
    (error("服务结果:库中无此号"), "NOT_ON_FILE"),
    (error("服务结果:没有符合条件的记录"), "NOT_ON_FILE"),
    (error("必录项缺失", "姓名"), "INVALID_CLAIM"),
    (error("业务发生地属性缺失"), "INVALID_CLAIM"),
    ("<ITEM><errormesage>必录项缺失</errormesage></ITEM>", "INVALID_CLAIM"),
]
DOUBTFUL = [
    items(number="不一致"),
    items(number="不一致", name="不一致"),
    items(number="", name="一致"),
    items(name=""),
    items(name="市一致"),
    items(name="一致（高于库中级别）"),
    items(name="一 致"),
    items(name="一致&amp;nbsp;"),
    items(name="<b>一致</b>"),
    items() + items(name="不一致"),
    items() + items(),
    items() + "<ITEM><zxbs>1</zxbs></ITEM>",
    items() + error("服务结果:库中无此号"),
    items().replace("<gmsfhm></gmsfhm>", "<gmsfhm>999999201801010022</gmsfhm>"),
    items().replace("<xm></xm>", "<xm>旁人</xm>"),
    items().replace("result_xm", "RESULT_XM"),
    items()
    .replace("result_xm>", "x:result_xm>")
    .replace("<x:result_xm>", '<x:result_xm xmlns:x="urn:x">'),
    "<ITEM><result_xm>一致</result_xm></ITEM>",
    "<ITEM/>",
    error("服务结果:系统忙"),
    error("库中无此号"),
    error(""),
    "<ITEM><errormessage>服务结果:库中无此号</errormessage></ITEM>",
]


@pytest.mark.parametrize(("output", "outcome"), SAID)
def test_what_the_register_says_is_what_is_read(output: str, outcome: str) -> None:
    assert outcomes(row(1, output), row(2, items())) == (outcome, "MATCH")


@pytest.mark.parametrize("output", DOUBTFUL)
def test_what_it_does_not_say_plainly_is_unknown(output: str) -> None:
    assert outcomes(row(1, output), row(2, items(name="不一致"))) == ("UNKNOWN", "NAME_MISMATCH")


STRANGER = Claim("99999920180101009X", "旁人")
BOUND = [
    ("missing", [row(2, items())], ("UNKNOWN", "MATCH")),
    ("none at all", [], ("UNKNOWN", "UNKNOWN")),
    ("twice, agreeing", [row(1, items()), row(1, items()), row(2, items())], ("UNKNOWN", "MATCH")),
    (
        "twice, at odds",
        [row(1, items()), row(1, items(name="不一致")), row(2, items())],
        ("UNKNOWN", "MATCH"),
    ),
    ("a stranger", [row(1, items(), STRANGER), row(2, items())], ("UNKNOWN", "MATCH")),
    (
        "a stranger besides",
        [row(1, items(), STRANGER, no="3"), row(1, items()), row(2, items())],
        ("MATCH", "MATCH"),
    ),
    (
        "another's number",
        [row(1, items(), Claim(ASKED[1].citizen_number, ASKED[0].name)), row(2, items())],
        ("UNKNOWN", "MATCH"),
    ),
    (
        "another's name",
        [row(1, items(), Claim(ASKED[0].citizen_number, ASKED[1].name)), row(2, items())],
        ("UNKNOWN", "MATCH"),
    ),
    ("other places", [row(1, items(), no="2"), row(2, items(), no="1")], ("UNKNOWN",) * 2),
    ("other order", [row(2, items(name="不一致")), row(1, items())], ("MATCH", "NAME_MISMATCH")),
    ("no place", [row(1, items(), no=""), row(2, items())], ("MATCH", "MATCH")),
    ("no place, twice", [row(1, items(), no="")] * 2 + [row(2, items())], ("UNKNOWN", "MATCH")),
    ("no such place", [row(1, items(), no="01"), row(2, items())], ("UNKNOWN", "MATCH")),
    ("Arabic place", [row(1, items(), no="١"), row(2, items())], ("UNKNOWN", "MATCH")),
]


@pytest.mark.parametrize(("rows", "read"), [case[1:] for case in BOUND], ids=[c[0] for c in BOUND])
def test_a_row_counts_for_the_person_it_names_alone(rows: list[str], read: tuple[str, ...]) -> None:
    assert outcomes(*rows) == read


CODES = [
    *((code, Unavailable) for code in ("-10", "-20")),
    *(
        (code, NotEntitled)
        for code in ("-30", "-31", "-50", "-51", "-53", "-56", "-70", "-71", "-72", "-80")
    ),
    *((code, Malformed) for code in ("-40", "-41", "-42", "-52", "-55", "-60", "-64")),
    ("-54", TooMany),
    ("-90", Ambiguous),
    ("-99", Unreadable),
    ("0", Unreadable),
    ("999999201801010014", Unreadable),
]


@pytest.mark.parametrize(("code", "failure"), CODES)
@pytest.mark.parametrize("rooted", [True, False])
def test_an_error_of_the_whole_call_is_named(
    code: str, failure: type[SystemFailure], rooted: bool
) -> None:
    document = f"<ROWS><ROW><ErrorCode>{code}</ErrorCode><ErrorMsg>文字</ErrorMsg></ROW></ROWS>"
    if rooted:
        document = f'<RESPONSE errorcode="{code}" code="0" countrows="1">{document}</RESPONSE>'
    with pytest.raises(SystemFailure) as raised:
        read_verdicts(DECLARED + document, ASKED, ANSWER)
    assert type(raised.value) is failure
    assert raised.value.code == (code if code in FAILURES else "unlisted code")


def test_every_code_of_the_table_is_decided_and_tested() -> None:
    assert len(FAILURES) == 21  # as many as the specification lists
    assert FAILURES.keys() == {code for code, _ in CODES} - {"-99", "0", "999999201801010014"}


TOLD = [
    ("查询结果记录数大于要求返回记录数10！", TooMany, "notice too many"),
    ("查询结果记录数大于\n 要求返回记录数 10！", TooMany, "notice too many"),
    ("当前不在服务时间内，请在服务时间内查询！", Closed, "notice hours"),
    ("目前只支持工作时间段的查询", Closed, "notice hours"),
    ("查询次数已达上限，请稍后再查询！", Closed, "notice quota"),
    ("超过调用次数", Closed, "notice quota"),
]


@pytest.mark.parametrize(("text", "failure", "code"), TOLD)
@pytest.mark.parametrize("rooted", [True, False])
def test_a_notice_of_the_web_tier_is_told_by_its_words(
    text: str, failure: type[SystemFailure], code: str, rooted: bool
) -> None:
    document = f"<ROWS><ROW><Msg>{text}</Msg></ROW></ROWS>"
    if rooted:
        document = f'<RESPONSE countrows="1">{document}</RESPONSE>'
    with pytest.raises(SystemFailure) as raised:
        read_verdicts(DECLARED + document, ASKED, ANSWER)
    assert (type(raised.value), raised.value.code) == (failure, code)


def test_every_notice_of_the_table_is_tested() -> None:
    assert {words for words, _, _ in NOTICES} == {
        words for words, _, _ in NOTICES for text, _, _ in TOLD if words in text
    }


BOMB = '<!DOCTYPE ROWS [<!ENTITY a "aaaaaaaaaa">{}]><ROWS/>'.format(
    "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
)
XXE = '<!DOCTYPE ROWS [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
OUTSIDE = {
    "nothing": "",
    "no xml": "系统维护中",
    "html": "<html><body>系统维护中</body></html>",
    "json": '{"rows": []}',
    "cut": f"<ROWS>{row(1, items())}",
    "notice": '<RESPONSE countrows="1"><ROWS><ROW><Msg>记录数</Msg></ROW></ROWS></RESPONSE>',
    "bare notice": "<ROWS><ROW><Msg>查询结果记录数</Msg></ROW></ROWS>",
    "two notices": "<ROWS>" + "<ROW><Msg>当前不在服务时间内</Msg></ROW>" * 2 + "</ROWS>",
    "a notice beside rows": f"<ROWS>{row(1, items())}<ROW><Msg>系统忙</Msg></ROW></ROWS>",
    "rows in a response": f"<RESPONSE><ROWS>{row(1, items())}</ROWS></RESPONSE>",
    "two codes": '<RESPONSE errorcode="-90"><ROWS><ROW><ErrorCode>-54</ErrorCode></ROW></ROWS>'
    "</RESPONSE>",
    "another root": f"<rows>{row(1, items())}</rows>",
    "another namespace": f'<ROWS xmlns="urn:other">{row(1, items())}</ROWS>',
    "two inputs": f"<ROWS>{row(1, items()).replace('<INPUT>', '<INPUT/><INPUT>')}</ROWS>",
    "two outputs": f"<ROWS>{row(1, items()).replace('</ROW>', '<OUTPUT/></ROW>')}</ROWS>",
    "two numbers": f"<ROWS>{row(1, items()).replace('<xm>', '<gmsfhm>1</gmsfhm><xm>', 1)}</ROWS>",
    "dtd": f"<!DOCTYPE ROWS><ROWS>{row(1, items())}</ROWS>",
    "entity": f'<!DOCTYPE ROWS [<!ENTITY y "一致">]><ROWS>{row(1, items(name="&y;"))}</ROWS>',
    "file": f"{XXE}<ROWS>{row(1, items(name='&x;'))}</ROWS>",
    "bomb": BOMB,
    "deep": "<ROWS>" * 3000,
    "long": f"<ROWS>{' ' * (1 << 20)}</ROWS>",
    "other encoding": f'<?xml version="1.0" encoding="GBK"?><ROWS>{row(1, items())}</ROWS>',
}


@pytest.mark.parametrize("document", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_a_document_outside_the_contract_is_not_believed(document: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read_verdicts(document, ASKED, ANSWER)
    assert "测试" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
