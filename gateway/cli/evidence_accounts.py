"""`jisui evidence incident` and `export`: what a leak touched, and a year in figures."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.endings import NOT_SO, run_on_store
from gateway.cli.evidence_packs import beijing, entry_of
from gateway.cli.output import AsJson, print_result

if TYPE_CHECKING:
    from gateway.auditing.incidents import Touched, Window
    from gateway.auditing.yearly import Line
    from gateway.settings import Settings

From = Annotated[datetime, typer.Option("--from", help="起，北京时间 · from, Beijing time")]
To = Annotated[datetime, typer.Option("--to", help="止，不含 · until, not with it")]


def incident(
    since: From,
    until: To,
    caller: Annotated[str, typer.Option(help="调用方，缺省为全部 · caller; default: all")] = "",
    as_json: AsJson = False,
) -> None:
    """泄露事件涉及哪些儿童、哪类数据、谁收到 · Children, kinds of data and recipients of a leak.

    儿童以代号列出 · Children by their blind references. 无涉及时退出码为 1 · Exit 1 where none.
    """
    from gateway.auditing.incidents import Window
    from gateway.settings import load_settings

    window = Window(beijing(since), beijing(until), caller)
    found = run_on_store(_touched(load_settings(), window))
    print_result(_facts(found), _text(found), as_json=as_json)
    if not found.entries:
        raise SystemExit(NOT_SO)


def export(
    year: Annotated[int, typer.Option("--year", min=2000, max=2999, help="年度 · year")],
    file: Annotated[Path, typer.Argument(help="CSV 文件 · file to write")],
    as_json: AsJson = False,
) -> None:
    """年度合规审计统计 · A year in figures, for the yearly compliance audit.

    各月各类行为的次数与批准数，不含儿童信息 · Counts by month; nothing about any child.
    """
    from gateway.auditing.yearly import sheet
    from gateway.settings import load_settings

    lines = run_on_store(_year(load_settings(), year))
    file.write_bytes(sheet(lines))
    facts = {"file": str(file), "year": year, "lines": len(lines)}
    print_result(facts, f"{file}  {len(lines)} 行 · lines", as_json=as_json)


def _facts(found: "Touched") -> dict[str, Any]:
    recipients = [
        asdict(one) | {"first_at": one.first_at.isoformat(), "last_at": one.last_at.isoformat()}
        for one in found.recipients
    ]
    return asdict(found) | {"recipients": recipients}


def _text(found: "Touched") -> str:
    kinds = [f"  {name}  {count}" for name, count in found.categories.items()]
    who = [
        f"  {one.caller or '-'} {one.institution or '-'}  {one.entries} 条 · entries,"
        f" {one.provisions} 次提供 · provisions, {one.first_at:%Y-%m-%dT%H:%M:%SZ}"
        f" – {one.last_at:%Y-%m-%dT%H:%M:%SZ}"
        for one in found.recipients
    ]
    lines = [f"条目 · entries: {found.entries}", "数据类别 · kinds of data:", *kinds]
    lines += ["接收方 · recipients:", *who, f"儿童 · children: {len(found.children)}"]
    return "\n".join([*lines, *(f"  {ref}" for ref in found.children)])


async def _touched(settings: "Settings", window: "Window") -> "Touched":
    from gateway.evidence import Action
    from gateway.wiring.auditing import wire_investigating
    from gateway.wiring.evidence import number_log
    from gateway.wiring.ground import open_ground

    async with open_ground(settings) as ground:
        await number_log(ground)
        entry = entry_of(Action.EVIDENCE_SEARCHED)
        return await wire_investigating(ground).touched(window, entry)


async def _year(settings: "Settings", year: int) -> "list[Line]":
    from gateway.evidence import Action
    from gateway.wiring.auditing import wire_accounting
    from gateway.wiring.evidence import number_log
    from gateway.wiring.ground import open_ground

    async with open_ground(settings) as ground:
        await number_log(ground)
        return await wire_accounting(ground).year(year, entry_of(Action.EVIDENCE_EXPORTED))
