"""`jisui evidence`: the root of the log, its checkpoint, and the proof of one entry."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.errors import JisuiError
from gateway.cli.endings import NOT_SO, run_on_store
from gateway.cli.output import AsJson, print_result
from gateway.cli.witnessing import Folder, Name

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any, TypeVar

    from gateway.evidence.checkpoint_store import Kept
    from gateway.evidence.proving import Inclusion
    from gateway.settings import Settings
    from gateway.wiring.ground import Ground

    T = TypeVar("T")

commands = typer.Typer(help="证据 · the evidence log", no_args_is_help=True)

_ATTEMPTS, _REST_SECONDS = 60, 0.05

Position = Annotated[
    int, typer.Argument(metavar="N", min=1, help="条目编号 · the entry's position, from 1")
]


class NothingSigned(JisuiError):
    """There is nothing to sign, or another process went on signing."""

    def __init__(self) -> None:
        super().__init__(
            "日志为空，或另一进程正在签署，请稍后再试"
            " · the log is empty, or another process is signing it: try again"
        )


@commands.callback()
def _commands() -> None:
    """证据 · the evidence log."""


@commands.command()
def root(as_json: AsJson = False) -> None:
    """重算条目数与根哈希 · Compute the number of entries and the root hash anew.

    条目缺失或编号不连续时退出码为 1 · Exit 1 where entries are missing.
    """
    from gateway.settings import load_settings

    size, top = whole(_recompute(load_settings()))
    print_result({"size": size, "root": top}, f"{size}  {top}", as_json=as_json)


@commands.command()
def checkpoint(as_json: AsJson = False) -> None:
    """签署至最新一条的检查点 · The signed checkpoint over every entry so far.

    验证公钥印于标准错误，请交审计方与见证方保存 · The key to verify it with is on standard error;
    auditors and the witness keep it.
    """
    from gateway.settings import load_settings

    kept, key = whole(_sign(load_settings()))
    signed = kept.note.decode()
    size, top = kept.checkpoint.size, kept.checkpoint.root.hex()
    facts = {"size": size, "root": top, "checkpoint": signed, "key": key}
    print_result(facts, signed.removesuffix("\n"), as_json=as_json)
    if not as_json:
        sys.stderr.write(f"验证公钥 · verify with: {key}\n")


@commands.command()
def prove(position: Position, as_json: AsJson = False) -> None:
    """证明第 N 条在日志中 · Prove that entry N is in the log (RFC 9162).

    条目缺失或被改时退出码为 1 · Exit 1 where it is missing or is not the one that was signed.
    """
    from gateway.settings import load_settings

    proven = whole(_prove(load_settings(), position))
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


@commands.command("witness-key")
def witness_key(folder: Folder, name: Name, as_json: AsJson = False) -> None:
    """见证方的验证公钥，填入 evidence.witness_key · A witness's public key.

    在见证方的机器上运行；没有密钥时生成 · Run it where the witness runs; makes the key where
    there is none.
    """
    from gateway.evidence.note_keys import key_text
    from gateway.processes.witnessing import open_cosignatory

    key = key_text(open_cosignatory(folder, name).public())
    print_result({"key": key}, key, as_json=as_json)


def whole(work: "Coroutine[Any, Any, T]") -> "T":
    """What comes of reading the log; ends with 1 where it is not whole."""
    from gateway.evidence.laying import Forked, RolledBack
    from gateway.evidence.log import Gap
    from gateway.evidence.proofs import InvalidProof

    try:
        return run_on_store(work)
    except (Gap, RolledBack, Forked, InvalidProof) as broken:
        sys.stderr.write(f"证据不完整 · the evidence is not whole: {broken}\n")
        raise SystemExit(NOT_SO) from None


async def _recompute(settings: "Settings") -> tuple[int, str]:
    from gateway.wiring.evidence import log_folder, number_log
    from gateway.wiring.ground import open_ground

    async with open_ground(settings) as ground:
        await number_log(ground)
        async with ground.database.reading() as connection:
            return await ground.log.root(connection, log_folder(settings).hashing)


async def _sign(settings: "Settings") -> "tuple[Kept, str]":
    from gateway.evidence.note_keys import key_text
    from gateway.wiring.evidence import signatory
    from gateway.wiring.ground import open_ground

    async with open_ground(settings) as ground:
        return await _signed(ground), key_text(signatory(settings).public())


async def _prove(settings: "Settings", position: int) -> "Inclusion":
    from gateway.evidence.proving import prove_entry
    from gateway.wiring.evidence import log_folder
    from gateway.wiring.ground import open_ground

    async with open_ground(settings) as ground:
        size = (await _signed(ground)).checkpoint.size
        async with ground.database.reading() as connection:
            return await prove_entry(connection, log_folder(settings).tree(size), position)


async def _signed(ground: "Ground") -> "Kept":
    """The newest checkpoint, once this process could lead; raise `NothingSigned`."""
    import asyncio

    from gateway.wiring.evidence import sign_log

    for _ in range(_ATTEMPTS):
        if (kept := await sign_log(ground)) is not None:
            return kept
        await asyncio.sleep(_REST_SECONDS)
    raise NothingSigned
