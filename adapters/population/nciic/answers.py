"""The NCIIC answer: what the register says of each claim, believed only where it names it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from adapters.population.nciic.contract import CHECK, SYSTEM
from adapters.population.plain_xml import parse_plain
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
from contracts.outcomes import Outcome

# What the asker does about an error of the whole call. An unlisted code is `Unreadable`.
FAILURES: Mapping[str, type[SystemFailure]] = {
    "-10": Unavailable,  # 数据库连接失败
    "-20": Unavailable,  # 写入日志失败
    "-30": NotEntitled,  # 预付费扣费失败
    "-31": NotEntitled,  # 预付费用不足
    "-40": Malformed,  # 不是有效的XML 文件
    "-41": Malformed,  # 不是有效的XML 文件格式
    "-42": Malformed,  # 条件XML 文件解析异常
    "-50": NotEntitled,  # 服务不存在
    "-51": NotEntitled,  # 服务不是接口方式
    "-52": Malformed,  # 条件中节点与服务定义不一致
    "-53": NotEntitled,  # 您没有权限使用此服务
    "-54": TooMany,  # 提交的记录超过限制
    "-55": Malformed,  # 构造服务条件失败
    "-56": NotEntitled,  # 服务类别与调用的接口函数不符
    "-60": Malformed,  # 服务条件项节点缺失
    "-64": Malformed,  # 服务识别码信息不能为空
    "-70": NotEntitled,  # 用户不存在
    "-71": NotEntitled,  # 用户密码错误: every further try may lock the account
    "-72": NotEntitled,  # IP 地址受限
    "-80": NotEntitled,  # 授权文件格式错误
    "-90": Ambiguous,  # 系统故障, mostly a question it could not read
}

# What a notice of the web tier says, told by some words of it; any other one is `Unreadable`.
NOTICES: Sequence[tuple[str, type[SystemFailure], str]] = (
    ("记录数大于要求返回记录数", TooMany, "notice too many"),
    ("不在服务时间", Closed, "notice hours"),
    ("只支持工作时间", Closed, "notice hours"),
    ("次数已达上限", Closed, "notice quota"),
    ("超过调用次数", Closed, "notice quota"),
)

_AGREES = "一致"
_DIFFERS = "不一致"
_BY_NAME = {
    _AGREES: Verdict(Outcome.MATCH, "一致"),
    _DIFFERS: Verdict(Outcome.NAME_MISMATCH, "姓名不一致"),
}
# Only how a sentence begins: its comma and what follows differ between sources.
_ROW_ERRORS = (
    ("服务结果:库中无此号", Verdict(Outcome.NOT_ON_FILE, "库中无此号")),
    ("服务结果:没有符合条件的记录", Verdict(Outcome.NOT_ON_FILE, "没有符合条件的记录")),
    ("必录项缺失", Verdict(Outcome.INVALID_CLAIM, "必录项缺失")),
    ("业务发生地属性缺失", Verdict(Outcome.INVALID_CLAIM, "业务发生地属性缺失")),
)
_BLANK = ("", "&nbsp;")  # the placeholder of a web page, seen in texts of the service
_ECHOES = frozenset({"gmsfhm", "xm"})
_RESULTS = frozenset({"result_gmsfhm", "result_xm"})
_ERROR, _ERROR_COLUMN = "errormesage", "errormesagecol"  # the service's own spelling


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of an answer: which question it says it answers, about whom, with what."""

    place: str | None
    about: Claim
    nodes: tuple[tuple[str, str], ...] = field(repr=False)


def read_verdicts(
    document: str, asked: Sequence[Claim], schema: etree.XMLSchema, system: str = SYSTEM
) -> tuple[Verdict, ...]:
    """A verdict for each of the distinct claims asked, in their order.

    A row counts for a claim when it alone speaks of that claim, echoes its number and its name,
    and stands under its place; every other claim is UNKNOWN. Raises the failure that an error of
    the whole call means, `Unreadable` for a document of another shape.
    """
    root = parse_plain(document.encode(), system=system, operation=CHECK)
    if not schema.validate(root):
        raise Unreadable(system, CHECK, "answer")
    _refuse_whole_call(root, system)
    rows = [_row(element) for element in root.iterchildren("ROW")]
    return tuple(_verdict(place, claim, rows) for place, claim in enumerate(asked, start=1))


def _refuse_whole_call(root: etree._Element, system: str) -> None:
    codes = {(element.text or "").strip() for element in root.iter("ErrorCode")}
    codes.update(value for value in [root.get("errorcode")] if value is not None)
    if codes:
        code = codes.pop() if len(codes) == 1 else ""
        raise FAILURES.get(code, Unreadable)(
            system, CHECK, code if code in FAILURES else "unlisted code"
        )
    notices = ["".join((element.text or "").split()) for element in root.iter("Msg")]
    if root.tag == "RESPONSE" or notices:
        raise _noticed(notices, system)


def _noticed(notices: Sequence[str], system: str) -> SystemFailure:
    for words, failure, code in NOTICES:
        if len(notices) == 1 and words in notices[0]:
            return failure(system, CHECK, code)
    return Unreadable(system, CHECK, "notice")


def _row(element: etree._Element) -> _Row:
    said = element.find("INPUT")
    assert said is not None  # the schema leaves errors and notices as the only other rows
    about = Claim(said.findtext("gmsfhm") or "", said.findtext("xm") or "")
    return _Row(element.get("no"), about, tuple(_nodes(element)))


def _nodes(row: etree._Element) -> list[tuple[str, str]]:
    # A node with children or attributes is none that we know: its name is spoilt on purpose.
    return [
        (str(node.tag) if not len(node) and not node.attrib else "", (node.text or "").strip())
        for node in row.iterfind("OUTPUT/ITEM/*")
    ]


def _verdict(place: int, claim: Claim, rows: Sequence[_Row]) -> Verdict:
    speaking = [row for row in rows if row.about == claim or row.place == str(place)]
    if not speaking:
        return _unknown("missing")
    if len(speaking) > 1:
        return _unknown("several rows")
    row = speaking[0]
    if row.about != claim or row.place not in (None, str(place)):
        return _unknown("another row")
    return _said(row)


def _said(row: _Row) -> Verdict:
    nodes = dict(row.nodes)
    names = nodes.keys()
    if len(nodes) != len(row.nodes):
        return _unknown("node given twice")
    if _ERROR in names and names <= {_ERROR, _ERROR_COLUMN}:
        return _of_error(nodes[_ERROR])
    if not names >= _RESULTS or not names <= _RESULTS | _ECHOES or not _echoed(nodes, row.about):
        return _unknown("nodes")
    if nodes["result_gmsfhm"] != _AGREES:
        return _unknown("number not confirmed")
    return _BY_NAME.get(nodes["result_xm"]) or _unknown("unlisted result")


def _echoed(nodes: Mapping[str, str], about: Claim) -> bool:
    return nodes.get("gmsfhm", "") in (*_BLANK, about.citizen_number) and nodes.get("xm", "") in (
        *_BLANK,
        about.name,
    )


def _of_error(text: str) -> Verdict:
    for beginning, verdict in _ROW_ERRORS:
        if text.startswith(beginning):
            return verdict
    return _unknown("unlisted error")


def _unknown(why: str) -> Verdict:
    return Verdict(Outcome.UNKNOWN, why)
