"""The people of the demonstration as callers of the gateway, registered in its own process."""

from typing import Any

from gateway.access.vocabulary import Role
from gateway.demo.stage import demo_caller
from gateway.migrations import migrate
from gateway.settings import Settings
from gateway.wiring.access import wire_access
from gateway.wiring.ground import open_ground


async def introduce_callers(settings: Settings, school: str, area: str) -> dict[str, Any]:
    """A school's clerk and its county in a migrated store, each with the key to prove itself by.

    The keys are for whoever started this process and nobody else: they leave it by its pipe.
    """
    async with open_ground(settings) as ground:
        await migrate(ground.database)
        clerk = await demo_caller(ground, Role.CLERK, school, area)
        county = await demo_caller(ground, Role.COUNTY, area, area)
        return {
            "audience": wire_access(ground).token_address,
            "callers": {
                role: {"client_id": caller.client_id, "key": caller.key.as_dict(private=True)}
                for role, caller in ((Role.CLERK, clerk), (Role.COUNTY, county))
            },
        }
