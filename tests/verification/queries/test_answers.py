import json
from typing import Any

import pytest
from sqlalchemy import select

from contracts.outcomes import Outcome
from gateway.access.vocabulary import Role
from gateway.evidence.tables import entries
from gateway.verification.queries.tables import identity_queries
from gateway.verification.tables import verifications
from tests.intake.village import OTHER_COUNTY, RIVAL
from tests.verification.queries.conftest import ANN, BEN, NOBODY, Opened, claim

PASSPORT = {"document": {"kind": "A", "number": "E12345678"}, "name": "测试"}
YES, NO, CANNOT_SAY = "yes", "no", "cannot_say"


@pytest.mark.parametrize(
    ("told", "outcome", "held"),
    [
        (claim(ANN), "MATCH", {"number": YES, "name": YES}),
        (claim(BEN), "NAME_MISMATCH", {"number": YES, "name": NO}),
        (claim(NOBODY), "NOT_ON_FILE", {"number": NO, "name": CANNOT_SAY}),
        (
            claim(ANN, born_on="2020-01-01", sex="1"),
            "MATCH",
            {"number": YES, "name": YES, "born_on": YES, "sex": YES},
        ),
    ],
)
async def test_a_claim_is_answered_attribute_by_attribute(
    opened: Opened, told: dict[str, Any], outcome: str, held: dict[str, str]
):
    counter = await opened()
    answer = await counter.ask(told)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["state"], said["outcome"]) == ("answered", outcome)
    assert {name: each for name, each in said["attributes"].items() if each} == held
    assert (said["age_seconds"], said["recalled"]) == (0, False)
    assert answer.headers["Preference-Applied"] == "wait=10"
    assert await counter.asked() == 1


@pytest.mark.parametrize(
    ("told", "outcome", "held"),
    [
        (claim(ANN, born_on="2020-01-02"), "INVALID_CLAIM", {"born_on": NO}),
        (claim(ANN, sex="2", born_on="2020-01-01"), "INVALID_CLAIM", {"sex": NO, "born_on": YES}),
        (claim(ANN, document={"number": "999999202001010110"}), "INVALID_CLAIM", {}),
        (PASSPORT, "NOT_APPLICABLE", {}),
        (claim(ANN, document={"number": "810000202001010118"}), "NOT_APPLICABLE", {}),
    ],
)
async def test_what_is_wrong_already_is_answered_without_asking(
    opened: Opened, told: dict[str, Any], outcome: str, held: dict[str, str]
):
    counter = await opened()
    answer = await counter.ask(told)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["outcome"] == outcome
    expected = {"number": CANNOT_SAY, "name": CANNOT_SAY} | held
    assert {name: each for name, each in said["attributes"].items() if each} == expected
    assert said["answered_at"] is None
    assert await counter.asked() == 0


async def test_the_answer_holds_nothing_that_was_told_and_nothing_of_the_register(opened: Opened):
    counter = await opened()
    text = (await counter.ask(claim(BEN))).text
    for secret in (BEN.document, BEN.name, "另名", "20200101", "2020-01-01"):
        assert secret not in text


async def test_a_question_is_kept_apart_from_another_by_everything_that_was_told(opened: Opened):
    counter = await opened()
    told = [
        claim(ANN),
        claim(ANN, name="别名"),
        claim(ANN, sex="1"),
        claim(ANN, born_on="2020-01-01"),
        claim(BEN),
    ]
    answers = [(await counter.ask(each)).json() for each in [*told, told[0]]]
    questions = [answer["question"] for answer in answers]
    assert len(set(questions)) == len(told)
    assert questions[0] == questions[-1]
    assert len({answer["answer"] for answer in answers}) == len(answers)


async def test_who_asked_what_was_answered_and_who_saw_it_is_on_record(
    opened_on_each_engine: Opened,
):
    counter = await opened_on_each_engine()
    said = (await counter.ask(claim(ANN))).json()
    await counter.read(said["verification_id"], Role.LEADER)
    written = [
        (entry["action"], entry["outcome"], entry["actor"])
        for entry in await counter.stage.entries()
        if entry["action"] not in ("caller.changed", "lane.resumed")
    ]
    assert written == [
        ("verification.requested", "asked", "clerk.zhang"),
        ("register.asked", "asked", ""),
        ("register.answered", "answered", ""),
        ("record.viewed", "verification", "clerk.zhang"),
        ("record.viewed", "verification", "leader.li"),
    ]
    viewed = [e["content"] for e in await counter.stage.entries() if e["action"] == "record.viewed"]
    assert {each["answer"] for each in viewed} == {said["answer"]}
    assert {each["question"] for each in viewed} == {said["question"]}


async def test_nothing_of_a_claim_lies_in_the_store_in_the_clear(opened: Opened):
    counter = await opened()
    await counter.ask(claim(ANN), key="k-1")
    async with counter.stage.ground.database.reading() as connection:
        for table in (verifications, identity_queries, entries):
            for row in await connection.execute(select(table)):
                text = repr([bytes(c) if isinstance(c, memoryview) else c for c in row])
                assert ANN.document not in text
                assert ANN.name not in text


async def test_an_answer_is_bound_to_its_question_and_can_be_computed_again(opened: Opened):
    import hashlib

    counter = await opened()
    said = (await counter.ask(claim(ANN))).json()
    (call,) = {
        entry["object"]
        for entry in await counter.stage.entries()
        if entry["action"] == "register.answered"
    }
    answer = {
        "answered_at": said["answered_at"].replace("Z", "+00:00"),
        "as_of": said["as_of"],
        "attributes": {name: held for name, held in said["attributes"].items() if held},
        "call": call,
        "id": said["verification_id"],
        "outcome": said["outcome"],
        "question": said["question"],
    }
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert said["answer"] == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("role", "who", "status"),
    [
        (Role.CLERK, {}, 200),
        (Role.LEADER, {}, 200),
        (Role.COUNTY, {}, 200),
        (Role.CLERK, {"institution": RIVAL}, 404),
        (Role.COUNTY, {"area": OTHER_COUNTY}, 404),
        (Role.CLERK, {"purpose": "supervision"}, 404),
        (Role.AUDITOR, {"purpose": "audit"}, 404),
    ],
)
async def test_an_answer_is_read_within_reach_and_nowhere_else(
    opened: Opened, role: Role, who: dict[str, str], status: int
):
    counter = await opened()
    query_id = (await counter.ask(claim(ANN))).json()["verification_id"]
    assert (await counter.read(query_id, role, **who)).status_code == status
    assert (await counter.read("0" * 32, role, **who)).status_code == 404


async def test_a_query_opens_no_problem_record(opened: Opened):
    from gateway.verification.problems.tables import problem_findings

    counter = await opened()
    assert (await counter.ask(claim(BEN))).json()["outcome"] == Outcome.NAME_MISMATCH
    async with counter.stage.ground.database.reading() as connection:
        assert (await connection.execute(select(problem_findings))).all() == []


@pytest.mark.parametrize(
    "told",
    [
        {},
        claim(ANN, name=""),
        claim(ANN, more="x"),
        claim(ANN, born_on=20200101),
        claim(ANN, born_on="2020-1-1"),
        claim(ANN, born_on="2020-02-30"),
        claim(ANN, sex="3"),
        claim(ANN, document={"kind": "1"}),
        claim(ANN, document={"kind": "身份证", "number": "1"}),
    ],
)
async def test_what_breaks_the_contract_is_refused_without_repeating_it(
    opened: Opened, told: dict[str, Any]
):
    counter = await opened()
    answer = await counter.ask(told)
    assert answer.status_code == 422
    assert ANN.document not in answer.text
    assert await counter.asked() == 0
