"""What a leak touched and what a year held, as whoever reads all entries would count it."""

import csv
import io
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.access.vocabulary import Role
from gateway.auditing.incidents import Window
from gateway.auditing.yearly import Line, sheet
from gateway.evidence.entry import Action
from gateway.evidence.retaining.classes import load_accounts
from gateway.evidence.tables import entry_subjects
from gateway.feed.tables import status_changes
from gateway.wiring.auditing import wire_accounting, wire_investigating
from gateway.wiring.evidence import number_log
from tests.evidence.logs import entry
from tests.evidence.searching.conftest import Watched
from tests.feed.province import subscribe
from tests.intake.stage import START, Stage, open_stage
from tests.intake.village import SCHOOL, Village

NOTED = entry("")
YEAR = Window(START - timedelta(days=1), START + timedelta(days=1))


def test_every_action_is_accounted_for() -> None:
    assert set(load_accounts()) == {action.value for action in Action}


async def caller_of(watched: Watched, role: str, action: str) -> str:
    written = await watched.stage.entries()
    return next(
        str(one["caller"]) for one in written if (one["role"], one["action"]) == (role, action)
    )


async def test_an_incident_of_one_caller_names_exactly_the_children_it_saw(
    watched: Watched,
) -> None:
    ground = watched.stage.ground
    county = await caller_of(watched, "county", "record.viewed")
    child = ground.sealer.index("child", watched.handover_id)
    later = YEAR.until + timedelta(days=1)
    investigating = wire_investigating(ground)
    found = await investigating.touched(Window(YEAR.since, YEAR.until, county), NOTED)
    # It handed in the list of both, and looked at one.
    assert child in found.children
    assert len(found.children) == 2
    assert set(found.categories) == {"身份信息", "学籍信息"}
    assert [(one.caller, one.provisions) for one in found.recipients] == [(county, 1)]
    assert not (await investigating.touched(Window(YEAR.until, later, county), NOTED)).children
    assert not (await investigating.touched(Window(YEAR.since, later, "no one"), NOTED)).entries


async def test_an_incident_of_everybody_names_every_child_of_any_entry(
    watched_on_each_engine: Watched,
) -> None:
    ground = watched_on_each_engine.stage.ground
    found = await wire_investigating(ground).touched(YEAR, NOTED)
    async with ground.database.reading() as connection:
        named = set((await connection.execute(select(entry_subjects.c.ref))).scalars())
    assert set(found.children) == named
    written = Counter(one["caller"] for one in await watched_on_each_engine.stage.entries())
    written["jisui"] -= 1  # that somebody asked is on record since
    assert Counter({one.caller: one.entries for one in found.recipients}) == written


async def test_children_that_a_stream_told_of_are_touched_by_whoever_read_it(
    migrated_sqlite_url: str, tmp_path: Path
) -> None:
    village = Village()
    child = village.child(1)
    async with open_stage(
        migrated_sqlite_url, tmp_path, village, automatic_acceptance=True
    ) as stage:
        ground = stage.ground
        ours = {"institution": SCHOOL, "areas": "99", "sealer": ground.sealer}
        await subscribe(ground.database, "ours", **ours)
        await stage.submit([child.row()])
        await stage.work()
        path = "/v1/feeds/status-changes?after=0"
        told = await stage.ask("GET", path, Role.SUBSCRIBER, purpose="supervision")
        assert told.status_code == 200
        assert told.json()
        found = await touched_by_subscriber(stage)
        async with ground.database.reading() as connection:
            persons = (await connection.execute(select(status_changes.c.person_id))).scalars()
        assert set(found) == {ground.sealer.index("child", person) for person in persons}
        assert found


async def touched_by_subscriber(stage: Stage) -> tuple[str, ...]:
    await number_log(stage.ground)
    (reader,) = {
        str(one["caller"])
        for one in await stage.entries()
        if one["action"] == Action.FEED_PULLED.value
    }
    found = await wire_investigating(stage.ground).touched(
        Window(YEAR.since, YEAR.until, reader), NOTED
    )
    return found.children


async def test_a_year_in_figures_is_what_counting_all_entries_gives(watched: Watched) -> None:
    written = await watched.stage.entries()
    lines = await wire_accounting(watched.stage.ground).year(2026, NOTED)
    counted = Counter(
        (one["action"], one["role"], one["purpose"], one["outcome"]) for one in written
    )
    assert (
        Counter({(one.action, one.role, one.purpose, one.outcome): one.entries for one in lines})
        == counted
    )
    assert sum(one.approved for one in lines) == sum(bool(one["approver"]) for one in written)
    assert {one.month for one in lines} == {"2026-09"}
    assert await wire_accounting(watched.stage.ground).year(2025, NOTED) == []


@pytest.mark.parametrize("outcome", ["=1+1", "@x"])
def test_no_spreadsheet_evaluates_what_somebody_answered(outcome: str) -> None:
    line = Line("2026-09", "provision", "feed.delivered", "", "", outcome, 1, 0)
    written = sheet([line]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(written)))[1][5] == f"'{outcome}"
