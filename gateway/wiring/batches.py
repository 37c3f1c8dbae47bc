"""How batches are wired: a lane for each register, the desk behind their doors, forgetting."""

from collections.abc import Mapping

from gateway.access.admission import Access
from gateway.sheets.rows import Limits
from gateway.verification.batches.asking import SIDE_BY_SIDE, AskingBatches
from gateway.verification.batches.destroying import DestroyingBatches
from gateway.verification.batches.doors.desk import Desk, RequireSchool
from gateway.verification.batches.problems import Noting
from gateway.verification.batches.receiving import Receiving
from gateway.verification.batches.steering import Steering
from gateway.verification.batches.turns import Turns, batch_kind
from gateway.verification.dialects import Dialect
from gateway.wiring.ground import Ground
from gateway.wiring.holdings import wire_records
from gateway.wiring.systems import Systems
from gateway.wiring.verification import wire_keys
from gateway.worker import Lane


def wire_batch_lanes(ground: Ground, systems: Systems) -> Mapping[str, Lane]:
    """The worker's lanes of batches, one for each register."""
    kinds = {batch_kind(dialect.system): dialect for dialect in systems.population}
    return {
        kind: Lane((kind,), _asking(ground, dialect).step, at_once=SIDE_BY_SIDE)
        for kind, dialect in kinds.items()
    }


def wire_batch_desk(
    ground: Ground, systems: Systems, access: Access, require_school: RequireSchool
) -> Desk:
    """The desk behind the doors of batches."""
    return Desk(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        log=ground.log,
        access=access,
        calls=ground.calls,
        keys=wire_keys(ground),
        dialects=systems.population,
        receiving=_receiving(ground),
        steering=Steering(wire_turns(ground)),
        require_school=require_school,
        quota_left=ground.quota.left,
    )


def wire_destroying(ground: Ground) -> DestroyingBatches:
    """The chore that destroys rows and answers past their time."""
    return DestroyingBatches(ground.database, ground.clock)


def wire_turns(ground: Ground) -> Turns:
    """The order in which institutions take turns at a register."""
    weights = ground.settings.batches.weights
    return Turns({each.institution: each.weight for each in weights})


def _asking(ground: Ground, dialect: Dialect) -> AskingBatches:
    return AskingBatches(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        calls=ground.calls,
        dialect=dialect,
        turns=wire_turns(ground),
        noting=Noting(wire_records(ground), ground.sealer),
    )


def _receiving(ground: Ground) -> Receiving:
    batches = ground.settings.batches
    return Receiving(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        identifiers=ground.identifiers,
        log=ground.log,
        keys=wire_keys(ground),
        crosswalks=ground.crosswalks,
        turns=wire_turns(ground),
        limits=Limits(batches.body_bytes, batches.rows, ground.settings.limits.cell_bytes),
        kept_days=batches.kept_days,
    )
