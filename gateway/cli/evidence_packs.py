"""`jisui evidence pack` and `search`: evidence for whoever inspects it, and finding it."""

import sys
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.endings import NOT_SO, run_on_store
from gateway.cli.evidence import whole
from gateway.cli.operator import operator
from gateway.cli.output import AsJson, print_result

if TYPE_CHECKING:
    from gateway.auditing.trails import Named
    from gateway.evidence import Action, Entry
    from gateway.evidence.searching.reading import Read
    from gateway.evidence.searching.searching import Asked
    from gateway.settings import Settings

RANGE = "range"

Case = Annotated[str, typer.Option("--case", help="案号 · case")]
Child = Annotated[
    bool,
    typer.Option("--child", help="从标准输入读学籍号或身份证号 · read the child's number, unseen"),
]
ChildRef = Annotated[
    list[str] | None, typer.Option("--child-ref", help="儿童代号 · the child's blind reference")
]
Approver = Annotated[
    str, typer.Option("--approver", help="批准人，须为他人 · who approved; somebody else")
]
Day = Annotated[datetime | None, typer.Option(help="北京时间 · Beijing time")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries a pack is to hold, and who approved handing them out."""

    approver: str
    first: int
    last: int | None
    asked: "Asked"
    named: "Named | None"

    @property
    def kind(self) -> str:
        """By what they are chosen."""
        if self.named is not None or self.asked.child is not None:
            return "child"
        return "case" if self.asked.case else RANGE


def pack(
    file: Annotated[Path, typer.Argument(help="证据包 · the zip file to write")],
    approver: Approver,
    first: Annotated[int, typer.Option("--from", min=1, help="首条编号 · first entry")] = 1,
    last: Annotated[
        int | None, typer.Option("--to", min=1, help="末条编号，缺省至最新 · last entry")
    ] = None,
    case: Case = "",
    child: Child = False,
    child_ref: ChildRef = None,
    as_json: AsJson = False,
) -> None:
    """制作可离线核验的证据包 · Make a pack that anybody verifies offline.

    按编号、案号或儿童选取，内附 verify.py · By numbers, case or child; with `verify.py`.
    """
    from gateway.settings import load_settings

    asked, named = _asked(case, child, child_ref)
    wanted = Wanted(approver, first, last, asked, named)
    facts = whole(_pack(load_settings(), file, wanted))
    text = f"{file}  {facts['count']} 条 · entries  sha256 {facts['sha256']}"
    print_result(facts, text, as_json=as_json)


def search(
    case: Case = "",
    child: Child = False,
    child_ref: ChildRef = None,
    caller: Annotated[str, typer.Option(help="调用方 · caller")] = "",
    action: Annotated[str, typer.Option(help="行为，如 record.viewed · action")] = "",
    outcome: Annotated[str, typer.Option(help="结果 · outcome")] = "",
    since: Day = None,
    until: Day = None,
    before: Annotated[int, typer.Option(min=0, help="续查 · entries before this number")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="条数 · how many")] = 100,
    as_json: AsJson = False,
) -> None:
    """检索证据；检索本身也是证据 · Search the evidence; the search is evidence too.

    查不到时退出码为 1 · Exit 1 where nothing is found.
    """
    from gateway.settings import load_settings

    asked, named = _asked(case, child, child_ref)
    asked = replace(
        asked,
        caller=caller,
        action=action,
        outcome=outcome,
        since=beijing(since) if since else None,
        until=beijing(until) if until else None,
    )
    found = run_on_store(_search(load_settings(), asked, named, before, limit))
    facts = {"entries": [_facts(one) for one in found]}
    print_result(facts, "\n".join(map(_line, found)) or "没有 · none", as_json=as_json)
    if not found:
        raise SystemExit(NOT_SO)


def entry_of(action: "Action", *, approver: str = "", approval: str = "") -> "Entry":
    """The beginning of an entry about what is done at this command line."""
    from gateway.evidence import Entry

    return Entry(
        action=action,
        outcome="",
        actor=operator(),
        purpose="audit",
        basis="",
        case="",
        object_ref="",
        request_id="",
        approval=approval,
        approver=approver,
    )


def _asked(case: str, child: bool, refs: list[str] | None) -> "tuple[Asked, Named | None]":
    from gateway.evidence.searching.searching import Asked, Trail

    if sum((bool(case), child, bool(refs))) > 1:
        raise typer.BadParameter("--case --child --child-ref 只能用一个 · one of them only")
    trail = Trail(frozenset(refs)) if refs else None
    return Asked(case=case, child=trail), read_named() if child else None


def read_named() -> "Named":
    """The child whose number is typed, or stands on standard input; no process list shows it."""
    from contracts.citizen_number import well_formed
    from contracts.records import Document
    from gateway.auditing.trails import Named

    typed = sys.stdin.isatty()
    read = typer.prompt("号码 · number", hide_input=True, err=True) if typed else sys.stdin.read()
    number = str(read).strip()
    if not number:
        raise typer.BadParameter("没有号码 · no number")
    if well_formed(number.upper()):
        return Named(document=Document("1", "", number.upper()))
    return Named(number=number)


def beijing(at: datetime) -> datetime:
    """The instant that a clock in Beijing shows so."""
    from zoneinfo import ZoneInfo

    return at.replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def _facts(entry: "Read") -> dict[str, Any]:
    from gateway.auditing.routes import view_entry

    return view_entry(entry).model_dump(mode="json")


def _line(entry: "Read") -> str:
    who = entry.user or entry.caller
    what = f"{entry.action} {entry.outcome}"
    about = " ".join(filter(None, (entry.case, entry.object_ref)))
    return f"{entry.position}  {entry.at:%Y-%m-%dT%H:%M:%SZ}  {who}  {what}  {about}".rstrip()


async def _search(
    settings: "Settings", asked: "Asked", named: "Named | None", before: int, limit: int
) -> "list[Read]":
    from gateway.evidence import Action
    from gateway.wiring.auditing import wire_searching
    from gateway.wiring.evidence import number_log
    from gateway.wiring.ground import open_ground

    async with open_ground(settings) as ground:
        await number_log(ground)
        entry = entry_of(Action.EVIDENCE_SEARCHED)
        return await wire_searching(ground).find(asked, entry, named, before=before, limit=limit)


async def _pack(settings: "Settings", file: Path, wanted: "Wanted") -> dict[str, Any]:
    from gateway.auditing.packing import whole_range
    from gateway.evidence import Action
    from gateway.wiring.auditing import vouch, wire_packing
    from gateway.wiring.ground import open_ground

    async with open_ground(settings) as ground:
        vouched, packing = await vouch(ground), wire_packing(ground)
        size = vouched.tree.size
        if wanted.kind == RANGE:
            choice = whole_range(wanted.first, wanted.last, size)
        else:
            choice = await packing.choose(wanted.kind, wanted.asked, wanted.named, size)
        entry = entry_of(Action.EVIDENCE_EXPORTED, approver=wanted.approver)
        digest = await packing.write(file, choice, vouched, entry)
    return {"file": str(file), "count": choice.count, "size": size, "sha256": digest}
