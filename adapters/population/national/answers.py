"""The answer: what the register says of each claim, believed only where it names that person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from lxml import etree

from adapters.population.national.contract import PARTIAL, SUCCESS, Party
from adapters.population.national.envelope import outside_hours
from adapters.population.national.question import BEIJING
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

# What the asker does about an FHDM; one that is not listed is `Malformed`: not to be asked again.
# Seen are -10, -20, -80, -90, which mean what they mean to NCIIC; the rest is taken over from it.
FAILURES: Mapping[str, type[SystemFailure]] = {
    "-10": Unavailable,  # 数据库连接失败
    "-20": Unavailable,  # 写入日志失败
    "-30": NotEntitled,  # 预付费扣费失败
    "-31": NotEntitled,  # 预付费用不足
    "-50": NotEntitled,  # 服务不存在
    "-51": NotEntitled,  # 服务不是接口方式
    "-53": NotEntitled,  # 您没有权限使用此服务
    "-54": TooMany,  # 提交的记录超过限制
    "-56": NotEntitled,  # 服务类别与调用的接口函数不符
    "-70": NotEntitled,  # 用户不存在
    "-71": NotEntitled,  # 用户密码错误: every further try may lock the account
    "-72": NotEntitled,  # IP 地址受限
    "-80": NotEntitled,  # 授权文件格式错误
    "-90": Ambiguous,  # 系统故障
}
NODES = ("GMSFHM", "GMSFHM_PPDDM", "SWBS", "XM", "XM_PPDDM")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an answer: which question it says it answers, about whom, with what."""

    place: str
    about: Claim
    error: str
    whole: bool  # none of the nodes is missing
    number_code: str
    name_code: str
    death: str

    def exactly(self, place: int, claim: Claim) -> bool:
        """Whether the row stands in the place of this claim and names its person."""
        return self.place == str(place) and self.about == claim


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as laid out: its rows, the day it was given, and what of it may be kept."""

    rows: tuple[Row, ...] = field(repr=False)
    as_of: date | None
    kept: bytes = field(repr=False)


def read_answer(
    document: str, question_id: str, schema: etree.XMLSchema, party: Party, *, at: datetime
) -> Said:
    """The rows of the answer to this very question; raise what any other document means."""
    root = parse_plain(document.encode(), system=party.system, operation=party.operation)
    if not _plain_nodes(root) or not schema.validate(root):
        raise party.failure(Unreadable, "answer")
    head = root.find("PACKAGEHEAD")
    assert head is not None  # the schema wants it
    _refuse_failure(head, party)
    # Sic: the question's FWQQBH comes back under another name.
    if head.findtext("FFQQBH") != question_id:
        raise party.failure(Unreadable, "another question")
    day = _day(head.findtext("FSSJ") or "", at, party)
    rows = tuple(_row(element) for element in root.iterfind("DATA/RECORD"))
    return Said(rows, day, _kept(root))


def judge(said: Said, asked: Sequence[Claim], codes: Mapping[str, bool]) -> tuple[Verdict, ...]:
    """A verdict for each of the distinct claims asked, in their order.

    A row counts for a claim when it alone speaks of it: it stands in the claim's place and echoes
    its number and its name. Every other claim is UNKNOWN.
    """
    return tuple(_verdict(place, asked, said, codes) for place, _ in enumerate(asked, start=1))


def _plain_nodes(root: etree._Element) -> bool:
    """Whether no node says by an attribute that its text is not what it seems."""
    return all(not node.attrib or node.tag == "RECORD" for node in root.iter())


def _refuse_failure(head: etree._Element, party: Party) -> None:
    code = head.findtext("FHDM") or ""
    if code in (SUCCESS, PARTIAL):
        return
    if outside_hours(head.findtext("FHMS") or ""):
        raise party.failure(Closed, f"FHDM {code}")
    raise party.failure(FAILURES.get(code, Malformed), f"FHDM {code}")


def _day(text: str, at: datetime, party: Party) -> date | None:
    if not text:
        return None
    try:
        sent_at = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=BEIJING)
    except ValueError:
        raise party.failure(Unreadable, "time") from None
    # A clock ahead of ours says nothing of how old the data is.
    return min(sent_at, at.astimezone(BEIJING)).date()


def _kept(root: etree._Element) -> bytes:
    for node in [*root.iterfind("DATA/RECORD/*")]:
        if node.tag not in NODES:
            node.text = None
    return etree.tostring(root, encoding="utf-8")


def _row(record: etree._Element) -> Row:
    texts = {tag: record.findtext(tag) or "" for tag in NODES}
    return Row(
        place=record.get("no") or "",
        about=Claim(texts["GMSFHM"], texts["XM"]),
        error=record.get("code") or "",
        whole={node.tag for node in record}.issuperset(NODES),
        number_code=texts["GMSFHM_PPDDM"],
        name_code=texts["XM_PPDDM"],
        death=texts["SWBS"],
    )


def _verdict(place: int, asked: Sequence[Claim], said: Said, codes: Mapping[str, bool]) -> Verdict:
    claim = asked[place - 1]
    rows = [row for row in said.rows if _speaks_of(row, place, asked)]
    if not rows:
        return _unknown("missing")
    if len(rows) > 1:
        return _unknown("several rows")
    if not rows[0].exactly(place, claim):
        return _unknown("another row")
    if rows[0].error:
        return _unknown("row error")
    if not rows[0].whole:
        return _unknown("nodes missing")
    return _of_codes(rows[0], codes, said.as_of)


def _speaks_of(row: Row, place: int, asked: Sequence[Claim]) -> bool:
    """Whether the row is of this place or this number, and not exactly another claim's."""
    if row.place != str(place) and row.about.citizen_number != asked[place - 1].citizen_number:
        return False
    return not any(
        row.exactly(other, claim) for other, claim in enumerate(asked, start=1) if other != place
    )


def _of_codes(row: Row, codes: Mapping[str, bool], as_of: date | None) -> Verdict:
    raw = f"{_short(row.number_code)}/{_short(row.name_code)}/{_short(row.death)}"
    number = codes.get(row.number_code)
    # Of nobody there is no name to compare: its code may be blank then, and only then.
    unnamed = number is False and not row.name_code
    match number, False if unnamed else codes.get(row.name_code), row.death:
        case True, True, "0":
            return Verdict(Outcome.MATCH, raw, as_of)
        case True, True, "1":
            return Verdict(Outcome.DECEASED, raw, as_of)
        # A death mark then is of the number's holder, who is somebody else.
        case True, False, "0" | "1":
            return Verdict(Outcome.NAME_MISMATCH, raw, as_of)
        case False, False, "" | "0":
            return Verdict(Outcome.NOT_ON_FILE, raw, as_of)
    return _unknown(f"codes {raw}")


def _short(code: str) -> str:
    """The register's own code where it is one, so that nothing else comes along with it."""
    return code if len(code) <= 2 and code.isascii() and code.isalnum() else "?" if code else ""


def _unknown(why: str) -> Verdict:
    return Verdict(Outcome.UNKNOWN, why)
