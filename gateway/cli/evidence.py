"""`jisui evidence root`: the evidence log, computed anew from what is stored."""

import sys
from typing import TYPE_CHECKING

import typer

from gateway.cli.endings import NOT_SO, run_on_store
from gateway.cli.output import AsJson, print_result

if TYPE_CHECKING:
    from gateway.settings import Settings

commands = typer.Typer(help="证据 · the evidence log", no_args_is_help=True)


@commands.callback()
def _commands() -> None:
    """证据 · the evidence log."""


@commands.command()
def root(as_json: AsJson = False) -> None:
    """重算条目数与根哈希 · Compute the number of entries and the root hash anew.

    条目缺失或编号不连续时退出码为 1 · Exit 1 where entries are missing.
    """
    from gateway.evidence.log import Gap
    from gateway.settings import load_settings

    try:
        size, top = run_on_store(_recompute(load_settings()))
    except Gap as gap:
        sys.stderr.write(f"证据不连续 · the evidence is not whole: {gap}\n")
        raise SystemExit(NOT_SO) from None
    print_result({"size": size, "root": top}, f"{size}  {top}", as_json=as_json)


async def _recompute(settings: "Settings") -> tuple[int, str]:
    from gateway.wiring.ground import open_ground
    from gateway.wiring.work import number_log

    async with open_ground(settings) as ground:
        await number_log(ground)
        async with ground.database.transaction() as connection:
            await ground.log.stop(connection)  # a worker goes on numbering at once
        async with ground.database.reading() as connection:
            return await ground.log.root(connection)
