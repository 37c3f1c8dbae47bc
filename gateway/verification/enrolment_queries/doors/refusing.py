"""How the doors refuse: what a query must be to be weighed, and why one gets no answer."""

from gateway.access.grants import Grant
from gateway.access.persons import person
from gateway.access.vocabulary import Purpose
from gateway.verification.enrolment_queries.doors.bodies import EnrolmentAsked
from gateway.verification.enrolment_queries.pace import POLICY, Pace
from gateway.verification.enrolment_queries.query import Refusal
from gateway.web.problems import Fault, Kind, Problem

_SAME_PERSON = Fault(
    "same_person",
    "#/approver",
    "审批人不能是经办人本人。",
    "Nobody approves a query of their own.",
)
_NOT_URGENT = Fault(
    "not_urgent",
    "#/urgent",
    "加急查询仅限查找走失儿童。",
    "Only the search for a missing child is urgent.",
)
_TOO_MANY = Fault(
    "too_many",
    "#/children",
    "加急查询的儿童人数超过上限。",
    "An urgent query is about fewer children.",
)


def require_sound(grant: Grant, body: EnrolmentAsked, urgent_children: int) -> None:
    """Return where the query may be weighed; else raise a problem."""
    faults = []
    if person(grant.user) == person(body.approver):
        faults.append(_SAME_PERSON)
    if body.urgent and grant.purpose is not Purpose.MISSING_CHILD:
        faults.append(_NOT_URGENT)
    if body.urgent and len(body.children) > urgent_children:
        faults.append(_TOO_MANY)
    if faults:
        raise Problem(Kind.INVALID_REQUEST, faults)


def problem_of(refusal: Refusal, pace: Pace) -> Problem:
    """What the caller is told; nothing of it depends on any child."""
    match refusal:
        case Refusal.STOPPED:
            # One plain refusal, however it came about: whoever scans learns no threshold.
            return Problem(Kind.QUERIES_STOPPED)
        case Refusal.TOO_FAST:
            return Problem(
                Kind.QUOTA_EXCEEDED,
                members={"violated-policies": [POLICY]},
                retry_after=float(pace.seconds),
                headers=pace.headers,
            )
        case Refusal.PAPER_OVERDUE:
            return Problem(
                Kind.CONFLICT,
                detail="本单位有加急查询的文书逾期未补，补交前不受理新的加急查询。",
                detail_en="A paper of an urgent query is overdue; until it comes none is taken.",
            )
