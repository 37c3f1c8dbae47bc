import itertools
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from gateway.access.grants import Scope, scope_of
from gateway.access.policy import InvalidPolicy, compile_policy, load_policy
from gateway.access.vocabulary import BASIS_OF, ROLES_OF, Operation, Purpose, Reach, Role

HEAD = "role,operation,purpose,scope,since,until"
DAY = date(2026, 9, 1)
SUBMIT = "clerk,intake.submit,enrolment,institution"


def test_what_no_row_allows_is_allowed_to_nobody():
    policy = compile_policy([HEAD])
    for role, operation in itertools.product(Role, Operation):
        assert not policy.knows(role, operation, DAY)
        for purpose in (None, *Purpose):
            assert policy.reach(role, operation, purpose, DAY) is None
    assert policy.touching_a_child == set(Operation)


@pytest.mark.parametrize(
    "row",
    [
        "clerk,intake.submit,enrolment,everywhere",
        "clerk,intake.submit,curiosity,institution",
        "clerk,intake.eat,enrolment,institution",
        "teacher,intake.submit,enrolment,institution",
        "clerk,intake.submit,,institution",
        "clerk,intake.submit,enrolment,none",
        "clerk,intake.submit,enrolment",
        f"{SUBMIT},2026-02-30",
        f"{SUBMIT},2026-09-02,2026-09-01",
    ],
)
def test_a_row_that_cannot_be_meant_is_refused(row: str):
    with pytest.raises(InvalidPolicy):
        compile_policy([HEAD, row])


def test_two_rows_for_one_right_are_refused():
    with pytest.raises(InvalidPolicy):
        compile_policy([HEAD, SUBMIT, SUBMIT])


@pytest.mark.parametrize("on", ["2026-08-31", "2026-10-01"])
def test_outside_its_days_there_is_no_right(on: str):
    policy = compile_policy([HEAD, f"{SUBMIT},2026-09-01,2026-09-30"])
    asked = (Role.CLERK, Operation.INTAKE_SUBMIT)
    for day, right in ((DAY, True), (date(2026, 9, 30), True), (date.fromisoformat(on), False)):
        assert policy.knows(*asked, day) is right
        assert (policy.reach(*asked, Purpose.ENROLMENT, day) is not None) is right


def test_a_right_may_change_from_one_day_to_the_next_and_never_be_two():
    wider = "clerk,intake.submit,enrolment,county,2026-09-01"
    policy = compile_policy([HEAD, wider, f"{SUBMIT},,2026-08-31"])
    asked = (Role.CLERK, Operation.INTAKE_SUBMIT, Purpose.ENROLMENT)
    assert policy.reach(*asked, date(2026, 8, 31)) is Reach.INSTITUTION
    assert policy.reach(*asked, DAY) is Reach.COUNTY
    with pytest.raises(InvalidPolicy):
        compile_policy([HEAD, wider, f"{SUBMIT},,2026-09-01"])


def test_without_its_table_nothing_is_decided(tmp_path: Path):
    with pytest.raises(InvalidPolicy):
        load_policy(tmp_path / "absent.csv")


def test_an_operation_touches_a_child_for_all_roles_or_for_none():
    with pytest.raises(InvalidPolicy):
        compile_policy([HEAD, "clerk,lanes.read,,none", "county,lanes.read,audit,county"])


def test_the_policy_we_ship_opens_every_operation_to_somebody():
    policy = load_policy()
    for operation in Operation:
        assert any(policy.knows(role, operation, DAY) for role in Role), operation
    assert policy.touching_a_child == set(Operation) - {
        Operation.LANES_READ,
        Operation.INCIDENTS_READ,
        Operation.CALLER_MANAGE,
        Operation.ENROLMENT_STOPS_READ,
        Operation.ENROLMENT_STOP_RELEASE,
        Operation.EVIDENCE_SEARCH,
        Operation.EVIDENCE_READ,
    }


def test_the_clerk_proposes_and_the_leader_confirms_and_neither_does_both():
    policy = load_policy()
    assert policy.knows(Role.CLERK, Operation.HANDOVER_PROPOSE, DAY)
    assert not policy.knows(Role.CLERK, Operation.HANDOVER_CONFIRM, DAY)
    assert policy.knows(Role.LEADER, Operation.HANDOVER_CONFIRM, DAY)
    assert not policy.knows(Role.LEADER, Operation.HANDOVER_PROPOSE, DAY)


def test_those_who_keep_the_machine_see_no_child():
    policy = load_policy()
    allowed = {operation for operation in Operation if policy.knows(Role.OPERATOR, operation, DAY)}
    assert not allowed & policy.touching_a_child


def test_every_purpose_rests_on_a_rule_and_only_leaders_sit_in_two_kinds_of_institution():
    assert set(BASIS_OF) == set(Purpose)
    seated = Counter(role for roles in ROLES_OF.values() for role in roles)
    assert set(seated) == set(Role)
    assert {role for role, kinds in seated.items() if kinds > 1} == {Role.LEADER}


@pytest.mark.parametrize(
    ("reach", "own_area", "institution", "area", "covered"),
    [
        (Reach.INSTITUTION, "330106", "3301060001", "330106", True),
        (Reach.INSTITUTION, "330106", "3301060002", "330106", False),
        (Reach.COUNTY, "330106", "3301060002", "330106", True),
        (Reach.COUNTY, "330106", "3301070002", "330107", False),
        (Reach.COUNTY, "441900", "4419000002", "441999", True),
        (Reach.COUNTY, "441900", "4420000002", "442000", False),
        (Reach.PROVINCE, "330000", "3302060002", "330206", True),
        (Reach.PROVINCE, "330000", "3201060002", "320106", False),
        (Reach.NONE, "330106", "3301060001", "330106", False),
    ],
)
def test_a_scope_covers_its_own_and_nothing_beside(
    reach: Reach, own_area: str, institution: str, area: str, covered: bool
):
    scope = scope_of(reach, "3301060001", own_area)
    assert scope.covers(institution=institution, area=area) is covered


@pytest.mark.parametrize("reach", Reach)
def test_an_unknown_institution_in_an_unknown_area_is_covered_by_nobody(reach: Reach):
    assert not scope_of(reach, "3301060001", "330106").covers(institution="", area="")


def test_a_scope_over_no_area_covers_nothing_rather_than_everything():
    for reach in (Reach.COUNTY, Reach.PROVINCE):
        assert not Scope(reach, "").covers(institution="3301060001", area="330106")
