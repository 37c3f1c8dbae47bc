"""How the doors of auditors are wired, apart from the chores, which need no HTTP."""

from fastapi import APIRouter

from gateway.access.admission import Access
from gateway.auditing.routes import auditing_routes
from gateway.auditing.tree_routes import TreeDesk, tree_routes
from gateway.wiring.auditing import wire_searching
from gateway.wiring.evidence import log_folder
from gateway.wiring.ground import Ground


def wire_auditing(ground: Ground, access: Access) -> list[APIRouter]:
    """The doors of auditors."""
    desk = TreeDesk(ground.database, access, log_folder(ground.settings))
    return [auditing_routes(wire_searching(ground), access), tree_routes(desk)]
