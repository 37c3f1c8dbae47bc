"""`jisui evidence`: the root of the log, its checkpoint, and the proof of one entry."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.endings import NOT_SO, run_on_store
from gateway.cli.output import AsJson, print_result

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any, TypeVar

    from gateway.evidence.proving import Inclusion
    from gateway.settings import Settings
    from gateway.wiring.ground import Ground

    T = TypeVar("T")

commands = typer.Typer(help="证据 · the evidence log", no_args_is_help=True)

Position = Annotated[
    int, typer.Argument(metavar="N", min=1, help="条目编号 · the entry's position, from 1")
]


@commands.callback()
def _commands() -> None:
    """证据 · the evidence log."""


@commands.command()
def root(as_json: AsJson = False) -> None:
    """重算条目数与根哈希 · Compute the number of entries and the root hash anew.

    条目缺失或编号不连续时退出码为 1 · Exit 1 where entries are missing.
    """
    from gateway.settings import load_settings

    size, top = _whole(_recompute(load_settings()))
    print_result({"size": size, "root": top}, f"{size}  {top}", as_json=as_json)


@commands.command()
def checkpoint(as_json: AsJson = False) -> None:
    """重算并签署检查点 · Compute the root anew and sign a checkpoint over it.

    验证公钥印于标准错误，请交审计方保存 · The key to verify it with is on standard error; auditors
    keep it.
    """
    from gateway.cli.checkpoints import sign_checkpoint
    from gateway.settings import load_settings

    settings = load_settings()
    size, top = _whole(_recompute(settings))
    signed, key = sign_checkpoint(settings, size, bytes.fromhex(top))
    facts = {"size": size, "root": top, "checkpoint": signed, "key": key}
    print_result(facts, signed.removesuffix("\n"), as_json=as_json)
    if not as_json:
        sys.stderr.write(f"验证公钥 · verify with: {key}\n")


@commands.command()
def prove(position: Position, as_json: AsJson = False) -> None:
    """证明第 N 条在日志中 · Prove that entry N is in the log (RFC 9162).

    先重读全部条目；条目缺失时退出码为 1 · All entries are read; exit 1 where entries are missing.
    """
    from gateway.settings import load_settings

    proven = _whole(_prove(load_settings(), position))
    steps = [step.hex() for step in proven.proof]
    facts = {
        "position": position,
        "index": proven.index,
        "size": proven.size,
        "root": proven.root.hex(),
        "leaf": proven.leaf_hash.hex(),
        "proof": steps,
    }
    head = f"{proven.index}  {proven.size}  {proven.root.hex()}\n{proven.leaf_hash.hex()}"
    print_result(facts, "\n".join([head, *steps]), as_json=as_json)


def _whole(work: "Coroutine[Any, Any, T]") -> "T":
    """What comes of reading the log; ends with 1 where entries are missing."""
    from gateway.evidence.log import Gap

    try:
        return run_on_store(work)
    except Gap as gap:
        sys.stderr.write(f"证据不连续 · the evidence is not whole: {gap}\n")
        raise SystemExit(NOT_SO) from None


async def _recompute(settings: "Settings") -> tuple[int, str]:
    from gateway.wiring.ground import open_ground

    async with open_ground(settings) as ground:
        await _number(ground)
        async with ground.database.reading() as connection:
            return await ground.log.root(connection)


async def _prove(settings: "Settings", position: int) -> "Inclusion":
    from gateway.evidence.proving import prove_entry
    from gateway.wiring.ground import open_ground

    async with open_ground(settings) as ground:
        await _number(ground)
        async with ground.database.reading() as connection:
            return await prove_entry(connection, position)


async def _number(ground: "Ground") -> None:
    from gateway.wiring.work import number_log

    await number_log(ground)
    async with ground.database.transaction() as connection:
        await ground.log.stop(connection)  # a worker goes on numbering at once
