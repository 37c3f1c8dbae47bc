import time

import pytest
from starlette.requests import Request
from starlette.responses import Response

from gateway.web.patience import DEFAULT_SECONDS, LONGEST_SECONDS, patience_of


def asked(*prefer: str) -> tuple[float, str | None]:
    headers = [(b"prefer", text.encode("latin-1")) for text in prefer]
    response = Response()
    seconds = patience_of(Request({"type": "http", "headers": headers}), response)
    return seconds, response.headers.get("Preference-Applied")


@pytest.mark.parametrize(
    ("sent", "seconds", "applied"),
    [
        (["wait=10"], 10.0, "wait=10"),
        (["wait=0"], 0.0, "wait=0"),
        (['wait="7"'], 7.0, "wait=7"),
        (["Wait = 7"], 7.0, "wait=7"),
        (["respond-async, wait=10"], 10.0, "wait=10"),
        (["respond-async"], 0.0, "respond-async"),
        (["respond-async", "wait=3"], 3.0, "wait=3"),
        (["wait=3, wait=20"], 3.0, "wait=3"),
        (['return=minimal; foo="a,b", wait=4'], 4.0, "wait=4"),
        (['note="wait=9, wait=8", wait=4'], 4.0, "wait=4"),
        (["wait=4; foo=bar"], 4.0, "wait=4"),
        (["wait=999999"], LONGEST_SECONDS, "wait=60"),
    ],
)
def test_the_caller_says_how_long_it_waits(sent: list[str], seconds: float, applied: str):
    assert asked(*sent) == (seconds, applied)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "wait",
        "wait=",
        "wait=-1",
        "wait=1.5",
        "wait=\xb2",
        "wait=1e3",
        "handling=lenient",
        "=,;",
    ],
)
def test_what_cannot_be_read_counts_as_not_sent(sent: str):
    assert asked(sent) == (DEFAULT_SECONDS, None)


@pytest.mark.parametrize("sent", ['"' * 8000, "wait=" * 2000, 'a="\\' * 2000, "a;" * 4000])
def test_a_header_made_to_be_slow_is_read_at_once(sent: str):
    began = time.process_time()
    asked(sent)
    assert time.process_time() - began < 0.2
