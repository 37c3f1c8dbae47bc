import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway.logs import bind_trace, configure_logs, trace_id
from gateway.masking import holds_a_personal_number, mask
from tests.access.desk import Desk
from tests.api.test_api import headers

CANARY = "999999201801010014"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything logged during the test; afterwards logging is as it was."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    configure_logs("DEBUG", stream)
    yield stream
    root.handlers[:], root.level = before
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_json_line_with_its_trace_id(written: io.StringIO):
    bind_trace("trace-1")
    structlog.get_logger("jisui.test").info("carried", handovers=3)
    (line,) = lines(written)
    assert (line["event"], line["handovers"], line["trace_id"]) == ("carried", 3, "trace-1")
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")
    assert trace_id() == "trace-1"


def test_numbers_are_masked_anywhere_and_names_under_their_keys(written: io.StringIO):
    structlog.get_logger().warning(
        f"odd {CANARY}",
        number="L123",
        name="王小明",
        姓名="王小明",
        row={"xm": "王小明", "note": [f"G{CANARY}", {"deep": f"身份证{CANARY}号"}]},
    )
    text = written.getvalue()
    assert CANARY not in text
    assert "王小明" not in text
    assert "L123" not in text


def test_a_librarys_own_words_are_masked_too(written: io.StringIO):
    logging.getLogger("some.library").error("failed for %s", CANARY)
    (line,) = lines(written)
    assert line["event"] == "failed for ***"
    assert line["logger"] == "some.library"


def test_an_exception_is_told_by_type_and_place_and_not_by_its_text(written: io.StringIO):
    try:
        raise ValueError(f"王小明 {CANARY}")
    except ValueError:
        structlog.get_logger().exception("it_broke")
        logging.getLogger("some.library").exception("it broke")
    for line in lines(written):
        assert line["error"] == "ValueError"
        assert any("test_logs.py" in place for place in line["places"])
    assert "王小明" not in written.getvalue()
    assert CANARY not in written.getvalue()


async def test_a_request_is_logged_by_its_route_and_a_bug_by_its_place(
    written: io.StringIO, client: httpx.AsyncClient, desk: Desk
):
    told = await headers(desk, **{"X-Road-Id": "trace-of-the-bug"})
    await client.get("/v1/broken", headers=told)
    await client.get(f"/v1/handovers/{CANARY}", headers=told)
    said = lines(written)
    bug = next(line for line in said if line["event"] == "unhandled_failure")
    assert (bug["error"], bug["trace_id"]) == ("RuntimeError", "trace-of-the-bug")
    assert any("broken" in place for place in bug["places"])
    routes = [line["route"] for line in said if line["event"] == "request"]
    assert routes == ["/v1/broken", "/v1/handovers/{institution}"]
    assert CANARY not in written.getvalue()


@given(
    st.from_regex(r"[GJL]?[1-9][0-9]{16}[0-9X]", fullmatch=True), st.sampled_from("，:/ \n\"'（")
)
def test_eighteen_digits_standing_alone_are_always_masked(number: str, beside: str):
    assert number not in mask(f"a{beside}{number}{beside}b")


@given(st.from_regex(r"[a-z]{1,5}", fullmatch=True))
def test_a_number_with_a_birth_date_is_masked_inside_other_text(beside: str):
    assert holds_a_personal_number(f"{beside}{CANARY}{beside}")


def test_ids_in_hexadecimal_and_instants_are_left_alone():
    for harmless in ("0198f3c2a1b07c4e9d2b1234567890ab", "2026-09-01T08:00:00.123456Z", "12345678"):
        assert mask(harmless) == harmless
