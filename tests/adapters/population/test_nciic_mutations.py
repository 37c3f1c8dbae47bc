"""The law: whatever is done to an answer, no claim gets a verdict that was not said of it.

`JISUI_MUTATIONS` sets how many spoilt answers are tried; a twentieth of them go the whole way.
"""

import os
import re
from collections import Counter
from collections.abc import Callable
from html import escape, unescape
from random import Random

import httpx2 as httpx
import pytest

from adapters.population.nciic.adapter import Nciic
from adapters.population.nciic.answers import read_verdicts
from adapters.population.nciic.contract import load_schemas
from adapters.population.nciic.simulated_answer import (
    AnsweredRow,
    Items,
    write_envelope,
    write_rows,
)
from adapters.transport import open_client
from contracts.capabilities import Asker, Claim, Verdict
from contracts.errors import SystemFailure
from contracts.outcomes import Outcome

TRIES = int(os.environ.get("JISUI_MUTATIONS", "40000"))
ANSWER = load_schemas().answer
ASKED = (
    Claim("999999201801010014", "测试甲"),
    Claim("999999201801010022", "测试乙"),
    Claim("999999201801010030", "测试甲"),
    Claim("99999920180101009X", "买买提·艾力"),
)
STRANGER = ("999999201801010049", "旁人")


def verdicts(name: str) -> Items:
    return (
        (("gmsfhm", ""), ("result_gmsfhm", "一致")),
        (("xm", ""), ("result_xm", name)),
    )


ABSENT: Items = (
    (("errormesage", "服务结果:库中无此号，请到户籍所在地进行核实"),),
    (("errormesagecol", ""),),
)
SAID = (verdicts("一致"), verdicts("不一致"), ABSENT, verdicts("一致"))
ROWS = [
    AnsweredRow(place, claim.citizen_number, claim.name, said)
    for place, (claim, said) in enumerate(zip(ASKED, SAID, strict=True), start=1)
]
DOCUMENT = write_rows(ROWS)
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


def wrap(text: str, random: Random) -> str:
    """Hide a piece: as a comment, as bare text, inside another element, escaped."""
    start = random.randrange(len(text))
    end = start + random.choice((1, 5, 40, 200))
    piece = text[start:end]
    hidden = random.choice(
        [
            f"<!--{piece}-->",
            f"<![CDATA[{piece}]]>",
            f"<b>{piece}</b>",
            f"<?x {piece}?>",
            escape(piece),
        ]
    )
    return text[:start] + hidden + text[end:]


SPOILERS: tuple[Spoil, ...] = (
    flip,
    cut,
    drop,
    copy,
    mistake_person,
    wrap,
    pieces(r"<ROW no=.*?</ROW>"),
    pieces(r"<INPUT>.*?</INPUT>"),
    pieces(r"<OUTPUT>.*?</OUTPUT>"),
    pieces(r"<ITEM>.*?</ITEM>"),
    pieces(r"<(result_\w+|xm|gmsfhm|errormesage)>[^<]+</\1>"),
    pieces(r' no="[0-9]"'),
)

# What must stand in an answer for a verdict to be true; read by eye, not by a parser.
NODE = r"<{0}\s*>\s*{1}\s*</{0}\s*>"
NUMBER_AGREES = NODE.format("result_gmsfhm", "一致")
EVIDENCE = {
    Outcome.MATCH: (NUMBER_AGREES, NODE.format("result_xm", "一致")),
    Outcome.NAME_MISMATCH: (NUMBER_AGREES, NODE.format("result_xm", "不一致")),
    Outcome.NOT_ON_FILE: (r"<errormesage\s*>\s*服务结果:库中无此号",),
    Outcome.UNKNOWN: (),
}


HEAD = r"<ROW\b[^>]*>\s*<INPUT\s*>\s*"  # what a row speaks of stands first in it
HIDDEN = re.compile(r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[(.*?)\]\]>", re.DOTALL)


def seen(text: str) -> str:
    """The text without what XML hides, bare text escaped."""
    return HIDDEN.sub(lambda found: escape(found[1]) if found[1] else "", text)


def said(text: str, claim: Claim, verdict: Verdict) -> bool:
    """Whether the text says this verdict, and only this, of this very person."""
    about = NODE.format("gmsfhm", claim.citizen_number) + NODE.format("xm", re.escape(claim.name))
    about = about.replace(r"\s*" + claim.citizen_number + r"\s*", claim.citizen_number)
    speaking = [row for row in text.split("</ROW") if re.search(HEAD + about, row)]
    wanted = EVIDENCE[verdict.outcome]
    if not wanted:
        return True
    return len(speaking) == 1 and all(len(re.findall(each, speaking[0])) == 1 for each in wanted)


def flipped(text: str, random: Random) -> bytes:
    """The bytes with some bits turned, as no text could be spoilt."""
    content = bytearray(text.encode())
    for _ in range(random.choice((1, 1, 2, 3))):
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    return bytes(content)


def spoilt(text: str, random: Random) -> str:
    for _ in range(random.choice((1, 1, 2, 3))):
        text = random.choice(SPOILERS)(text or " ", random)
    return text


def test_the_law_lets_the_truth_through() -> None:
    read = read_verdicts(DOCUMENT, ASKED, ANSWER)
    assert [verdict.outcome.value for verdict in read] == [
        "MATCH",
        "NAME_MISMATCH",
        "NOT_ON_FILE",
        "MATCH",
    ]
    assert all(said(DOCUMENT, *pair) for pair in zip(ASKED, read, strict=True))
    assert not said(DOCUMENT, ASKED[1], read[0])
    assert not said(DOCUMENT, ASKED[2], read[0])


def test_no_spoilt_document_gives_a_claim_what_was_not_said_of_it() -> None:
    random, ends = Random(20260901), Counter[str]()
    for number in range(TRIES - TRIES // 20):
        text = spoilt(DOCUMENT, random)
        try:
            read = read_verdicts(text, ASKED, ANSWER)
        except SystemFailure as failure:
            ends[type(failure).__name__] += 1
            continue
        ends.update(verdict.outcome.value for verdict in read)
        assert all(said(seen(text), *pair) for pair in zip(ASKED, read, strict=True)), number
    # Not by refusing everything: each kind of answer came through, and came through doubtful.
    assert min(ends[kind] for kind in ("MATCH", "NAME_MISMATCH", "NOT_ON_FILE")) > TRIES // 20
    assert min(ends[kind] for kind in ("UNKNOWN", "Unreadable")) > TRIES // 20


class Spoilt(httpx.AsyncBaseTransport):
    """Answers every question with the bytes it was given last."""

    body = b""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        kind = {"content-type": "text/xml;charset=UTF-8"}
        return httpx.Response(200, headers=kind, stream=httpx.ByteStream(self.body))


@pytest.mark.timeout(300)
async def test_no_spoilt_envelope_gives_a_claim_what_was_not_said_of_it(asker: Asker) -> None:
    random, ends, wire = Random(20260902), Counter[str](), Spoilt()
    whole = bytes(write_envelope(DOCUMENT).body).decode()
    async with open_client("http://register.invalid", transport=wire) as client:
        nciic = Nciic(client, licence="licence")
        for number in range(TRIES // 20):
            text = spoilt(whole, random) if number % 2 else _around(spoilt(DOCUMENT, random))
            wire.body = flipped(whole, random) if number % 4 == 3 else text.encode(errors="replace")
            try:
                read = (await nciic.check(ASKED, asker, trace_id="t")).value
            except SystemFailure as failure:
                ends[type(failure).__name__] += 1
                continue
            ends.update(verdict.outcome.value for verdict in read)
            inner = seen(unescape(seen(wire.body.decode(errors="replace"))))
            assert all(said(inner, *pair) for pair in zip(ASKED, read, strict=True)), number
    assert ends["MATCH"] > TRIES // 100
    assert ends["Unreadable"] > TRIES // 100


def _around(document: str) -> str:
    frame = bytes(write_envelope("@").body).decode()
    return frame.replace("@", escape(document, quote=False))
