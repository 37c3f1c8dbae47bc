"""The platform's signature, held against worked examples and the platform's own rule."""

from datetime import UTC, datetime

import pytest

from adapters.population.zhejiang.signature import request_time, sign, signed
from adapters.population.zhejiang.simulator import DEMO_APP_KEY, DEMO_APP_SECRET

TIME = "1700000000000"
WORKED = [
    (DEMO_APP_SECRET, "4dd934725296652278cbac561263e3b4"),
    ("refSecret-demo-0001", "b70bc4559ce3f16baa293cfa5cc62622"),
    ("reqSecret-demo-0001", "52a6fdb2b382687062ee032148dbb1af"),
]


@pytest.mark.parametrize(("secret", "expected"), WORKED)
def test_the_signature_is_that_of_the_worked_examples(secret: str, expected: str) -> None:
    assert sign(DEMO_APP_KEY, secret, TIME) == expected


def test_the_time_is_written_in_milliseconds_and_signed() -> None:
    at = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert request_time(at) == TIME
    assert signed(DEMO_APP_KEY, "reqSecret-demo-0001", at) == {
        "appKey": DEMO_APP_KEY,
        "sign": "52a6fdb2b382687062ee032148dbb1af",
        "requestTime": TIME,
    }
