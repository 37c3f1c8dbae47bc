from collections.abc import Sequence

import pytest

from contracts.capabilities import Asker, Claim, Reply, Verdict
from gateway.verification.dialects import Dialect, Dialects, UnknownDialect


class Silent:
    batch_limit = 5

    async def check(
        self, claims: Sequence[Claim], asker: Asker, *, trace_id: str
    ) -> Reply[tuple[Verdict, ...]]:
        raise NotImplementedError


def dialect(system: str, *areas: str) -> Dialect:
    return Dialect(system, Silent(), Asker(f"unit of {system}", "", "business"), areas)


NATIONAL = dialect("population")
ZHEJIANG = dialect("population_zhejiang", "33")
NINGBO = dialect("population_ningbo", "3302", "330300")
DIALECTS = Dialects(NATIONAL, [NINGBO, ZHEJIANG])


@pytest.mark.parametrize(
    ("area", "system"),
    [
        ("330106", "population_zhejiang"),
        ("330000", "population_zhejiang"),
        ("330203", "population_ningbo"),
        ("330300", "population_ningbo"),
        ("330301", "population_zhejiang"),
        ("310101", "population"),
        ("133300", "population"),
        ("", "population"),
    ],
)
def test_the_longest_prefix_says_which_register_is_asked(area: str, system: str):
    assert DIALECTS.for_area(area).system == system
    assert Dialects(NATIONAL, [ZHEJIANG, NINGBO]).for_area(area).system == system


def test_a_register_is_asked_in_its_own_terms_for_the_area_at_hand():
    asker = ZHEJIANG.asker("330106")
    assert (asker.unit, asker.area, asker.business) == (
        "unit of population_zhejiang",
        "330106",
        "business",
    )


def test_a_register_can_be_chosen_by_name():
    assert DIALECTS.named("population_ningbo") is NINGBO
    with pytest.raises(UnknownDialect):
        DIALECTS.named("population_gansu")


def test_each_register_is_there_once_the_default_first():
    assert [each.system for each in DIALECTS] == [
        "population",
        "population_ningbo",
        "population_zhejiang",
    ]
