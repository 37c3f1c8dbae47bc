"""How verification is wired: a queue for each register, the desk for single queries, the chore."""

from collections.abc import Mapping

from gateway.access.admission import Access
from gateway.verification.asking import Verifying
from gateway.verification.dialects import Dialect
from gateway.verification.keeping import Keeping
from gateway.verification.positives import Positives
from gateway.verification.queries import desk
from gateway.verification.queries.forgetting import Forgetting
from gateway.verification.queries.opening import Opening
from gateway.verification.query import Requesting
from gateway.verification.rerouting import AT_ONCE, reroute, reroute_batches
from gateway.web.idempotency import Keys
from gateway.wiring.ground import Ground
from gateway.wiring.systems import Systems
from gateway.worker import Lane


def wire_asking(ground: Ground, systems: Systems, *, interactive: bool) -> Mapping[str, Lane]:
    """The worker's lanes: each register has one of its own, so that none waits for another."""
    every = [_verifying(ground, dialect, interactive) for dialect in systems.population]
    return {one.kind: Lane((one.kind,), one.step) for one in every}


def wire_requesting(ground: Ground, systems: Systems) -> Requesting:
    """How other rooms have children verified."""
    return Requesting(ground.sealer, lambda area: systems.population.for_area(area).system)


async def reroute_stranded(ground: Ground, systems: Systems) -> None:
    """Give what waits for registers that are configured no more to those that serve its areas."""
    names = [dialect.system for dialect in systems.population]

    def system_of(area: str) -> str:
        return systems.population.for_area(area).system

    moved = AT_ONCE
    while moved == AT_ONCE:
        async with ground.database.transaction() as connection:
            moved = await reroute(connection, names, system_of, ground.clock.now())
    async with ground.database.transaction() as connection:
        await reroute_batches(connection, names, system_of, ground.clock.now())


def wire_query_desk(ground: Ground, systems: Systems, access: Access) -> desk.Desk:
    """The desk for single queries; it has what it is asking under way, so there is one a door."""
    verifying = {
        dialect.system: _verifying(ground, dialect, interactive=True)
        for dialect in systems.population
    }

    def verifying_for(area: str) -> Verifying:
        return verifying[systems.population.for_area(area).system]

    opening = Opening(
        sealer=ground.sealer,
        clock=ground.clock,
        log=ground.log,
        identifiers=ground.identifiers,
        positives=wire_positives(ground),
        verifying_for=verifying_for,
        kept_days=ground.settings.verification.kept_days,
    )
    return desk.Desk(
        desk.Ground(
            database=ground.database,
            log=ground.log,
            identifiers=ground.identifiers,
            access=access,
            keys=wire_keys(ground),
            wakeups=ground.wakeups,
            opening=opening,
            verifying_for=verifying_for,
        )
    )


def wire_forgetting(ground: Ground) -> Forgetting:
    """The chore that ends what single queries leave behind."""
    return Forgetting(ground.database, ground.clock, wire_positives(ground), wire_keys(ground))


def wire_keys(ground: Ground) -> Keys:
    """The keys of requests that may be repeated."""
    return Keys(ground.sealer, ground.clock)


def wire_positives(ground: Ground) -> Positives:
    """The matches of the last hours."""
    return Positives(ground.sealer, ground.clock, ground.settings.verification.positive_hours)


def _verifying(ground: Ground, dialect: Dialect, interactive: bool) -> Verifying:
    return Verifying(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        calls=ground.calls,
        dialect=dialect,
        keeping=Keeping(ground.clock, wire_positives(ground), interactive),
        wakeups=ground.wakeups,
    )
