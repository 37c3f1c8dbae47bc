"""How long an answer takes tells nothing: unknown, shielded, out of reach and enrolled alike."""

from pathlib import Path
from statistics import median
from time import process_time

from tests.intake.village import RIVAL, person
from tests.verification.enrolment_queries.conftest import FAR_SCHOOL, Bureau, child
from tests.verification.enrolment_queries.quiet import learn, open_quiet

ROUNDS = 16
NOISE_SECONDS = 0.005
KNOWN, HIDDEN, FAR, NOBODY = (person(serial) for serial in (1, 2, 3, 4))


async def test_what_is_known_of_a_child_does_not_show_in_the_time(
    migrated_sqlite_url: str, tmp_path: Path
):
    async with open_quiet(migrated_sqlite_url, tmp_path, queries_per_minute=9000) as bureau:
        await learn(bureau, [KNOWN, HIDDEN], RIVAL)
        await learn(bureau, [FAR], FAR_SCHOOL)
        await bureau.shield(HIDDEN)
        cases = {"known": KNOWN, "shielded": HIDDEN, "out of reach": FAR, "absent": NOBODY}
        said = {name: (await bureau.says(child(one)))[0] for name, one in cases.items()}
        assert said.pop("known")["enrolled"] == "yes"
        assert len({str(one) for one in said.values()}) == 1
        slower: dict[str, list[float]] = {name: [] for name in cases}
        for turn in range(ROUNDS):
            order = list(cases)[turn % 4 :] + list(cases)[: turn % 4]
            took = {name: await _timed(bureau, child(cases[name])) for name in order}
            # Held against the same round's absent child: the machine's moods are in both.
            for name, seconds in took.items():
                slower[name].append(seconds - took["absent"])
        medians = {name: median(differences) for name, differences in slower.items()}
        assert max(map(abs, medians.values())) < NOISE_SECONDS, medians


async def _timed(bureau: Bureau, one: dict[str, object]) -> float:
    """Seconds of work: a busy machine does not add to them."""
    began = process_time()
    await bureau.ask(one)
    return process_time() - began
