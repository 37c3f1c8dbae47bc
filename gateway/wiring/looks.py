"""How looks are wired: what counts them, and the chore that forgets them."""

from datetime import timedelta

from gateway.access.looks.looking import Looks
from gateway.access.looks.stops import Standing
from gateway.access.looks.thresholds import load_thresholds
from gateway.office_hours import OfficeHours
from gateway.upkeep import Chore
from gateway.wiring.ground import Ground

_HOUR = 3600.0


def wire_looks(ground: Ground) -> Looks:
    """What counts the children each person is shown."""
    terms, working_days = ground.settings.looks, ground.moves.turns.working_days
    return Looks(
        Standing(ground.database, ground.clock),
        ground.log,
        ground.clock,
        ground.identifiers,
        load_thresholds(terms.thresholds_file),
        timedelta(hours=terms.window_hours),
        OfficeHours(working_days, terms.opens, terms.closes),
    )


def wire_look_chores(ground: Ground) -> list[Chore]:
    """Forgetting looks that no window reaches."""
    looks = wire_looks(ground)

    async def forget() -> None:
        async with ground.database.transaction() as connection:
            await looks.forget(connection)

    return [Chore("forget_looks", _HOUR, forget, ground.database, ground.clock)]
