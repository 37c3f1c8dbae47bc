"""What public security is told: yes, no or cannot say, and no more than its purpose needs."""

import json
from itertools import product

from gateway.access.vocabulary import Role
from tests.intake.village import SCHOOL
from tests.verification.enrolment_queries.conftest import (
    ANN,
    APPROVER,
    BEN,
    CLEO,
    COUNTY,
    DAN,
    FAR_UNIT,
    NOBODY,
    OFFICER,
    OTHER_UNIT,
    RIVAL,
    SMALL,
    UNIT,
    child,
)

NOTHING = {"enrolled": "cannot_say", "since": None, "area": None, "school": None}


async def test_a_child_that_was_carried_is_enrolled_since_it_reported_and_in_its_county(bureau):
    (said,) = await bureau.says(child(ANN))
    assert said == {
        "row": 1,
        "enrolled": "yes",
        "since": "2026-09",
        "area": COUNTY,
        "school": None,
    }


async def test_each_child_of_a_batch_is_answered_by_itself_and_in_its_row(bureau):
    said = await bureau.says(*map(child, (ANN, BEN, CLEO, DAN, NOBODY, SMALL)))
    assert [one["row"] for one in said] == [1, 2, 3, 4, 5, 6]
    assert [one["enrolled"] for one in said] == [
        "yes",
        "no",  # left its school, and none stands
        "cannot_say",  # a pupil, but in another province
        "cannot_say",  # not approved
        "cannot_say",  # nobody
        "yes",  # in a kindergarten
    ]
    assert said[5]["since"] == "2023-09"


async def test_the_absent_the_shielded_and_whoever_is_out_of_reach_read_alike(bureau):
    await bureau.shield(ANN)
    said = await bureau.says(*map(child, (NOBODY, ANN, CLEO, DAN)))
    assert [{**one, "row": 0} for one in said] == [{"row": 0, **NOTHING}] * 4
    await bureau.shield(ANN, shielded=False)
    (again,) = await bureau.says(child(ANN))
    assert again["enrolled"] == "yes"


async def test_whoever_knows_the_number_and_not_the_name_is_told_nothing(bureau):
    for guess in (child(ANN, name="虚构九"), child(ANN, name=" ")):
        (said,) = await bureau.says(guess)
        assert said == {"row": 1, **NOTHING}


async def test_each_purpose_reaches_and_is_told_what_it_needs(bureau):
    entitled = {
        ("missing_child", OTHER_UNIT): {"since", "area"},
        ("case", OTHER_UNIT): {"since", "area"},
        ("population", UNIT): {"area"},
    }
    for purpose, unit in product(("missing_child", "case", "population"), (OTHER_UNIT, FAR_UNIT)):
        entitled.setdefault((purpose, unit), set())
    for (purpose, unit), told in entitled.items():
        (said,) = await bureau.says(child(ANN), purpose=purpose, unit=unit)
        assert said["enrolled"] == ("yes" if told else "cannot_say"), (purpose, unit)
        assert {n for n in ("since", "area", "school") if said[n]} == told, (purpose, unit)


async def test_an_urgent_search_for_a_missing_child_names_the_school(bureau):
    answer = await bureau.ask(child(ANN), purpose="missing_child", urgent=True, unit=OTHER_UNIT)
    (said,) = answer.json()["answers"]
    assert said["school"] == {"code": SCHOOL, "name": "虚构小学100"}
    assert answer.json()["paper_due_at"] == "2026-09-04T02:00:00Z"


async def test_a_register_that_says_the_child_has_left_is_believed(bureau):
    stage = bureau.stage
    await stage.change("student_status", {"学籍号": ANN.number}, {"学籍状态": "退学"})
    stage.clock.advance(60)
    await stage.work()
    (said,) = await bureau.says(child(ANN))
    assert said == {"row": 1, **NOTHING, "enrolled": "no"}


async def test_a_child_is_found_under_any_number_it_ever_had(bureau):
    stage = bureau.stage
    # The register corrects the number and, with it, loses the document.
    await stage.change(
        "student_status",
        {"学籍号": ANN.number},
        {"学籍号": f"L{ANN.document}", "身份证件类型": "无", "身份证件号": ""},
    )
    stage.clock.advance(60)
    await stage.work()
    await stage.change("student_status", {"学籍号": f"L{ANN.document}"}, {"学籍状态": "退学"})
    stage.clock.advance(60)
    await stage.work()
    (said,) = await bureau.says(child(ANN))
    assert said["enrolled"] == "no"


async def test_what_cannot_be_meant_is_said_so_and_answers_nothing(bureau):
    wrong = [
        ({"approver": OFFICER}, "#/approver"),
        ({"approver": f" {OFFICER} "}, "#/approver"),
        ({"approver": "０１２３４５"}, "#/approver"),  # full-width digits are the same person
        ({"urgent": True}, "#/urgent"),
    ]
    for how, pointer in wrong:
        answer = await bureau.ask(child(ANN), **how)
        assert answer.status_code == 422, how
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    many = await bureau.ask(*[child(ANN)] * 6, purpose="missing_child", urgent=True)
    assert [fault["pointer"] for fault in many.json()["errors"]] == ["#/children"]


async def test_a_document_that_nobody_can_be_found_by_is_turned_away(bureau):
    wrong_check = "0" if ANN.document[-1] != "0" else "1"
    for document in (
        {"number": ANN.document[:-1] + wrong_check},
        {"number": "8" + ANN.document[1:]},
        {"kind": "A", "number": "P1234567"},  # without birth date and sex
    ):
        answer = await bureau.ask(child(ANN, document=document))
        assert answer.status_code == 422, document
        assert ANN.document[:17] not in answer.text


async def test_a_thousand_children_are_one_query_and_one_more_is_none(bureau):
    nobody = child(NOBODY)
    assert len(await bureau.says(*[nobody] * 1000)) == 1000
    assert (await bureau.ask(*[nobody] * 1001)).status_code == 422


async def test_a_query_names_everybody_behind_it(bureau):
    answer = (await bureau.ask(child(ANN))).json()
    named = ("unit", "officer", "approver", "document_number", "purpose")
    assert [answer[name] for name in named] == [UNIT, OFFICER, APPROVER, "case-1", "case"]
    assert answer["basis"] == "刑事诉讼法；治安管理处罚法"
    assert ANN.document not in json.dumps(answer)


async def test_schools_and_counties_ask_in_no_name_but_their_own(bureau):
    body = {"children": [child(ANN)], "approver": APPROVER}
    for role in Role:
        if role is not Role.PUBLIC_SECURITY:
            answer = await bureau.stage.ask(
                "POST", "/v1/enrolment-queries", role, json=body, purpose="case"
            )
            assert answer.status_code == 404, role


async def test_a_repeat_under_the_same_key_is_told_the_same_and_weighed_no_second_time(bureau):
    first = await bureau.ask(child(ANN), child(NOBODY), key="k-1")
    again = await bureau.ask(child(ANN), child(NOBODY), key="k-1")
    assert again.json() == first.json()
    assert (await bureau.ask(child(ANN), key="k-1")).status_code == 422
    asked = await bureau.entries("enrolment.asked")
    assert len(asked) == 1
    told = [entry["outcome"] for entry in await bureau.entries("enrolment.answered")]
    assert told == ["answered", "repeated"]


async def test_a_repeat_says_nothing_of_a_child_who_was_shielded_meanwhile(bureau):
    first = await bureau.ask(child(ANN), child(BEN), key="k-1")
    await bureau.shield(ANN)
    again = await bureau.ask(child(ANN), child(BEN), key="k-1")
    assert again.json()["answers"] == [{"row": 1, **NOTHING}, first.json()["answers"][1]]


async def test_question_and_answer_are_on_record_with_one_salted_hash_a_child(bureau):
    answer = (await bureau.ask(child(ANN), child(BEN), child(NOBODY))).json()
    (asked,) = await bureau.entries("enrolment.asked")
    (answered,) = await bureau.entries("enrolment.answered")
    for entry in (asked, answered):
        assert entry["object"] == answer["query_id"]
        assert (entry["actor"], entry["approver"]) == (OFFICER, APPROVER)
        assert (entry["institution"], entry["case"]) == (UNIT, "case-1")
        assert len(set(entry["subjects"])) == 3
    assert answered["content"] == {"children": "3", "yes": "1", "no": "1"}
    assert RIVAL not in json.dumps(answered)
