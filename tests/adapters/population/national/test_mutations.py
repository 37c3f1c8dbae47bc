"""The law: whatever is done to an answer, no claim gets a verdict that was not said of it.

`JISUI_MUTATIONS` sets how many spoilt answers are tried over all dialects; an eighth of them here,
a twentieth of those the whole way.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Callable
from html import escape, unescape
from random import Random

import httpx2 as httpx
import pytest

from adapters.population.national.answers import judge, read_answer
from adapters.population.national.contract import CHECK, Party, load_match_codes, load_schema
from adapters.population.national.demo import DEMO_CHECK
from adapters.population.national.signature import seal_secret
from adapters.population.national.simulated_answer import (
    Answered,
    AnsweredRow,
    write_envelope,
    write_package,
)
from adapters.population.national.simulated_secret import day_end, day_secret
from adapters.simulation.clock import SimulatorClock
from adapters.transport import open_client
from contracts.capabilities import Asker, Claim, Verdict
from contracts.errors import SystemFailure
from contracts.outcomes import Outcome
from tests.adapters.population.national.invented import NOON, open_adapter

TRIES = int(os.environ.get("JISUI_MUTATIONS", "40000")) // 8
ANSWER, CODES = load_schema(CHECK.schema), load_match_codes()
PARTY = Party("population", CHECK.operation)
QUESTION = "4a41a7ab-9c9d-5c24-a0a6-3a9f8f3b7c11"
ASKED = (
    Claim("999999201801010014", "测试甲"),
    Claim("999999201801010014", "测试乙"),
    Claim("999999201801010030", "测试甲"),
    Claim("99999920180101009X", "买买提·艾力"),
)
STRANGER = ("999999201801010049", "旁人")
SAID = (("1", "1", "0"), ("1", "0", "0"), ("0", "", ""), ("1", "1", "1"))
TRUTH = ["MATCH", "NAME_MISMATCH", "NOT_ON_FILE", "DECEASED"]


def row(place: int, claim: Claim, said: tuple[str, str, str]) -> AnsweredRow:
    number, name, death = said
    return AnsweredRow(
        {"no": str(place), "code": "", "msg": ""},
        {
            "GMSFHM": claim.citizen_number,
            "GMSFHM_PPDDM": number,
            "SWBS": death,
            "XM": claim.name,
            "XM_PPDDM": name,
        },
    )


ROWS = tuple(row(n, *pair) for n, pair in enumerate(zip(ASKED, SAID, strict=True), start=1))
DOCUMENT = write_package(Answered(QUESTION, NOON, ROWS))
Spoil = Callable[[str, Random], str]


def flip(text: str, random: Random) -> str:
    content = bytearray(text.encode())
    for _ in range(random.choice((1, 1, 1, 2, 8))):
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    return content.decode(errors="replace")


def cut(text: str, random: Random) -> str:
    return text[: random.randrange(len(text))]


def drop(text: str, random: Random) -> str:
    start = random.randrange(len(text))
    return text[:start] + text[start + random.choice((1, 2, 5, 40, 200)) :]


def copy(text: str, random: Random) -> str:
    start, to = random.randrange(len(text)), random.randrange(len(text))
    return text[:to] + text[start : start + random.choice((1, 5, 40, 200))] + text[to:]


def pieces(pattern: str) -> Spoil:
    """Swap, copy, drop or move whole pieces of the document."""

    def spoil(text: str, random: Random) -> str:
        found = list(re.finditer(pattern, text))
        if len(found) < 2:
            return text
        one, other = sorted(random.sample(found, 2), key=re.Match.start)
        kept = text[: one.start()], text[one.end() : other.start()], text[other.end() :]
        first, second = random.choice(
            [
                (other[0], one[0]),
                (one[0], one[0]),
                (other[0], other[0]),
                (one[0] + other[0], ""),
                ("", other[0]),
                (one[0] + other[0], other[0]),
            ]
        )
        return kept[0] + first + kept[1] + second + kept[2]

    return spoil


def mistake_person(text: str, random: Random) -> str:
    people = [(claim.citizen_number, claim.name) for claim in ASKED] + [STRANGER]
    column = random.choice((0, 1))
    return text.replace(random.choice(people)[column], random.choice(people)[column], 1)


def mistake_code(text: str, random: Random) -> str:
    found = list(re.finditer(r"(?<=[A-Z]>)[0-9]{0,2}(?=</)", text))
    if not found:
        return text
    place = random.choice(found)
    other = random.choice(("0", "1", "2", "", "10", "11", "-90", "一致", " 1", "NaN", "TRUE"))
    return text[: place.start()] + other + text[place.end() :]


def add_row(text: str, random: Random) -> str:
    place = random.randrange(len(ASKED))
    claim = random.choice(ASKED) if random.random() < 0.5 else ASKED[place]
    spare = write_package(Answered("", NOON, (row(place + 1, claim, random.choice(SAID)),)))
    added = spare.partition("<DATA>")[2].partition("</DATA>")[0]
    edge = random.choice(("<DATA>", "</DATA>"))
    return text.replace(edge, edge + added if edge == "<DATA>" else added + edge, 1)


SPOILERS: tuple[Spoil, ...] = (
    flip,
    cut,
    drop,
    copy,
    mistake_person,
    mistake_code,
    mistake_code,
    add_row,
    pieces(r"<RECORD no=.*?</RECORD>"),
    pieces(r"<(GMSFHM|XM)>[^<]*</\1>"),
    pieces(r"<(GMSFHM_PPDDM|XM_PPDDM|SWBS)>[^<]*</\1>"),
    pieces(r"<(FFQQBH|FSSJ|FHDM|FHMS)>[^<]*</\1>"),
    pieces(r' no="[0-9]"'),
)

# What must stand in a row for a verdict to be true: number's code, name's code, death mark. Read
# by eye, not by a parser.
EVIDENCE = {
    Outcome.MATCH: ("1", "1", "0"),
    Outcome.DECEASED: ("1", "1", "1"),
    Outcome.NAME_MISMATCH: ("1", "0", "[01]"),
    Outcome.NOT_ON_FILE: ("0", "0?", "0?"),
}


def node(tag: str, content: str) -> str:
    return (
        rf"<{tag}\s*>{content}</{tag}\s*>|<{tag}\s*/>"
        if content.endswith("?")
        else (rf"<{tag}\s*>{content}</{tag}\s*>")
    )


def once(text: str, tag: str, content: str) -> bool:
    opened = len(re.findall(rf"<{tag}[\s/>]", text))
    return opened == 1 == len(re.findall(node(tag, content), text))


def said(text: str, place: int, verdict: Verdict) -> bool:
    """Whether the text says this verdict, and only this, of the person asked in this place."""
    if verdict.outcome is Outcome.UNKNOWN:
        return True
    text = re.sub(r"<\?.*?\?>|<!--.*?-->", "", text, flags=re.DOTALL)  # they say nothing
    if not once(text, "FFQQBH", QUESTION) or not once(text, "FHDM", "1[01]"):
        return False
    rows = text.split("</RECORD")[:-1]
    own = [each for each in rows if stands_for(each, place)]
    number, name, death = EVIDENCE[verdict.outcome]
    return (
        len(own) == 1
        and once(own[0], "GMSFHM_PPDDM", number)
        and once(own[0], "XM_PPDDM", name)
        and once(own[0], "SWBS", death)
        and not re.search(r"""\scode\s*=\s*["'][^"']""", own[0])
        and not any(rivals(each, place) for each in rows if each != own[0])
    )


def stands_for(text: str, place: int) -> bool:
    """Whether the row stands in this place and names the person asked about there."""
    claim = ASKED[place - 1]
    return (
        len(re.findall(rf"""\sno\s*=\s*["']{place}["']""", text)) == 1
        and once(text, "GMSFHM", claim.citizen_number)
        and once(text, "XM", re.escape(claim.name))
    )


def rivals(text: str, place: int) -> bool:
    """Whether another row claims the same place, or the same number for nobody who was asked."""
    if any(stands_for(text, other) for other in range(1, len(ASKED) + 1) if other != place):
        return False
    number = node("GMSFHM", ASKED[place - 1].citizen_number)
    return bool(re.search(rf"""\sno\s*=\s*["']{place}["']""", text) or re.search(number, text))


def spoilt(text: str, random: Random) -> str:
    for _ in range(random.choice((1, 1, 2, 3))):
        text = random.choice(SPOILERS)(text or " ", random)
    return text


def read(text: str) -> tuple[Verdict, ...]:
    return judge(read_answer(text, QUESTION, ANSWER, PARTY, at=NOON), ASKED, CODES)


def test_the_law_lets_the_truth_through() -> None:
    verdicts = read(DOCUMENT)
    assert [verdict.outcome.value for verdict in verdicts] == TRUTH
    assert all(said(DOCUMENT, place, each) for place, each in enumerate(verdicts, start=1))
    for place, wrong in [(1, 1), (2, 0), (3, 0), (4, 0), (1, 3), (3, 1)]:
        assert not said(DOCUMENT, place, verdicts[wrong])


def test_no_spoilt_document_gives_a_claim_what_was_not_said_of_it() -> None:
    random, ends = Random(20260905), Counter[str]()
    for number in range(TRIES - TRIES // 20):
        text = spoilt(DOCUMENT, random)
        try:
            verdicts = read(text)
        except SystemFailure as failure:
            ends[type(failure).__name__] += 1
            continue
        ends.update(verdict.outcome.value for verdict in verdicts)
        assert all(said(text, *pair) for pair in enumerate(verdicts, start=1)), number
    # Not by refusing everything: each kind of answer came through, and came through doubtful.
    assert min(ends[kind] for kind in TRUTH) > TRIES // 20
    assert min(ends[kind] for kind in ("UNKNOWN", "Unreadable")) > TRIES // 20


class Spoilt(httpx.AsyncBaseTransport):
    """Hands out the secret of the day, and answers every question with the text it was given."""

    text = ""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = (await request.aread()).decode()
        if request.url.path.endswith("secret"):
            secret = seal_secret(day_secret(DEMO_CHECK, NOON), DEMO_CHECK.app_key)
            ends_at = str(int(day_end(NOON).timestamp() * 1000))
            said = {"code": "0", "data": {"secret": secret, "secretEndTime": ends_at}}
            return httpx.Response(200, stream=httpx.ByteStream(json.dumps(said).encode()))
        matched = re.search("FWQQBH&gt;([0-9a-f-]{36})&lt;", asked)
        assert matched
        body = self.text.replace(QUESTION, matched[1]).encode(errors="replace")
        kind = {"content-type": "text/xml;charset=UTF-8"}
        return httpx.Response(200, headers=kind, stream=httpx.ByteStream(body))


@pytest.mark.timeout(300)
async def test_no_spoilt_envelope_gives_a_claim_what_was_not_said_of_it(asker: Asker) -> None:
    random, ends, wire = Random(20260906), Counter[str](), Spoilt()
    whole = bytes(write_envelope(CHECK.operation, DOCUMENT).body).decode()
    async with open_client("http://register.invalid", transport=wire) as client:
        national = open_adapter(client, SimulatorClock(NOON))
        for number in range(TRIES // 20):
            wire.text = spoilt(whole, random) if number % 2 else around(spoilt(DOCUMENT, random))
            try:
                verdicts = (await national.check(ASKED, asker, trace_id="t")).value
            except SystemFailure as failure:
                ends[type(failure).__name__] += 1
                continue
            ends.update(verdict.outcome.value for verdict in verdicts)
            inner = unescape(wire.text)
            assert all(said(inner, *pair) for pair in enumerate(verdicts, start=1)), number
    assert ends["MATCH"] > TRIES // 200
    assert ends["Unreadable"] > TRIES // 200


def around(document: str) -> str:
    frame = bytes(write_envelope(CHECK.operation, "@").body).decode()
    return frame.replace("@", escape(document, quote=False))
