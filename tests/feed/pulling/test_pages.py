"""Pages are the same bytes for ever, tell all else in headers, and come when there is one."""

import asyncio
import base64
import gzip
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from gateway.evidence.checkpoint_store import Kept, keep
from gateway.evidence.hashing import SHA256
from gateway.evidence.log import recompute
from gateway.evidence.notes import note_bytes
from gateway.evidence.signing import Signatory
from gateway.evidence.tables import entries
from gateway.feed.pulling.routes import LIMIT, PATH
from gateway.feed.pulling.waiting import Heads
from tests.evidence.logs import KEY
from tests.feed.province import NOW
from tests.feed.pulling.door import THEIRS, Door, digest_of


async def test_a_page_is_the_events_alone_and_its_headers_say_the_rest(door: Door) -> None:
    await door.subscribe("a")
    await door.happen(3)
    answer = await door.pull(subscription="a", after=1, limit=1)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/cloudevents-batch+json"
    (event,) = answer.json()
    assert event["sequence"] == "2"
    assert event["specversion"] == "1.0"
    assert answer.headers["Jisui-Feed-Head"] == "3"
    assert answer.headers["Jisui-Feed-Last"] == "2"
    assert answer.headers["Jisui-Feed-Acknowledged"] == "0"
    assert answer.headers["Content-Digest"] == digest_of(answer.content)
    assert answer.headers["Link"] == f'<{PATH}?subscription=a&after=2&limit=1>; rel="next"'


async def test_the_next_link_leads_through_the_whole_stream(door: Door) -> None:
    await door.subscribe("a")
    await door.happen(5)
    numbers: list[str] = []
    path = f"{PATH}?limit=2"
    while events := (answer := await door.pull(path)).json():
        numbers += [event["sequence"] for event in events]
        path = answer.headers["Link"].partition(">")[0].removeprefix("<")
    assert numbers == ["1", "2", "3", "4", "5"]


async def test_the_newest_evidence_root_comes_with_every_page(door: Door) -> None:
    await door.subscribe("a")
    await door.happen(1)
    await door.pull()
    for _ in range(2):
        async with door.database.transaction() as connection:
            await door.log.number(connection)
            size, root = await recompute(connection)
            signatory = Signatory("a-log", KEY, SHA256, witnessed=False)
            checkpoint = signatory.checkpoint(size, bytes.fromhex(root))
            note = note_bytes(signatory.sign(checkpoint))
            await keep(connection, Kept(checkpoint, note, door.clock.now()), waits=False)
        answer = await door.pull()
        assert size > 0
        assert answer.headers["Jisui-Evidence-Size"] == str(size)
        assert answer.headers["Jisui-Evidence-Root"] == root


async def test_what_is_known_already_is_not_sent_again(door: Door) -> None:
    await door.subscribe("a")
    await door.happen(2)
    first = await door.pull(limit=1)
    again = await door.pull(limit=1, more={"If-None-Match": f'"x", {first.headers["ETag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Jisui-Feed-Head"] == "2"
    assert (await door.pull(limit=2, more={"If-None-Match": first.headers["ETag"]})).is_success


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("br, GZIP;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("gzip; q=0.000, br", None),
        ("gzip;q=nonsense", None),
        ("identity", None),
        ("xgzip", None),
    ],
)
async def test_gzip_is_for_those_who_ask(door: Door, accepted: str, coding: str | None) -> None:
    await door.subscribe("a")
    await door.happen(2)
    plain, asked = await door.pull(), {"Accept-Encoding": accepted, **await door.headers()}
    async with door.client.stream("GET", PATH, headers=asked) as answer:
        content = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.headers["Content-Digest"] == digest_of(content)
    assert (gzip.decompress(content) if coding else content) == plain.content
    assert (answer.headers["ETag"] == plain.headers["ETag"]) == (coding is None)


async def test_an_empty_page_is_plain_for_everybody(door: Door) -> None:
    await door.subscribe("a")
    answer = await door.pull(more={"Accept-Encoding": "gzip"})
    assert (answer.content, answer.headers.get("Content-Encoding")) == (b"[]", None)


async def test_a_page_is_signed_like_a_delivery_and_its_id_names_range_and_head(door: Door) -> None:
    secrets = await door.subscribe("a")
    await door.happen(3)
    answer = await door.pull(after=1, limit=1)
    named, stamp = answer.headers["webhook-id"], answer.headers["webhook-timestamp"]
    assert named == "a-1-2-3"
    assert int(stamp) == NOW.timestamp()
    proofs = dict(proof.split(",") for proof in answer.headers["webhook-signature"].split())
    assert proofs.keys() == {"v1", "v1a"}
    key = secrets.signing_key.public_key()
    message = f"{named}.{stamp}.".encode() + answer.content
    key.verify(_decoded(proofs["v1a"]), message)
    with pytest.raises(InvalidSignature):
        key.verify(_decoded(proofs["v1a"]), message.replace(b"-3.", b"-4."))
    assert isinstance(key, Ed25519PublicKey)


def _decoded(proof: str) -> bytes:
    return base64.b64decode(proof, validate=True)


async def test_whoever_waits_is_answered_when_an_event_comes(door: Door) -> None:
    await door.subscribe("a")
    loop = asyncio.get_running_loop()
    waiting = asyncio.create_task(door.pull(wait=30))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    began = loop.time()
    await door.happen(1)
    answer = await waiting
    assert [event["sequence"] for event in answer.json()] == ["1"]
    assert loop.time() - began < 5


async def test_whoever_waits_in_vain_is_told_the_head(door: Door) -> None:
    await door.subscribe("a")
    await door.happen(2)
    answer = await door.pull(after=2, wait=0.2)
    assert (answer.content, answer.headers["Jisui-Feed-Head"]) == (b"[]", "2")


async def test_forty_who_wait_hold_no_connection(door: Door) -> None:
    await door.subscribe("a")
    waiting = [asyncio.create_task(door.pull(wait=20)) for _ in range(40)]
    await asyncio.sleep(0.2)
    await door.happen(1)  # more wait than the store has connections
    answers = await asyncio.gather(*waiting)
    assert {answer.headers["Jisui-Feed-Last"] for answer in answers} == {"1"}


async def test_what_is_not_the_callers_reads_like_what_is_not_there(door: Door) -> None:
    await door.subscribe("a")
    await door.happen(1)
    forbidden = await door.pull(subscription="a", institution=THEIRS)
    absent = await door.pull(subscription="b", institution=THEIRS)
    assert forbidden.status_code == absent.status_code == 404
    told = [{**answer.json(), "trace_id": ""} for answer in (forbidden, absent)]
    assert told[0] == told[1]
    assert (await door.acknowledge(0, institution=THEIRS)).status_code == 404


async def test_of_two_subscriptions_one_has_to_be_named(door: Door) -> None:
    await door.subscribe("a")
    await door.subscribe("b")
    assert (await door.pull()).status_code == 404
    assert (await door.pull(subscription="b")).status_code == 200


async def test_a_position_beyond_the_stream_is_told_and_not_waited_for(door: Door) -> None:
    await door.subscribe("a")
    await door.happen(1)
    answer = await door.pull(after=2, wait=30)
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "beyond_head"


@pytest.mark.parametrize("asked", [{"limit": LIMIT + 1}, {"limit": 0}, {"after": -1}, {"wait": 61}])
async def test_what_is_asked_has_bounds(door: Door, asked: dict[str, int]) -> None:
    await door.subscribe("a")
    assert (await door.pull(**asked)).status_code == 422


async def test_every_page_with_events_is_on_record(door: Door) -> None:
    await door.subscribe("a")
    await door.happen(2)
    page = await door.pull()
    await door.pull(after=2)
    async with door.database.reading() as connection:
        written = (await connection.execute(select(entries.c.canonical))).scalars()
        told = [json.loads(entry[1:]) for entry in written]
    (entry,) = [entry for entry in told if entry["action"] == "feed.pulled"]
    assert entry["content"] == {
        "after": "0",
        "last": "2",
        "events": page.headers["ETag"].strip('"'),
    }


async def test_a_store_that_fails_for_a_moment_lets_nobody_wait_for_ever(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    await door.subscribe("a")
    wake, failures = Heads._wake, []

    async def failing(heads: Heads) -> None:
        if len(failures) < 2:
            failures.append(heads)
            raise OSError
        await wake(heads)

    monkeypatch.setattr(Heads, "_wake", failing)
    waiting = asyncio.create_task(door.pull(wait=20))
    await asyncio.sleep(0.1)
    await door.happen(1)
    assert (await waiting).headers["Jisui-Feed-Last"] == "1"
    assert len(failures) == 2
