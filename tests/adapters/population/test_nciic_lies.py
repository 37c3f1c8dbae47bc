"""Well-formed lies: a strict schema refuses each one, and none becomes a verdict."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from adapters.population.nciic.answers import read_verdicts
from adapters.population.nciic.contract import load_schemas
from contracts.capabilities import Claim
from contracts.errors import Unreadable
from contracts.outcomes import Outcome

ANSWER = load_schemas().answer
STRICT = etree.XMLSchema(file=str(Path(__file__).with_name("said.xsd")))
ASKED = (Claim("999999201801010014", "测试甲"),)
NIL = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'

# What a node says, whole: the words of the service are replaced by these.
VALUES = (
    *(
        "",
        " ",
        "\u3000",
        "\u00a0",
        "\u200b",
        "&#10;",
        "0",
        "1",
        "00",
        "-1",
        "+1",
        "01",
        "1.0",
        "1e0",
    ),
    *("true", "True", "TRUE", "false", "yes", "Y", "N", "T", "ok", "OK", "null", "None", "nil"),
    *("NaN", "INF", "-INF", "1e999999999", "0x1", "９", "一", "致", "是", "否", "真", "对", "有"),
    *(
        "匹配",
        "通过",
        "成功",
        "符合",
        "相符",
        "相同",
        "核验一致",
        "基本一致",
        "一致?",
        "一致。",
        "一致1",
    ),
    *("不 一致", "不一致!", "非一致", "未一致", "一致/不一致", "一致不一致", "一致,一致", "省一致"),
    *(
        "一\u200b致",
        "一致\u200b",
        "\ufeff一致",
        "⼀致",
        "一緻",
        "壹致",
        "1致",
        "yizhi",
        "一致\u0301",
    ),
    *("2018-13-45", "20180230", "00000000", "9999-99-99T99:99:99", "{}", "[]", '""', "&lt;b/&gt;"),
    *(
        "999999201801010022",
        "999999201801010015",
        "99999920180101001４",
        "999999180101001",
        "测试乙",
    ),
    *(
        "服务结果",
        "服务结果:",
        "服务结果:库中有此号",
        "库中无此号",
        "服务结果：库中无此号",
        "未知错误",
    ),
    *("此项无记录", "系统忙", "-10", "-90", "一致&amp;nbsp;", "%E4%B8%80", "\ufffd\ufffd", "??"),
)
NODES = ("gmsfhm", "xm", "result_gmsfhm", "result_xm", "errormesage")


def agreeing() -> dict[str, str]:
    return {
        "gmsfhm": "<gmsfhm>999999201801010014</gmsfhm>",
        "xm": "<xm>测试甲</xm>",
        "result_gmsfhm": "<result_gmsfhm>一致</result_gmsfhm>",
        "result_xm": "<result_xm>一致</result_xm>",
    }


def write(nodes: dict[str, str], no: str = ' no="1"') -> str:
    said = (
        f"<ITEM><gmsfhm></gmsfhm>{nodes['result_gmsfhm']}</ITEM>"
        f"<ITEM><xm></xm>{nodes['result_xm']}</ITEM>"
    )
    if "errormesage" in nodes:
        said = f"<ITEM>{nodes['errormesage']}</ITEM><ITEM><errormesagecol/></ITEM>"
    row = f"<INPUT>{nodes['gmsfhm']}{nodes['xm']}</INPUT><OUTPUT>{said}</OUTPUT>"
    return f"<ROWS><ROW{no}>{row}</ROW></ROWS>"


def of_node(node: str) -> Iterator[tuple[str, str]]:
    """Every lie of one node: another value, nil, absent, twice, elsewhere, with a child."""
    plain = {**agreeing(), **({"errormesage": "<errormesage/>"} if node == "errormesage" else {})}
    true = plain[node]
    bare = f"<{node}>", f"</{node}>"
    for value in VALUES:
        yield f"{node} says {value!r}", write({**plain, node: value.join(bare)})
    for what, lie in (
        ("is nil", f"<{node} {NIL}/>"),
        ("is nil and speaks", f"<{node} {NIL}>一致</{node}>"),
        ("is absent", ""),
        ("comes twice", true + true),
        ("has a child", f"<{node}><b>一致</b></{node}>"),
        ("has a child within its words", f"<{node}>一<b/>致</{node}>"),
        ("stands in a namespace", f'<x:{node} xmlns:x="urn:x">一致</x:{node}>'),
        ("is in upper case", true.upper().replace("XMLNS:XSI", "xmlns:xsi")),
        ("is misspelt", true.replace(node, f"{node}s")),
    ):
        yield f"{node} {what}", write({**plain, node: lie})


def of_place() -> Iterator[tuple[str, str]]:
    places = (
        "",
        " ",
        "0",
        "2",
        "01",
        "1.0",
        "-1",
        "１",
        "１",
        "١",
        "1 ",
        " 1",
        "一",
        "true",
        "NaN",
    )
    for place in (*places, "1e0", "99999999999999999999", "999999201801010014"):
        yield f"place {place!r}", write(agreeing(), f' no="{place}"')


LIES = {name: document for lies in (*map(of_node, NODES), of_place()) for name, document in lies}
assert len(LIES) >= 200


@pytest.mark.parametrize("document", LIES.values(), ids=LIES.keys())
def test_a_well_formed_lie_is_no_verdict(document: str) -> None:
    assert not STRICT.validate(etree.fromstring(document))
    try:
        (verdict,) = read_verdicts(document, ASKED, ANSWER)
    except Unreadable:
        return
    assert verdict.outcome is Outcome.UNKNOWN


TRUE = {
    "match": (write(agreeing()), Outcome.MATCH),
    "mismatch": (
        write({**agreeing(), "result_xm": "<result_xm>不一致</result_xm>"}),
        Outcome.NAME_MISMATCH,
    ),
    "absent": (
        write({**agreeing(), "errormesage": "<errormesage>服务结果:库中无此号</errormesage>"}),
        Outcome.NOT_ON_FILE,
    ),
}


@pytest.mark.parametrize(("document", "outcome"), TRUE.values(), ids=TRUE.keys())
def test_the_strict_schema_passes_the_truth(document: str, outcome: Outcome) -> None:
    STRICT.assertValid(etree.fromstring(document))
    (verdict,) = read_verdicts(document, ASKED, ANSWER)
    assert verdict.outcome is outcome
