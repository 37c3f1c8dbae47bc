"""`jisui feeds`: what the registers' change feeds told that nobody has decided about yet."""

from typing import TYPE_CHECKING, Any

import typer

from gateway.cli.endings import NOT_SO, run_on_store
from gateway.cli.output import AsJson, print_result

if TYPE_CHECKING:
    from gateway.settings import Settings

commands = typer.Typer(help="学籍异动来源 · the registers' change feeds", no_args_is_help=True)


@commands.callback()
def every() -> None:
    """学籍异动来源 · The registers' change feeds."""


@commands.command()
def parked(as_json: AsJson = False) -> None:
    """待对照的异动代码：多少条在等、谁负责 · Codes nobody decided about, and whose turn it is.

    对照表加行后一分钟内自动续发 · Told by itself within a minute of a row being added.
    有待对照的代码时退出码为 1 · Exit 1 where there is one.
    """
    from gateway.settings import load_settings

    found = run_on_store(_parked(load_settings()))
    text = "\n".join(_line(one) for one in found) or "没有待对照的代码 · none"
    print_result({"parked": found}, text, as_json=as_json)
    if found:
        raise SystemExit(NOT_SO)


def _line(one: dict[str, Any]) -> str:
    code = f"{one['code_system']} {one['code']}".strip()
    return f"{one['since']}  {one['system']}  {code}  {one['changes']}  {one['owner']}"


async def _parked(settings: "Settings") -> list[dict[str, Any]]:
    from dataclasses import asdict

    from gateway.collecting.parking import list_waiting
    from gateway.wiring.store import open_store

    async with open_store(settings) as database, database.reading() as connection:
        waiting = await list_waiting(connection)
    return [asdict(one) | {"since": one.since.isoformat()} for one in waiting]
