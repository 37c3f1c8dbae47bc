"""A provincial platform to try things on: Zhejiang's protocol over a world's people."""

from starlette.applications import Starlette

from adapters.population.register import PopulationRegister
from adapters.population.zhejiang.adapter import CHECK, PATH
from adapters.population.zhejiang.door import ENDING, TOKENS
from adapters.population.zhejiang.keys import BY_KEY, BY_REFRESH
from adapters.population.zhejiang.simulated_faults import ANSWER_FAULTS, COMBINED
from adapters.population.zhejiang.simulated_keys import App, Keys
from adapters.population.zhejiang.simulated_platform import (
    STATE_FAULTS,
    SUSPENDED,
    Platform,
    decode,
    decode_unsigned,
)
from adapters.simulation.app import create_simulator
from adapters.simulation.clock import SimulatorClock
from adapters.simulation.operations import Operation
from adapters.simulation.terms import Agreement, Terms
from adapters.world import World

DEMO_APP_KEY = "testAppKey0000000000000000000000"
DEMO_APP_SECRET = "testAppSecret0000000000000000001"  # noqa: S105 the simulator's own
OWN_FAULTS = (*ANSWER_FAULTS, *STATE_FAULTS, COMBINED, "refused")


def create(
    world: World,
    clock: SimulatorClock | None = None,
    *,
    app_key: str = DEMO_APP_KEY,
    app_secret: str = DEMO_APP_SECRET,
    agreement: Agreement | None = None,
    latency_seconds: float = 0.0,
) -> Starlette:
    """A platform before a register of the world's people, with one app registered."""
    register = PopulationRegister(world.population)
    terms = Terms(agreement, [SUSPENDED])
    platform = Platform(Keys(App(app_key, app_secret)), register, terms)
    return create_simulator(
        [
            Operation(BY_KEY, f"{TOKENS}{BY_KEY}{ENDING}", platform.issue_by_key, decode_unsigned),
            Operation(
                BY_REFRESH,
                f"{TOKENS}{BY_REFRESH}{ENDING}",
                platform.issue_by_refresh,
                decode_unsigned,
            ),
            Operation(CHECK, PATH, platform.check, decode),
        ],
        records=lambda: register,
        clock=clock or SimulatorClock(),
        own_faults=OWN_FAULTS,
        edit=register.edit,
        terms=terms,
        latency_seconds=latency_seconds,
    )
