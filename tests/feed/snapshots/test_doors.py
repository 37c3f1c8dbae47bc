"""A subscriber fetches its snapshot over the door; a school redeems its ticket, once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.access.vocabulary import Role
from gateway.evidence import Actor
from gateway.feed.snapshots.manifest import NotGenuine, open_snapshot
from gateway.feed.subscribing.tables import claim_tickets
from gateway.feed.subscribing.wanted import Wanted
from gateway.wiring.subscriptions import wire_granting
from tests.attacks.strangers import Place, Strangers
from tests.attacks.subscriber import a_ticket
from tests.feed.province import change, children, record
from tests.feed.subscribing.office import terms
from tests.intake.stage import Stage, open_stage
from tests.intake.village import RIVAL, SCHOOL, Village

OPERATOR = Actor("jisui", "operator", "operator", "")


@pytest.fixture
async def stage(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """The whole gateway, with three children of another province in its feed."""
    async with open_stage(migrated_sqlite_url, tmp_path, Village()) as opened:
        made = await children(opened.ground.database, 3)
        await record(opened.ground.database, [change(child) for child in made])
        yield opened


async def grant(stage: Stage) -> tuple[str, str]:
    """A subscription of the school's house; its id and public key."""
    wanted = Wanted("a province", SCHOOL, terms("33"))
    async with stage.ground.database.transaction() as connection:
        granted = await wire_granting(stage.ground).grant(connection, wanted, OPERATOR)
    return granted[0].subscription_id, granted[1].public_key


async def test_a_snapshot_is_asked_for_taken_and_fetched_file_by_file(
    stage: Stage, tmp_path: Path
) -> None:
    subscription, public_key = await grant(stage)
    await stage.work()
    headers = await Strangers(stage.ground).headers(Role.SUBSCRIBER, Place.OWN, "supervision")
    path = f"/v1/subscriptions/{subscription}/snapshots"
    first = await stage.door.post(path, headers=headers)
    again = await stage.door.post(path, headers=headers)
    assert (first.status_code, first.json()["state"]) == (202, "asked")
    assert again.json()["snapshot_id"] == first.json()["snapshot_id"]
    one = f"{path}/{first.json()['snapshot_id']}"
    assert (await stage.door.get(f"{one}/manifest", headers=headers)).status_code == 404
    await stage.work()
    headers = await Strangers(stage.ground).headers(Role.SUBSCRIBER, Place.OWN, "supervision")
    ready = (await stage.door.get(one, headers=headers)).json()
    assert (ready["state"], ready["files"]) == ("ready", 1)
    manifest = await stage.door.get(f"{one}/manifest", headers=headers)
    file = await stage.door.get(f"{one}/files/1", headers=headers)
    assert (await stage.door.get(f"{one}/files/2", headers=headers)).status_code == 404
    folder = tmp_path / "fetched"
    folder.mkdir()
    (folder / "manifest.json").write_bytes(manifest.content)
    (folder / "manifest.json.sig").write_text(manifest.headers["Jisui-Signature"])
    with pytest.raises(NotGenuine):
        open_snapshot(folder, public_key)
    (folder / "part-00001.jsonl.gz").write_bytes(file.content)
    opened = open_snapshot(folder, public_key)
    assert (opened.next_number, opened.children) == (ready["next"], 3)
    actions = [entry["action"] for entry in await stage.entries()]
    assert actions.count("snapshot.taken") == 1
    assert actions.count("snapshot.fetched") == 1


async def test_a_ticket_is_good_once_for_its_school_and_never_for_another(stage: Stage) -> None:
    subscription, _ = await grant(stage)
    child = Village().child(1)
    ticket = await a_ticket(stage, subscription, child, SCHOOL)

    async def redeem(place: Place) -> tuple[int, dict[str, object]]:
        headers = await Strangers(stage.ground).headers(Role.CLERK, place, "enrolment")
        sent = {"ticket": ticket}
        answer = await stage.door.post("/v1/claim-tickets", headers=headers, json=sent)
        return answer.status_code, answer.json()

    assert SCHOOL != RIVAL
    assert (await redeem(Place.RIVAL))[0] == 404
    code, told = await redeem(Place.OWN)
    assert (code, told) == (200, {"number": child.number, "handover_id": None, "school": SCHOOL})
    assert (await redeem(Place.OWN))[0] == 409
    assert (await redeem(Place.RIVAL))[0] == 404


async def test_a_ticket_past_its_time_is_good_no_more(stage: Stage) -> None:
    subscription, _ = await grant(stage)
    ticket = await a_ticket(stage, subscription, Village().child(1), SCHOOL)
    async with stage.ground.database.transaction() as connection:
        await connection.execute(claim_tickets.update().values(expires_at=stage.clock.now()))
    headers = await Strangers(stage.ground).headers(Role.CLERK, Place.OWN, "enrolment")
    sent = {"ticket": ticket}
    answer = await stage.door.post("/v1/claim-tickets", headers=headers, json=sent)
    assert answer.status_code == 409
