"""`jisui evidence hold`: legal holds, placed and released by two persons."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.endings import run_on_store
from gateway.cli.evidence_packs import Approver, Case, Child, entry_of, read_named
from gateway.cli.output import AsJson, print_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.auditing.trails import Named
    from gateway.evidence.retaining.holding import Hold
    from gateway.settings import Settings

commands = typer.Typer(help="法定保全 · legal holds", no_args_is_help=True)

Approval = Annotated[str, typer.Option("--approval", help="文号 · reference of the order")]


@commands.callback()
def _commands() -> None:
    """法定保全 · legal holds."""


@commands.command("place")
def place_hold(
    approval: Approval,
    approver: Approver,
    case: Case = "",
    child: Child = False,
    everything: Annotated[bool, typer.Option("--all", help="全部 · everything")] = False,
    as_json: AsJson = False,
) -> None:
    """保全一名儿童、一个案号或全部的证据明细，到期不清除 · Keep particulars beyond their time."""
    from gateway.settings import load_settings

    if sum((bool(case), child, everything)) != 1:
        raise typer.BadParameter("--case --child --all 选一个 · one of them")
    named = read_named() if child else None
    hold_id = run_on_store(_place(load_settings(), named, case, (approval, approver)))
    print_result({"hold_id": hold_id}, f"已保全 · on hold: {hold_id}", as_json=as_json)


@commands.command("release")
def release_hold(
    hold_id: Annotated[str, typer.Argument(metavar="HOLD", help="保全编号 · id of the hold")],
    approval: Approval,
    approver: Approver,
    as_json: AsJson = False,
) -> None:
    """解除保全，过期的明细随后清除 · End a hold; what is past its time goes then."""
    from gateway.settings import load_settings

    run_on_store(_release(load_settings(), hold_id, (approval, approver)))
    print_result({"hold_id": hold_id}, f"已解除 · released: {hold_id}", as_json=as_json)


@commands.command("list")
def list_all(
    every: Annotated[bool, typer.Option("--all", help="含已解除的 · released ones too")] = False,
    as_json: AsJson = False,
) -> None:
    """列出保全 · The holds that stand."""
    from gateway.settings import load_settings

    found = run_on_store(_list(load_settings(), standing=not every))
    facts = [
        {
            "hold_id": one.hold_id,
            "kind": one.kind.value,
            "approval": one.approval,
            "placed_at": one.placed_at.isoformat(),
            "released_at": one.released_at.isoformat() if one.released_at else None,
        }
        for one in found
    ]
    lines = [
        f"{one.hold_id}  {one.kind}  {one.approval}  {one.placed_at:%Y-%m-%d}" for one in found
    ]
    print_result({"holds": facts}, "\n".join(lines) or "没有 · none", as_json=as_json)


async def _place(
    settings: "Settings", named: "Named | None", case: str, order: tuple[str, str]
) -> str:
    from gateway.evidence import Action
    from gateway.wiring.auditing import wire_keeping
    from gateway.wiring.ground import open_ground

    entry = entry_of(Action.HOLD_PLACED, approver=order[1], approval=order[0])
    async with open_ground(settings) as ground:
        keeping = wire_keeping(ground)
        if named is not None:
            return await keeping.hold_child(named, entry)
        return await keeping.hold_case(case, entry)


async def _release(settings: "Settings", hold_id: str, order: tuple[str, str]) -> None:
    from gateway.evidence import Action
    from gateway.wiring.auditing import wire_keeping
    from gateway.wiring.ground import open_ground

    entry = entry_of(Action.HOLD_RELEASED, approver=order[1], approval=order[0])
    async with open_ground(settings) as ground:
        await wire_keeping(ground).release(hold_id, entry)


async def _list(settings: "Settings", *, standing: bool) -> "Sequence[Hold]":
    from gateway.evidence.retaining.holding import list_holds
    from gateway.wiring.store import open_store

    async with open_store(settings) as database, database.reading() as connection:
        return await list_holds(connection, standing=standing)
