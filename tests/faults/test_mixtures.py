"""Everything at once, by seeds: all three registers fail now and then in all their ways.

`FAULT_SEEDS=50` tries more mixtures.
"""

import os

import pytest

from adapters.population.nciic.simulated_faults import OWN_FAULTS as OF_THE_POLICE
from adapters.simulation.faults import TRANSPORT_KINDS
from tests.crash.installation import Installation
from tests.crash.village import Listed
from tests.faults.trial import endure

SEEDS = range(int(os.environ.get("FAULT_SEEDS", "3")))
KINDS = sorted(TRANSPORT_KINDS)


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_goes_wrong_everybody_arrives_in_the_end(
    town: Installation, listed: Listed, seed: int
) -> None:
    plan = {"seed": seed, "rate": 0.4, "kinds": [*KINDS, "unbound", "incomplete"], "seconds": 0.6}
    police = {**plan, "kinds": [*KINDS, *OF_THE_POLICE]}
    plans = {"preschool": plan, "student_status": plan, "population": police}
    await endure(town, listed, plans, rounds=8)
