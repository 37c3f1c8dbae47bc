"""`jisui world make`: a folder of invented children to try things on."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import JisuiError
from gateway.cli.output import AsJson, print_result

commands = typer.Typer(help="世界：虚构的儿童 · worlds of invented children", no_args_is_help=True)


class FolderInUse(JisuiError):
    """A world is made in a new or empty folder only."""


@commands.callback()
def _commands() -> None:
    """世界：虚构的儿童 · worlds of invented children."""


@commands.command()
def make(
    folder: Annotated[Path, typer.Argument(help="新文件夹 · a new or empty folder")],
    children: Annotated[int, typer.Option(min=1, help="儿童人数 · how many children")] = 140,
    seed: Annotated[int, typer.Option(help="随机种子，同种子同世界 · same seed, same world")] = 1,
    plain: Annotated[
        bool, typer.Option("--plain", help="全部可接续 · children that can all be carried")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """编造一个世界及每名儿童应有的结果 · Invent a world, and what must become of each child.

    结果以自动确认为前提 · Given that exact matches are accepted automatically.
    """
    from adapters.world_maker import make_world

    try:
        expected = make_world(folder, children, seed, plain=plain)
    except (FileExistsError, NotADirectoryError):
        raise FolderInUse(f"文件夹不是空的 · not a new or empty folder: {folder}") from None
    rows = {school: [asdict(row) for row in listed] for school, listed in expected.items()}
    facts = {"folder": str(folder), "seed": seed, "expected": rows}
    schools = "\n".join(f"  {school}  {len(listed)}" for school, listed in rows.items())
    text = f"已生成 · made: {folder}\n{schools}\njisui demo --once --world {folder}"
    print_result(facts, text, as_json=as_json)
