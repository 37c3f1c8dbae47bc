"""The law over real sockets: whatever goes wrong, a verdict is what the world itself says.

Every dialect is asked about the same people while its simulator breaks, alone and in several ways
at once, and its secrets grow old. `JISUI_LAW_CALLS` sets how many calls each dialect is asked.
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from starlette.types import ASGIApp

from adapters.population.national import simulator as national_simulator
from adapters.population.national.simulated_faults import OWN_FAULTS as NATIONAL_FAULTS
from adapters.population.nciic import simulator as nciic_simulator
from adapters.population.nciic.adapter import Nciic
from adapters.population.nciic.licence import DEMO_LICENCE
from adapters.population.nciic.simulated_faults import OWN_FAULTS as NCIIC_FAULTS
from adapters.population.zhejiang import simulator as zhejiang_simulator
from adapters.simulation.clock import ClockSetting, SimulatorClock
from adapters.simulation.faults import TRANSPORT_KINDS
from adapters.simulation.serving import serving
from adapters.transport import Client, open_client
from adapters.world import World
from contracts.capabilities import Claim, IdentityCheck
from contracts.citizen_number import check_character
from contracts.errors import SystemFailure
from contracts.outcomes import Outcome
from tests.adapters.population.national import invented as national
from tests.adapters.population.zhejiang import invented as zhejiang

CALLS = int(os.environ.get("JISUI_LAW_CALLS", "200"))
TRANSPORT = sorted(TRANSPORT_KINDS - {"hang", "slow"})
COMBINED = "combined"
# These put false words about a person into the register's mouth. One alone gives itself away;
# together with others it is an answer like any other, which nobody could see through.
FALSE_WORDS = frozenset({"contradictory", "number_denied", "no_result"})
# And this one alone: the register says it of that very person, and must be believed.
BELIEVED = frozenset({"dead"})
CODES = ("", "-90", "-31", "-10", "00", "11", "14", "18", "99", "Server", "Client")
NAMES = ("测试甲", "测试乙", "买买提·艾力", "\U00020bb7\ue000\ufa1f", "欧阳测试", "测试-丙")


@dataclass(frozen=True)
class Dialect:
    """A dialect, its simulator, how that can break, and whether it tells of deaths."""

    name: str
    simulate: Callable[[World, SimulatorClock], ASGIApp]
    open_: Callable[[Client, SimulatorClock], IdentityCheck]
    faults: Sequence[str]
    tells_deaths: bool = True

    def __str__(self) -> str:
        return self.name


DIALECTS = (
    Dialect("national", national_simulator.create, national.open_adapter, NATIONAL_FAULTS),
    Dialect(
        "nciic",
        nciic_simulator.create,
        lambda client, _: Nciic(client, licence=DEMO_LICENCE),
        NCIIC_FAULTS,
        tells_deaths=False,
    ),
    Dialect(
        "zhejiang",
        zhejiang_simulator.create,
        zhejiang.open_adapter,
        zhejiang_simulator.OWN_FAULTS,
    ),
)


def number(place: int) -> str:
    digits = f"9999992018{place // 100 % 12 + 1:02d}{place % 28 + 1:02d}{place % 1000:03d}"
    return digits + check_character(digits)


def people(random: Random) -> tuple[dict[str, str], ...]:
    """Forty people, some dead, some with a stranger under the same number."""
    alive = [
        {"GMSFHM": number(place), "XM": random.choice(NAMES), "SWBS": random.choice("0001")}
        for place in range(40)
    ]
    doubled = [{**person, "XM": "另一人", "SWBS": "0"} for person in alive[::10]]
    return (*alive, *doubled)


def claim(world: World, random: Random) -> Claim:
    person = random.choice(world.population)
    kind = random.random()
    if kind < 0.5:
        return Claim(person["GMSFHM"], person["XM"].replace("·", random.choice("·•・")))
    if kind < 0.75:
        return Claim(person["GMSFHM"], random.choice((*NAMES, "旁人")))
    return Claim(number(random.randrange(100, 999)), person["XM"])


def truth(world: World, asked: Claim, *, tells_deaths: bool) -> Outcome:
    """What the world says of a claim."""
    name = asked.name.replace("•", "·").replace("・", "·")
    bearers = [row for row in world.population if row["GMSFHM"] == asked.citizen_number]
    named = [row for row in bearers if row["XM"] == name]
    if not bearers:
        return Outcome.NOT_ON_FILE
    if not named:
        return Outcome.NAME_MISMATCH
    dead = tells_deaths and named[0]["SWBS"] == "1"
    return Outcome.DECEASED if dead else Outcome.MATCH


def plan(dialect: Dialect, random: Random) -> dict[str, Any]:
    """What goes wrong with the next question and all that it takes; sometimes nothing."""
    kind = random.random()
    if kind < 0.2:
        return {}
    own = sorted({*dialect.faults} - BELIEVED - {COMBINED})
    if kind < 0.3:
        return {"script": [{"kind": random.choice(TRANSPORT)}]}
    if kind < 0.6 or COMBINED not in dialect.faults:
        return {"script": [{"kind": random.choice(own), "code": random.choice(CODES)}]}
    meeting = random.sample(sorted({*own} - FALSE_WORDS), random.choice((2, 2, 3, 4)))
    return {"script": [{"kind": COMBINED, "code": ",".join(meeting)}]}


async def campaign(dialect: Dialect, client: Client, clock: SimulatorClock, world: World) -> Any:
    """How the calls ended: outcomes and failures, counted."""
    random, ends = Random(f"law {dialect}"), Counter[str]()
    register = dialect.open_(client, clock)
    for call in range(CALLS):
        clock.set(ClockSetting(advance_seconds=random.choice((0, 1, 60, 600, 3600))))
        armed = plan(dialect, random)
        assert (await client.post("/_simulator/faults", json=armed)).status_code == 200
        asked = [claim(world, random) for _ in range(random.randint(1, register.batch_limit))]
        try:
            reply = await register.check(asked, national.ASKER, trace_id=f"t-{call}")
        except SystemFailure as failure:
            ends[type(failure).__name__] += 1
            continue
        for each, verdict in zip(asked, reply.value, strict=True):
            ends[verdict.outcome.value] += 1
            true = truth(world, each, tells_deaths=dialect.tells_deaths)
            assert verdict.outcome in (true, Outcome.UNKNOWN), (call, armed, true, verdict)
    return ends


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
async def test_no_verdict_is_other_than_what_the_world_says(dialect: Dialect) -> None:
    world = World((), (), (), people(Random(7)), {})
    clock = SimulatorClock(national.NOON)
    async with (
        serving(dialect.simulate(world, clock)) as url,
        open_client(url, seconds=5.0) as client,
    ):
        ends = await campaign(dialect, client, clock, world)
    told = {"MATCH", "NAME_MISMATCH", "NOT_ON_FILE", "UNKNOWN", "Unavailable", "Unreadable"}
    told |= {"DECEASED"} if dialect.tells_deaths else set()
    assert told <= ends.keys()
    assert dialect.tells_deaths or "DECEASED" not in ends
