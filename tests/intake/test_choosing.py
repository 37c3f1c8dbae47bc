"""A person compares the candidates: chooses one, rejects another; twins are never one child."""

from gateway.access.vocabulary import Role
from tests.intake.conftest import Staged
from tests.intake.stage import OFFICE, Stage
from tests.intake.test_confirming import tag
from tests.intake.village import OTHER_KINDERGARTEN, RIVAL, Child, Village, person


async def looked_up(stage: Stage, *rows: dict[str, str], school: str | None = None) -> None:
    """These rows handed in and looked up."""
    await (stage.submit(list(rows), school) if school else stage.submit(list(rows)))
    await stage.work()


async def address(stage: Stage, row: str = "1", **school: str) -> str:
    return f"/v1/handovers/{(await stage.handover(row, **school)).handover_id}"


async def candidates(stage: Stage, row: str = "1") -> dict[str, str]:
    """The records found for a child, by kindergarten."""
    view = await stage.ask("GET", await address(stage, row), Role.CLERK)
    return {one["kindergarten"]: one["record_id"] for one in view.json()["candidates"]}


async def act(
    stage: Stage, verb: str, record_id: str, role: Role = Role.CLERK, row: str = "1"
) -> tuple[int, str]:
    """Status and fault code of choosing or rejecting a record."""
    path = f"{await address(stage, row)}/{verb}"
    answer = await stage.ask("POST", path, role, json={"record_id": record_id})
    faults = answer.json().get("errors") or [{"code": ""}]
    await stage.work()
    return answer.status_code, faults[0]["code"]


def renamed(village: Village, serial: int = 1) -> Child:
    """A child whose record carries another name than its row will: probable."""
    child = person(serial)
    village.record(child, 姓名="虚构别名")
    village.known(child)
    return child


async def test_a_chosen_candidate_becomes_the_offer_even_with_automatic_acceptance(
    staged_on_each_engine: Staged, village: Village
) -> None:
    child = renamed(village)
    stage = await staged_on_each_engine(village, automatic_acceptance=True)
    await looked_up(stage, child.row())
    assert await stage.situations() == {"1": "held:to_confirm"}
    (record_id,) = (await candidates(stage)).values()
    assert await act(stage, "choice", record_id) == (200, "")
    assert await stage.situations() == {"1": "offered"}
    path, etag = await tag(stage)
    await stage.ask("POST", f"{path}/proposal", Role.CLERK, if_match=etag)
    await stage.ask("POST", f"{path}/confirmation", Role.LEADER, if_match=etag)
    await stage.work()
    assert await stage.situations() == {"1": "carried"}
    (created,) = await stage.records("student_status")
    assert created["学籍号"] == child.number


async def test_a_rejected_candidate_is_remembered_and_the_search_goes_on_without_it(
    staged: Staged, village: Village
) -> None:
    child = renamed(village)
    stage = await staged(village)
    await looked_up(stage, child.row())
    (record_id,) = (await candidates(stage)).values()
    assert await act(stage, "rejection", record_id) == (200, "")
    assert await stage.situations() == {"1": "create_new"}
    path = f"{await address(stage)}/decision"
    await stage.ask("POST", path, Role.COUNTY, json={"decision": "look_again"})
    await stage.work()
    assert await stage.situations() == {"1": "create_new"}
    assert await act(stage, "choice", record_id) == (409, "unknown_candidate")


async def test_an_unknown_record_cannot_be_chosen(staged: Staged, village: Village) -> None:
    child = renamed(village)
    stage = await staged(village)
    await looked_up(stage, child.row())
    assert await act(stage, "choice", "XQ99999999") == (409, "unknown_candidate")


async def test_an_offer_can_be_rejected_too(staged: Staged, village: Village) -> None:
    child = village.child(1)
    stage = await staged(village)
    await looked_up(stage, child.row())
    (record_id,) = (await candidates(stage)).values()
    assert await act(stage, "rejection", record_id) == (200, "")
    assert await stage.situations() == {"1": "create_new"}


async def test_two_preschool_records_are_for_the_county_alone_to_decide(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    village.record(child, 机构标识码=OTHER_KINDERGARTEN, 学籍号="L999999202001011234")
    stage = await staged(village)
    await looked_up(stage, child.row())
    assert await stage.situations() == {"1": "held:duplicate_preschool"}
    elsewhere = (await candidates(stage))[OTHER_KINDERGARTEN]
    assert await act(stage, "choice", elsewhere) == (409, "county_only")
    assert await act(stage, "rejection", elsewhere) == (409, "county_only")
    assert await act(stage, "choice", elsewhere, Role.COUNTY) == (200, "")
    assert await stage.situations() == {"1": "offered"}
    path, _ = await tag(stage)
    view = (await stage.ask("GET", path, Role.COUNTY)).json()
    assert view["number"] == "L999999202001011234"
    resolved = await stage.ask(
        "POST", "/v1/numbers/resolve", Role.COUNTY, json={"number": child.number}
    )
    assert resolved.json()["current"] == "L999999202001011234"
    first, second = resolved.json()["chain"]
    assert (first["number"], second["reason"]) == (child.number, "duplicate_preschool")
    assert second["decider"] == OFFICE


async def test_twins_listed_alike_are_never_given_one_record(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    nameless = {"身份证件类型": "其他", "身份证件号": ""}
    stage = await staged(village)
    await looked_up(stage, child.row(**nameless), child.row(序号="2", **nameless))
    assert set((await stage.situations()).values()) == {"held:ambiguous"}
    (record_id,) = (await candidates(stage)).values()
    assert await act(stage, "choice", record_id) == (200, "")
    assert await act(stage, "choice", record_id, row="2") == (409, "taken_here")
    assert await stage.situations() == {"1": "offered", "2": "held:ambiguous"}
    assert await act(stage, "rejection", record_id) == (200, "")
    assert await act(stage, "choice", record_id, row="2") == (200, "")
    assert (await stage.situations())["2"] == "offered"


async def test_a_chosen_record_that_is_enrolled_elsewhere_ends_in_a_transfer(
    staged: Staged, village: Village
) -> None:
    child, corrected = person(1), person(2)
    village.record(corrected, 姓名=child.name)
    village.pupil(corrected, 姓名=child.name)
    stage = await staged(village)
    await looked_up(stage, child.row())
    assert await stage.situations() == {"1": "held:to_confirm"}
    (record_id,) = (await candidates(stage)).values()
    await act(stage, "choice", record_id)
    assert await stage.situations() == {"1": "held:already_enrolled"}


async def test_a_record_another_school_claims_is_chosen_into_the_conflict(
    staged: Staged, village: Village
) -> None:
    child, corrected = person(1), village.child(2)
    village.preschool[0] = {**village.preschool[0], "姓名": child.name}
    stage = await staged(village)
    await looked_up(stage, {**corrected.row(), "姓名": child.name}, school=RIVAL)
    await looked_up(stage, child.row())
    (record_id,) = (await candidates(stage)).values()
    await act(stage, "choice", record_id)
    assert await stage.situations() == {"1": "held:claimed_elsewhere"}
    assert await stage.situations(RIVAL) == {"2": "offered"}
