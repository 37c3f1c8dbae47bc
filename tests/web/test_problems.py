import re

import pytest

from gateway.web.problems import Fault, Kind, Problem, catalogue, document, render


def test_every_kind_has_a_row_with_cause_and_remedy_in_both_languages():
    assert set(catalogue()) == set(Kind)
    for row in catalogue().values():
        assert row.fault in {"caller", "gateway", "system"}
        for zh in (row.title, row.detail, row.remedy):
            assert re.search("[一-鿿]", zh), row.kind
        for en in (row.title_en, row.detail_en, row.remedy_en):
            assert en.isascii(), row.kind
            assert en, row.kind


def test_whose_fault_a_problem_is_follows_its_status():
    for row in catalogue().values():
        assert (row.status < 500) == (row.fault == "caller"), row.kind


def test_a_fault_of_the_gateway_is_flagged_and_one_of_the_caller_is_not():
    assert render(Problem(Kind.INTERNAL), "t").headers["X-Road-Error"] == "internal"
    assert "X-Road-Error" not in render(Problem(Kind.NOT_FOUND), "t").headers
    assert (
        "X-Road-Error" not in render(Problem(Kind.SYSTEM_REFUSED, system="preschool"), "t").headers
    )


def test_what_is_said_in_particular_stands_in_place_of_the_catalogue():
    problem = Problem(
        Kind.CONFLICT, detail="已确认。", detail_en="Confirmed.", members={"state": "x"}
    )
    said = document(problem, "trace-1")
    assert (said["detail"], said["detail_en"], said["state"]) == ("已确认。", "Confirmed.", "x")
    assert said["trace_id"] == "trace-1"


@pytest.mark.parametrize(("seconds", "header"), [(0.2, "1"), (89.6, "90")])
def test_a_wait_is_told_in_whole_seconds(seconds: float, header: str):
    assert (
        render(Problem(Kind.UNAVAILABLE, retry_after=seconds), "t").headers["Retry-After"] == header
    )


def test_faults_name_a_place_and_a_reason():
    said = document(Problem(Kind.INVALID_REQUEST, [Fault("missing", "#/a", "缺", "missing")]), "t")
    assert said["errors"] == [
        {"code": "missing", "pointer": "#/a", "detail": "缺", "detail_en": "missing"}
    ]
