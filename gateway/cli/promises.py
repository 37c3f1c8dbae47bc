"""`jisui contracts check`: our published contract and its dated examples against the program."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

import contracts
from gateway.cli.endings import NOT_SO, run
from gateway.cli.output import AsJson, print_result

if TYPE_CHECKING:
    from fastapi import FastAPI

PUBLISHED = Path(contracts.__file__).parent / "gateway"

commands = typer.Typer(help="接口契约 · published contracts", no_args_is_help=True)


@commands.callback()
def _commands() -> None:
    """接口契约 · published contracts."""


@commands.command()
def check(
    write: Annotated[
        bool, typer.Option("--write", help="先重新生成 · generate anew first")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """核对已发布的接口文档与示例 · Check the published document and its examples.

    不符退出码为 1 · Exit 1 where something is broken.
    """
    broken = run(_check(write=write))
    text = "\n".join(broken) or "契约无误 · every promise is kept"
    print_result({"holds": not broken, "broken": broken}, text, as_json=as_json)
    raise SystemExit(NOT_SO if broken else 0)


async def _check(*, write: bool) -> list[str]:
    from gateway.api.contract import contracts_check, write_contract

    async with whole_app() as app:
        if write:
            write_contract(app, PUBLISHED)
        return contracts_check(app, PUBLISHED)


@asynccontextmanager
async def whole_app() -> "AsyncIterator[FastAPI]":
    """The app with every route, on a store nobody uses and over systems nobody asks."""
    from gateway.settings import load_settings
    from gateway.wiring.doors import wire_app
    from gateway.wiring.ground import open_ground
    from gateway.wiring.systems import open_systems

    with TemporaryDirectory(prefix="jisui-") as folder:
        licence = Path(folder) / "licence"
        licence.write_text("nobody is asked", "ascii")
        settings = load_settings(
            database_url=f"sqlite+aiosqlite:///{folder}/jisui.db",
            keys_folder=Path(folder) / "keys",
            systems={"population": {"licence_file": licence}},
        )
        async with open_ground(settings) as ground, open_systems(ground) as systems:
            yield wire_app(ground, systems)
