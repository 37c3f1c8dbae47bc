"""Schools nobody has heard of yet, while the directory that knows them is away."""

from gateway.access.vocabulary import Role
from tests.intake.conftest import Staged
from tests.intake.village import OTHER_COUNTY, SCHOOL, Village


async def test_a_list_is_accepted_before_its_schools_place_is_known_and_placed_later(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    school = next(row for row in village.schools if row["机构标识码"] == SCHOOL)
    school["主管教育行政部门代码"] = f"{OTHER_COUNTY}000000"
    stage = await staged(village)
    await stage.set_fault("student_status", {"kind": "http_500", "operation": "institutions"})
    await stage.submit([child.row()], by=Role.CLERK)
    assert (await stage.handover("1")).area == SCHOOL[:6]
    await stage.set_fault("student_status")
    stage.clock.advance(3600)
    confirmed = await stage.submit([child.row()], area=OTHER_COUNTY)
    stage.clock.advance(3600)
    await stage.work()
    handover = await stage.handover("1")
    assert (confirmed, handover.area) != ("", SCHOOL[:6])
    assert (str(handover.situation), handover.area) == ("offered", OTHER_COUNTY)
