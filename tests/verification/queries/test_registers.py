"""Several registers at once: each area asks its own, and none waits for another's trouble."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from adapters.dialects import DIALECTS, open_population
from adapters.population.national.demo import DEMO_CHECK, DEMO_REGISTRATION
from adapters.population.national.simulator import create as national
from adapters.population.zhejiang.simulator import DEMO_APP_KEY, DEMO_APP_SECRET
from adapters.population.zhejiang.simulator import create as zhejiang
from adapters.simulation.clock import SimulatorClock
from adapters.simulation.serving import serving
from gateway.access.vocabulary import Role
from gateway.settings import InvalidSettings, load_settings
from tests.intake.stage import START, open_stage
from tests.intake.village import Village
from tests.verification.queries.conftest import ANN, BEN, CLEO, Counter, claim

ASKED_NATIONALLY, ASKED_IN_ZHEJIANG, ASKED_BY_DEFAULT = "350101", "330106", "320102"


def write_toml(file: Path, **texts: str) -> Path:
    file.write_text("".join(f'{name} = "{text}"\n' for name, text in texts.items()), "utf-8")
    return file


@pytest.fixture
async def counter(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Counter]:
    """A gateway over three registers of the same people, each in a dialect of its own."""
    village = Village()
    village.known(ANN)
    village.known(BEN, name="另名")
    village.known(CLEO, deceased=True)
    async with AsyncExitStack() as running:
        urls = {
            name: await running.enter_async_context(
                serving(create(village.world, SimulatorClock(START)))
            )
            for name, create in (("national", national), ("zhejiang", zhejiang))
        }
        registered = {
            name: str(getattr(DEMO_REGISTRATION, name))
            for name in DEMO_REGISTRATION.__dataclass_fields__
            if not name.startswith("person")
        }
        further = {
            "population_national": {
                "dialect": "national",
                "areas": ["35"],
                "url": urls["national"],
                "credentials_file": write_toml(
                    tmp_path / "national.toml",
                    requester=DEMO_CHECK.requester,
                    app_key=DEMO_CHECK.app_key,
                    user=DEMO_CHECK.user,
                    password=DEMO_CHECK.password,
                    person=DEMO_REGISTRATION.person,
                    person_number=DEMO_REGISTRATION.person_number,
                ),
                "registered_file": write_toml(tmp_path / "registered.toml", **registered),
            },
            "population_zhejiang": {
                "dialect": "zhejiang",
                "areas": ["33"],
                "url": urls["zhejiang"],
                "credentials_file": write_toml(
                    tmp_path / "app.toml", app_key=DEMO_APP_KEY, app_secret=DEMO_APP_SECRET
                ),
                "registered_file": write_toml(tmp_path / "ground.toml", matter="学籍注册"),
            },
        }
        opening = open_stage(migrated_sqlite_url, tmp_path, village, further=further)
        stage = await running.enter_async_context(opening)
        stage.urls = {**stage.urls, **{f"population_{name}": url for name, url in urls.items()}}
        yield Counter(stage)


async def ask(counter: Counter, area: str, told: dict[str, object]) -> dict[str, object]:
    answer = await counter.ask(told, Role.COUNTY, area=area)
    assert answer.status_code in (200, 202), answer.text
    said: dict[str, object] = answer.json()
    return said


@pytest.mark.parametrize(
    ("area", "system"),
    [
        (ASKED_BY_DEFAULT, "population"),
        (ASKED_NATIONALLY, "population_national"),
        (ASKED_IN_ZHEJIANG, "population_zhejiang"),
    ],
)
async def test_every_dialect_gives_the_same_answers_in_the_same_words(
    counter: Counter, area: str, system: str
):
    assert (await ask(counter, area, claim(ANN)))["outcome"] == "MATCH"
    assert (await ask(counter, area, claim(BEN)))["outcome"] == "NAME_MISMATCH"
    asked = [e["content"] for e in await counter.stage.entries() if e["action"] == "register.asked"]
    assert {each["system"] for each in asked} == {system}


@pytest.mark.parametrize("role", [Role.CLERK, Role.COUNTY])
async def test_only_the_county_is_told_of_a_death_mark(counter: Counter, role: Role):
    asked = await counter.ask(claim(CLEO), role, area=ASKED_NATIONALLY)
    said = asked.json()
    assert said["referred"] is True
    assert said["outcome"] == ("DECEASED" if role is Role.COUNTY else "UNKNOWN")
    assert "死亡" not in asked.text
    assert (await counter.read(said["verification_id"], role, area=ASKED_NATIONALLY)).json() == said


async def test_one_register_in_trouble_stops_no_other(counter: Counter):
    await counter.stage.set_fault("population_zhejiang", {"kind": "http_500", "operation": "*"})
    stuck = [await counter.ask(claim(ANN), Role.COUNTY, prefer="wait=0", area="330106")]
    for _ in range(4):
        await counter.stage.work()
        counter.stage.clock.advance(30.0)
    assert (await ask(counter, ASKED_BY_DEFAULT, claim(BEN)))["outcome"] == "NAME_MISMATCH"
    assert (await ask(counter, ASKED_NATIONALLY, claim(BEN)))["outcome"] == "NAME_MISMATCH"
    assert [each.status_code for each in stuck] == [202]


def test_every_dialect_that_can_be_set_can_be_opened():
    assert set(DIALECTS) == {"nciic", "national", "zhejiang"}
    assert callable(open_population)


@pytest.mark.parametrize(
    "systems",
    [
        {"population_a": {"dialect": "klingon"}},
        {"population_a": {"areas": ["3"]}},
        {"population_a": {"areas": ["33"]}, "population_b": {"areas": ["33"]}},
        {"population": {"areas": ["33"]}},
        {"enrolment_platform": {"areas": ["33"]}},
        {"population_a": {"areas": ["33\n"]}},
    ],
)
def test_what_cannot_be_meant_stops_the_start(systems: dict[str, object]):
    with pytest.raises(InvalidSettings):
        load_settings(systems=systems)
