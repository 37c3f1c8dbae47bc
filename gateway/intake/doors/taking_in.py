"""Taking a list in from a request's body, or saying what is wrong with it."""

import hashlib
from collections.abc import Iterable

from gateway.access.grants import Grant
from gateway.access.vocabulary import Role
from gateway.evidence import Action
from gateway.intake.doors.desk import Desk, because_of
from gateway.intake.handing_in.submission import Submission, school_year
from gateway.intake.lists import ListRefused, ListRow, read_list
from gateway.office_hours import OFFICE_TIME
from gateway.web.refused_sheets import sheet_problem


async def receive_list(
    desk: Desk, content: bytes, content_type: str, school: str, area: str, grant: Grant
) -> str:
    """The intake that the list became or was; raises the problem that says why it became none."""
    try:
        rows = read_list(content, content_type, desk.limits).rows
        submission = _submission(desk, rows, content, school, area, grant)
        return await _hand_in(desk, submission, grant)
    except ListRefused as refused:
        await _record_refusal(desk, refused, school, grant)
        raise sheet_problem(refused) from None


def _submission(
    desk: Desk, rows: Iterable[ListRow], content: bytes, school: str, area: str, grant: Grant
) -> Submission:
    return Submission(
        school=school,
        area=area,
        school_year=school_year(desk.clock.now().astimezone(OFFICE_TIME).date()),
        content_hash=hashlib.sha256(content).hexdigest(),
        rows=rows,
        confirmed=grant.role is Role.COUNTY,
        actor=grant.actor,
        purpose=str(grant.purpose or ""),
        basis=grant.basis,
        case=grant.case,
        trace_id=grant.trace_id,
    )


async def _hand_in(desk: Desk, submission: Submission, grant: Grant) -> str:
    async with desk.database.transaction() as connection:
        received = await desk.receiving.receive(connection, submission, desk.clock.now())
        if received.known and submission.confirmed:
            # The county handing in what a school did is the county confirming it.
            because = because_of(grant, "list_confirmed")
            await desk.confirming.confirm(connection, received.intake_id, grant.case, because)
        return received.intake_id


async def _record_refusal(desk: Desk, refused: ListRefused, school: str, grant: Grant) -> None:
    place = {"line": str(refused.line)} if refused.line else {}
    entry = grant.entry(Action.INTAKE_REFUSED, refused.reason, school=school, **place)
    async with desk.database.transaction() as connection:
        await desk.log.append(connection, [entry])
