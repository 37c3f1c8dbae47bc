"""Answers of a batch are noted on the records its office holds, where they make the same claim."""

from sqlalchemy import select

from gateway.access.vocabulary import Role
from gateway.verification.problems.tables import problem_findings
from tests.intake.village import Village
from tests.verification.batches.conftest import Office, Opened


async def test_a_mismatch_is_noted_on_the_record_only_where_it_was_asked_for_and_claims_the_same(
    opened: Opened, village: Village
) -> None:
    ann, ben, cleo = (village.child(serial) for serial in (1, 2, 3))
    office = await opened(village)
    await office.stage.submit([one.row() for one in (ann, ben, cleo)])
    await office.stage.work()
    held = await office.stage.handovers()
    # Meanwhile the police know Ann and Ben under other names.
    for child in (ann, ben):
        await office.stage.change("population", {"GMSFHM": child.document}, {"XM": "另名"})
    told = [ann.row(), ben.row(姓名="笔误"), cleo.row()]
    await office.accepted(told)
    await office.stage.work()
    assert await _noted(office) == set()
    batch_id = await office.accepted(told, query="?open_problems=true")
    await office.stage.work()
    assert await office.counts(batch_id) == {"MATCH": 1, "NAME_MISMATCH": 2}
    assert await _noted(office) == {held["1"].handover_id}


async def test_a_county_notes_on_its_schools_records_and_none_beyond(
    opened: Opened, village: Village
) -> None:
    ann = village.child(1)
    office = await opened(village)
    await office.stage.submit([ann.row()])
    await office.stage.work()
    await office.stage.change("population", {"GMSFHM": ann.document}, {"XM": "另名"})
    elsewhere = {"role": Role.COUNTY, "area": "990001", "query": "?open_problems=true"}
    await office.accepted([ann.row()], **elsewhere)
    await office.stage.work()
    assert await _noted(office) == set()
    await office.accepted([ann.row()], **{**elsewhere, "area": "999999"})
    await office.stage.work()
    assert len(await _noted(office)) == 1


async def _noted(office: Office) -> set[str]:
    query = select(problem_findings.c.subject_id).where(problem_findings.c.cleared_at.is_(None))
    async with office.stage.ground.database.reading() as connection:
        return set((await connection.execute(query)).scalars())
