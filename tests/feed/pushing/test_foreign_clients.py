"""What we deliver is taken by clients we did not write: Standard Webhooks and CloudEvents."""

from datetime import UTC, datetime
from json import dumps

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from gateway.database import Database
from tests.feed.province import children, read
from tests.feed.pushing.lane import SECRET, bench, changes_of, subscribe_to_push
from tests.feed.pushing.receiver import Received, receiving


@pytest.fixture
async def delivered(embedded: Database, request: pytest.FixtureRequest) -> list[Received]:
    """Three changes delivered today, in deliveries of so many."""
    made = await children(embedded, 2)
    async with receiving() as subscriber, bench(embedded) as lanes:
        lanes.clock.set(datetime.now(UTC))  # what clients check is the time of the attempt
        await subscribe_to_push(embedded, "a", subscriber.url, batch=request.param)
        await changes_of(embedded, made, 3)
        await lanes.deliver()
        return subscriber.received


@pytest.mark.parametrize("delivered", [1, 2], indirect=True)
async def test_standard_webhooks_takes_every_delivery(delivered: list[Received]) -> None:
    for request in delivered:
        Webhook(SECRET).verify(request.body, request.headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(request.body + b" ", request.headers)


@pytest.mark.parametrize("delivered", [1], indirect=True)
async def test_cloudevents_reads_an_event_that_comes_alone(
    delivered: list[Received], embedded: Database
) -> None:
    read_by_them = [from_http_event(HTTPMessage(one.headers, one.body)) for one in delivered]
    assert [event.get_extension("sequence") for event in read_by_them] == ["1", "2", "3"]
    assert {event.get_specversion() for event in read_by_them} == {"1.0"}
    assert read_by_them[0].get_type() == "cn.jisui.status.suspended.v1"
    # What is pulled are the same bytes.
    assert b"[" + b",".join(one.body for one in delivered) + b"]" == await read(embedded, "a")


@pytest.mark.parametrize("delivered", [2], indirect=True)
async def test_cloudevents_reads_every_event_of_a_batch(delivered: list[Received]) -> None:
    assert {one.headers["content-type"] for one in delivered} == {
        "application/cloudevents-batch+json"
    }
    reader = JSONFormat()
    events = [reader.read(CloudEvent, dumps(event)) for one in delivered for event in one.events]
    assert [event.get_extension("sequence") for event in events] == ["1", "2", "3"]
    assert len({event.get_id() for event in events}) == 3
