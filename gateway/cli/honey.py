"""`jisui honey`: records that nobody has a reason to open; whoever does is stopped at once."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.endings import NOT_SO, run_on_store
from gateway.cli.operator import operator
from gateway.cli.output import AsJson, print_result

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gateway.wiring.ground import Ground

commands = typer.Typer(help="诱饵记录 · honey records", no_args_is_help=True)

Id = Annotated[
    str, typer.Argument(help="接续、问题学籍等的编号 · id of a handover, problem record …")
]


@commands.command()
def place(record: Id, as_json: AsJson = False) -> None:
    """标记一条虚构记录，谁打开即暂停谁 · Watch an invented record: whoever opens it is stopped.

    已标记时退出码为 1 · Exit 1 where it is watched already.
    """
    _tell(record, "placed", "已标记 · placed", as_json=as_json)


@commands.command()
def remove(record: Id, as_json: AsJson = False) -> None:
    """取消标记 · Watch it no more; exit 1 where it was not watched."""
    _tell(record, "removed", "已取消 · removed", as_json=as_json)


@commands.command("list")
def list_(as_json: AsJson = False) -> None:
    """全部诱饵记录 · All of them, with who placed them and when."""
    from gateway.access.looks import honey

    async def read(_: "Ground", connection: "AsyncConnection") -> list[dict[str, str]]:
        found = await honey.placed(connection)
        return [{"record": one, "by": by, "at": at.isoformat()} for one, by, at in found]

    found = run_on_store(_on_ground(read))
    text = "\n".join(f"{one['record']}  {one['at']}  {one['by']}" for one in found)
    print_result({"honey": found}, text or "没有 · none", as_json=as_json)


def _tell(record: str, outcome: str, said: str, *, as_json: bool) -> None:
    done = run_on_store(_on_ground(_change(record, outcome)))
    print_result({"record": record, outcome: done}, said if done else "未变 · no", as_json=as_json)
    if not done:
        raise SystemExit(NOT_SO)


def _change(record: str, outcome: str) -> "Callable[[Ground, AsyncConnection], Awaitable[bool]]":
    from gateway.access.looks import honey
    from gateway.evidence import Action, Entry

    async def change(ground: "Ground", connection: "AsyncConnection") -> bool:
        who = operator()
        if outcome == "placed":
            done = await honey.place(connection, record, who.user, ground.clock.now())
        else:
            done = await honey.remove(connection, record)
        entry = Entry(Action.HONEY_CHANGED, outcome, who, "", "", "", record, "")
        await ground.log.append(connection, [entry] if done else [])
        return done

    return change


async def _on_ground(step: "Callable[[Ground, AsyncConnection], Awaitable[Any]]") -> Any:
    from gateway.settings import load_settings
    from gateway.wiring.ground import open_ground

    async with (
        open_ground(load_settings()) as ground,
        ground.database.transaction() as connection,
    ):
        return await step(ground, connection)
