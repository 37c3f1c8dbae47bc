"""The law behind the answers: what lies out of reach changes none of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.grants import Scope
from gateway.access.vocabulary import Purpose, Reach
from gateway.verification.enrolment_queries.rules import (
    CANNOT_SAY,
    Answer,
    Enrolled,
    Enrolment,
    Standing,
    answer,
    load_tells,
)

HERE = Scope(Reach.COUNTY, "999999")
ALL = frozenset({"since", "area", "school"})
STANDS, ENDED, UNSETTLED, PAST = Standing


def enrolments(areas: list[str]) -> st.SearchStrategy[list[Enrolment]]:
    one = st.builds(
        Enrolment,
        school=st.sampled_from(["9999990100", "9999990200"]),
        school_name=st.sampled_from(["", "虚构小学"]),
        area=st.sampled_from(areas),
        standing=st.sampled_from(Standing),
        since=st.sampled_from([None, "2026-09", "2025-09"]),
    )
    return st.lists(one, max_size=4)


@given(enrolments(["999999"]), enrolments(["990001", "999998", "980001"]), st.randoms())
def test_no_record_out_of_reach_changes_the_answer(within, without, random):
    mixed = [*within, *without]
    random.shuffle(mixed)
    assert answer(mixed, HERE, ALL) == answer(within, HERE, ALL)


@given(enrolments(["999999", "990001"]), st.sets(st.sampled_from(sorted(ALL))))
def test_nothing_is_told_that_may_not_be(known, told):
    said = answer(known, HERE, told)
    shown = {name for name in ALL if getattr(said, name) is not None}
    assert shown <= told
    assert said.school_name is None or "school" in told
    if said.enrolled is not Enrolled.YES:
        assert said == Answer(said.enrolled)


@pytest.mark.parametrize(
    ("standings", "enrolled"),
    [
        ((), "cannot_say"),
        ((STANDS,), "yes"),
        ((ENDED,), "no"),
        ((UNSETTLED,), "cannot_say"),
        ((PAST,), "cannot_say"),
        ((ENDED, PAST), "no"),
        ((ENDED, UNSETTLED), "cannot_say"),
        ((ENDED, STANDS), "yes"),
        ((STANDS, UNSETTLED), "yes"),
    ],
)
def test_what_the_records_within_reach_come_to(standings, enrolled):
    known = [Enrolment("9999990100", "", "999999", standing, None) for standing in standings]
    assert answer(known, HERE, ALL).enrolled == enrolled


def test_where_two_records_disagree_the_attribute_is_not_told():
    one = Enrolment("9999990100", "甲", "999999", STANDS, "2026-09")
    other = Enrolment("9999990200", "乙", "999999", STANDS, "2026-09")
    assert answer([one, other], HERE, ALL) == Answer(Enrolled.YES, "2026-09", "999999")


def test_a_reach_over_nothing_tells_nothing():
    known = [Enrolment("9999990100", "", "999999", STANDS, None)]
    assert answer(known, Scope(Reach.NONE, ""), ALL) == CANNOT_SAY


def test_every_purpose_of_public_security_is_in_the_table_and_only_urgency_names_a_school():
    tells = load_tells()
    assert set(tells) == {Purpose.MISSING_CHILD, Purpose.CASE, Purpose.POPULATION}
    ordinary = set().union(*(one.attributes(urgent=False) for one in tells.values()))
    assert "school" not in ordinary
    urgent = [purpose for purpose, one in tells.items() if "school" in one.attributes(urgent=True)]
    assert urgent == [Purpose.MISSING_CHILD]
