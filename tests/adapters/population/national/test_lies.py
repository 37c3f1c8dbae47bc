"""Well-formed lies: a strict schema refuses each one, and none becomes a verdict."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from lxml import etree

from adapters.population.national.answers import judge, read_answer
from adapters.population.national.contract import CHECK, Party, load_match_codes, load_schema
from contracts.capabilities import Claim, Verdict
from contracts.errors import Unreadable
from contracts.outcomes import Outcome
from tests.adapters.population.national.invented import NOON

ANSWER, CODES = load_schema(CHECK.schema), load_match_codes()
STRICT = etree.XMLSchema(file=str(Path(__file__).with_name("said.xsd")))
PARTY = Party("population", CHECK.operation)
ASKED = (Claim("999999201801010014", "测试甲"),)
QUESTION = "4a41a7ab-9c9d-5c24-a0a6-3a9f8f3b7c11"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
XSD = 'xmlns:x="http://www.w3.org/2001/XMLSchema"'
TRUE = {
    "GMSFHM": "999999201801010014",
    "GMSFHM_PPDDM": "1",
    "SWBS": "0",
    "XM": "测试甲",
    "XM_PPDDM": "1",
}

VALUES = (
    *(" ", "\u3000", "\u200b", "&#10;", "2", "9", "00", "01", "10", "-1", "+1", "1.0", "1e0"),
    *("true", "TRUE", "false", "yes", "Y", "N", "T", "ok", "null", "None", "nil", "NaN", "INF"),
    *("1e999999999", "0x1", "１", "٠", "١", "一", "是", "否", "真", "有", "一致", "不一致", "匹配"),
    *("1 ", " 1", "1\u200b", "\ufeff1", "1,0", "1/0", "1|1", "1&amp;nbsp;", "①", "Ⅰ", "l", "O"),
    *("2018-13-45", "00000000", "{}", "[]", '""', "&lt;b/&gt;", "999999201801010022", "测试乙"),
    *("99999920180101001４", "999999180101001", "-10", "-90", "未知", "??", "\ufffd", "1\u0301"),
)


def write(nodes: dict[str, str], no: str = ' no="1"') -> str:
    return f"<RECORD{no}>{''.join(nodes.values())}</RECORD>"


def plain() -> dict[str, str]:
    return {tag: f"<{tag}>{text}</{tag}>" for tag, text in TRUE.items()}


def of_node(tag: str) -> Iterator[tuple[str, str]]:
    """Every lie of one node: another value, nil, absent, twice, elsewhere, with a child."""
    true, text = plain()[tag], TRUE[tag]
    for value in VALUES:
        yield f"{tag} says {value!r}", write({**plain(), tag: f"<{tag}>{value}</{tag}>"})
    for what, lie in (
        ("is nil", f'<{tag} {XSI} xsi:nil="true"/>'),
        ("is nil and speaks", f'<{tag} {XSI} xsi:nil="true">{text}</{tag}>'),
        ("is absent", ""),
        ("comes twice", true + true),
        ("comes twice, blank at first", f"<{tag}/>{true}"),
        ("has a child", f"<{tag}><b>{text}</b></{tag}>"),
        ("has a child within its words", f"<{tag}>{text}<b/></{tag}>"),
        ("has an attribute", f'<{tag} null="true">{text}</{tag}>'),
        ("stands in a namespace", f'<x:{tag} xmlns:x="urn:x">{text}</x:{tag}>'),
        ("is in lower case", true.lower()),
        ("is misspelt", true.replace(tag, f"{tag}S")),
    ):
        yield f"{tag} {what}", write({**plain(), tag: lie})


def of_place() -> Iterator[tuple[str, str]]:
    for place in ("", " ", "0", "2", "01", "1.0", "-1", "１", "١", "1 ", " 1", "一", "true", "NaN"):
        yield f"place {place!r}", write(plain(), f' no="{place}"')
    yield "no place", write(plain(), "")
    yield "an error beside it", write(plain(), ' no="1" code="-10"')


LIES = {name: text for lies in (*map(of_node, TRUE), of_place()) for name, text in lies}
assert len(LIES) >= 200


def read(record: str) -> Verdict:
    document = (
        f"<PACKAGE><PACKAGEHEAD><FFQQBH>{QUESTION}</FFQQBH><FSSJ>20260901120000</FSSJ>"
        f"<FHDM>10</FHDM></PACKAGEHEAD><DATA>{record}</DATA></PACKAGE>"
    )
    (verdict,) = judge(read_answer(document, QUESTION, ANSWER, PARTY, at=NOON), ASKED, CODES)
    return verdict


def believed(record: str) -> bool:
    try:
        return read(record).outcome is not Outcome.UNKNOWN
    except Unreadable:
        return False


def test_every_lie_is_one_to_the_strict_schema() -> None:
    assert [name for name, lie in LIES.items() if STRICT.validate(etree.fromstring(lie))] == []


def test_no_well_formed_lie_is_a_verdict() -> None:
    assert [name for name, lie in LIES.items() if believed(lie)] == []
    assert believed(write(plain()))


def test_a_type_given_to_a_node_is_not_believed() -> None:
    # The schema cannot refuse it: the type is the one that the node has.
    typed = f'<XM_PPDDM {XSI} {XSD} xsi:type="x:string">1</XM_PPDDM>'
    with pytest.raises(Unreadable):
        read(write({**plain(), "XM_PPDDM": typed}))


MEANT = {"110": "MATCH", "111": "DECEASED", "100": "NAME_MISMATCH", "101": "NAME_MISMATCH"}


@pytest.mark.parametrize("codes", ["".join(each) for each in product("01", repeat=3)])
def test_of_all_that_the_strict_schema_passes_only_what_means_something_is_believed(
    codes: str,
) -> None:
    signs = dict(zip(("GMSFHM_PPDDM", "XM_PPDDM", "SWBS"), codes, strict=True))
    record = write(plain() | {tag: f"<{tag}>{sign}</{tag}>" for tag, sign in signs.items()})
    STRICT.assertValid(etree.fromstring(record))
    wanted = MEANT.get(codes, "NOT_ON_FILE" if codes == "000" else "UNKNOWN")
    assert read(record).outcome.value == wanted
