"""Faults of every kind met at once: what the register never said of a person is never said here."""

import os
from collections import Counter
from random import Random

from adapters.population.nciic.adapter import Nciic
from adapters.population.nciic.simulated_faults import COMBINED, OWN_FAULTS
from adapters.population.nciic.simulated_packing import PACKINGS
from adapters.population.nciic.simulator import DEMO_LICENCE, create
from adapters.transport import AsgiTransport, open_client
from adapters.world import World
from contracts.capabilities import Asker, Claim
from contracts.errors import SystemFailure
from contracts.outcomes import Outcome

TRIES = int(os.environ.get("JISUI_MUTATIONS", "40000")) // 80
KINDS = sorted(set(OWN_FAULTS) - {COMBINED} - PACKINGS.keys())
PEOPLE = {
    "999999201801010014": "测试甲",
    "999999201801010022": "测试乙",
    "99999920180101009X": "买买提·艾力",
    "999999201801010049": "旁人",
}
NUMBERS = (*PEOPLE, "999999201801010030", "999999201801010057")
NAMES = (*PEOPLE.values(), "没有人")
DOUBT = Outcome.UNKNOWN


def truth(claim: Claim) -> Outcome:
    """What stands in the world, read by nobody's reader."""
    if claim.citizen_number not in PEOPLE:
        return Outcome.NOT_ON_FILE
    agrees = PEOPLE[claim.citizen_number] == claim.name
    return Outcome.MATCH if agrees else Outcome.NAME_MISMATCH


def drawn(random: Random) -> list[Claim]:
    claims = [Claim(number, name) for number in NUMBERS for name in NAMES]
    return random.sample(claims, random.randint(1, 5))


async def test_no_mixture_of_faults_makes_the_register_say_what_it_did_not(asker: Asker) -> None:
    random, ends = Random(20260903), Counter[str]()
    people = tuple({"GMSFHM": number, "XM": name} for number, name in PEOPLE.items())
    transport = AsgiTransport(create(World((), (), (), people, {})))
    async with open_client("http://127.0.0.1", transport=transport) as client:
        nciic = Nciic(client, licence=DEMO_LICENCE)
        for number in range(TRIES):
            kinds = ",".join(random.sample(KINDS, random.randint(1, 4)))
            fault = {"kind": COMBINED, "code": kinds}
            await client.post("/_simulator/faults", json={"script": [fault]})
            claims = drawn(random)
            try:
                said = (await nciic.check(claims, asker, trace_id="t")).value
            except SystemFailure as failure:
                ends[type(failure).__name__] += 1
                continue
            ends.update(verdict.outcome.value for verdict in said)
            pairs = zip(claims, said, strict=True)
            assert all(one.outcome in (truth(claim), DOUBT) for claim, one in pairs), (
                number,
                kinds,
            )
    assert min(ends[outcome] for outcome in ("MATCH", "NAME_MISMATCH", "NOT_ON_FILE")) > TRIES // 20
    assert min(ends[end] for end in ("UNKNOWN", "Unreadable", "Ambiguous")) > TRIES // 50
