"""`jisui people`: what an operator may do about one child in the index."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.endings import NoEnvironment, run_on_store
from gateway.cli.operator import operator
from gateway.cli.output import AsJson, print_result

if TYPE_CHECKING:
    from gateway.feed.subscribing.erasure import Erased
    from gateway.settings import Settings

commands = typer.Typer(help="人员 · persons of the index", no_args_is_help=True)


@commands.callback()
def _commands() -> None:
    """人员 · persons of the index."""


@commands.command()
def erase(
    approval: Annotated[str, typer.Option(help="批准文号 · reference of the approval")],
    approved_by: Annotated[str, typer.Option(help="批准人，不得为本人 · somebody else")],
    person: Annotated[str, typer.Option(help="人员内部编号 · internal key of the person")] = "",
    number_file: Annotated[
        Path | None, typer.Option(help="写有学籍号的文件 · file with one of the child's numbers")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """清除一名儿童：销毁其密钥，订阅方只读到墓碑 · Destroy a child's keys; streams keep tombstones.

    不可恢复；更早的备份仍含密钥 · Final. A backup older than this still holds the keys.
    """
    from gateway.settings import load_settings

    if bool(person) == (number_file is not None):
        raise typer.BadParameter("--person 与 --number-file 二选一 · give one of the two")
    number = _read(number_file) if number_file else ""
    erased = run_on_store(_erase(load_settings(), person, number, approved_by, approval))
    facts = {"keys": erased.keys, "tombstones": erased.tombstones}
    text = f"已清除 · erased: 密钥 keys {erased.keys}, 墓碑 tombstones {erased.tombstones}"
    print_result(facts, text, as_json=as_json)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        kind = type(error).__name__
        raise NoEnvironment(f"文件不可读 · the file cannot be read: {kind}") from None


async def _erase(
    settings: "Settings", person: str, number: str, approver: str, approval: str
) -> "Erased":
    from gateway.feed.subscribing.erasure import Decided
    from gateway.wiring.erasing import wire_erasure
    from gateway.wiring.ground import open_ground

    async with open_ground(settings) as ground:
        if number:
            async with ground.database.reading() as connection:
                chain = await ground.people.resolve(connection, number)
            person = chain.person_id if chain else ""
        decided = Decided(operator(), approver, approval)
        return await wire_erasure(ground).erase(person, decided)
