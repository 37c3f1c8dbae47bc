"""`jisui subscriptions snapshot`: the current state in a subscription's scope, as signed files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.endings import run_on_store
from gateway.cli.output import AsJson, print_result

if TYPE_CHECKING:
    from gateway.feed.snapshots.manifest import Manifest
    from gateway.settings import Settings


def snapshot(
    subscription_id: Annotated[str, typer.Argument(help="订阅编号 · id of the subscription")],
    out: Annotated[Path, typer.Option(help="输出文件夹 · folder for the files")],
    as_json: AsJson = False,
) -> None:
    """取当前状态快照，已签名，内含下一个序号 · The current state, signed, with the next number."""
    from gateway.settings import load_settings

    manifest = run_on_store(_take(load_settings(), subscription_id, out))
    told: dict[str, Any] = {
        "subscription_id": subscription_id,
        "children": manifest.children,
        "files": len(manifest.files),
        "next": manifest.next_number,
    }
    words = f"{manifest.children} 名儿童 · children; 下一号 · next: {manifest.next_number}"
    print_result(told, words, as_json=as_json)


async def _take(settings: "Settings", subscription_id: str, folder: Path) -> "Manifest":
    from gateway.cli.operator import operator
    from gateway.evidence import Action
    from gateway.feed.snapshots.folder import require_free, write_file, write_signed
    from gateway.feed.snapshots.taking import Taking
    from gateway.feed.subscribing.granting import subscription_entry
    from gateway.feed.subscribing.subscription import load_subscription
    from gateway.wiring.ground import open_ground
    from gateway.wiring.snapshots import wire_states

    require_free(folder)
    async with open_ground(settings) as ground:
        async with ground.database.reading() as connection:
            found = await load_subscription(connection, subscription_id)
            taking = Taking(wire_states(ground), ground.sealer, connection, found)
            async for file, content in taking.files():
                await write_file(folder, file.name, content)
            signed = await taking.sign(ground.clock.now())
        content_told = {"children": str(signed.manifest.children)}
        entry = subscription_entry(Action.SNAPSHOT_TAKEN, found, operator(), content_told)
        async with ground.database.transaction() as connection:
            await ground.log.append(connection, [entry])
        await write_signed(folder, signed)
    return signed.manifest
