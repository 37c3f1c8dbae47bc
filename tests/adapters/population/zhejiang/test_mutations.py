"""The law: whatever is done to an answer, no claim gets a verdict that was not said of it.

`JISUI_MUTATIONS` sets how many spoilt answers are tried over all dialects; an eighth of them here.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Callable
from random import Random

from adapters.population.zhejiang.envelopes import (
    Place,
    open_datas,
    read_envelope,
    refuse_failures,
)
from adapters.population.zhejiang.verdicts import load_match_codes, read_verdict
from adapters.transport import Answer
from contracts.capabilities import Claim, Verdict
from contracts.errors import SystemFailure
from contracts.outcomes import Outcome

TRIES = int(os.environ.get("JISUI_MUTATIONS", "40000")) // 8
PLACE = Place("population", "identityCheck")
ASKED = (
    (Claim("999999201801010014", "测试甲"), ("1", "1", "0")),
    (Claim("999999201801010022", "测试乙"), ("1", "0", "0")),
    (Claim("999999201801010030", "测试甲"), ("0", "0", "")),
    (Claim("99999920180101009X", "买买提·艾力"), ("1", "1", "1")),
)
CODES = load_match_codes()
STRANGER = ("999999201801010049", "旁人")
NAMES = ("gmsfhm", "xm", "gmsfhmPpddm", "xmPpddm", "swbs")
Spoil = Callable[[str, Random], str]


def row(claim: Claim, result: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(NAMES, (claim.citizen_number, claim.name, *result), strict=True))


def written(claim: Claim, result: tuple[str, str, str], random: Random) -> str:
    """The platform's answer, in one of its forms."""
    datas: object = row(claim, result)
    if random.random() < 0.2:
        datas = [datas]
    if random.random() < 0.3:
        datas = {"success": True, "errorMsg": None, "data": datas}
    if random.random() < 0.4:
        datas = json.dumps(datas, ensure_ascii=False)
    envelope = {"code": "00", "msg": "成功", "data": "", "datas": datas, "totalPage": 1}
    return json.dumps(envelope, ensure_ascii=False)


def flip(text: str, random: Random) -> str:
    content = bytearray(text.encode())
    for _ in range(random.choice((1, 1, 1, 2, 8))):
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    return content.decode(errors="replace")


def cut(text: str, random: Random) -> str:
    return text[: random.randrange(len(text))]


def drop(text: str, random: Random) -> str:
    start = random.randrange(len(text))
    return text[:start] + text[start + random.choice((1, 2, 5, 40)) :]


def copy(text: str, random: Random) -> str:
    start, to = random.randrange(len(text)), random.randrange(len(text))
    return text[:to] + text[start : start + random.choice((1, 5, 40))] + text[to:]


def pieces(pattern: str) -> Spoil:
    """Swap, copy, drop or double whole pieces of the text."""

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
                (one[0] + ", " + other[0], other[0]),
                ("", other[0]),
            ]
        )
        return kept[0] + first + kept[1] + second + kept[2]

    return spoil


def mistake_person(text: str, random: Random) -> str:
    people = [(claim.citizen_number, claim.name) for claim, _ in ASKED] + [STRANGER]
    column = random.choice((0, 1))
    return text.replace(random.choice(people)[column], random.choice(people)[column], 1)


def mistake_word(text: str, random: Random) -> str:
    words = ('"0"', '"1"', '""', "1", "true", "null", "NaN", '"00"', '"18"', "[]", "{}")
    found = list(re.finditer("|".join(map(re.escape, words)), text))
    if not found:
        return text
    place = random.choice(found)
    return text[: place.start()] + random.choice(words) + text[place.end() :]


def add_row(text: str, random: Random) -> str:
    claim, result = random.choice(ASKED)
    other = json.dumps(row(claim, result), ensure_ascii=False)
    return text.replace('{"gmsfhm"', f'[{other}, {{"gmsfhm"', 1).replace("}", "}]", 1)


SPOILERS: tuple[Spoil, ...] = (
    flip,
    cut,
    drop,
    copy,
    mistake_person,
    mistake_word,
    add_row,
    pieces(r'\\?"\w+\\?": \\?"[^"\\]*\\?"'),
    pieces(r'\\?"(gmsfhmPpddm|xmPpddm|swbs|code)\\?"'),
    pieces(r'"[^"]*"'),
    pieces(r"[{}\[\]]"),
)

# What must stand in an answer for a verdict to be true; read by eye, not by a parser.
UNREAD = re.compile(r'"(msg|totalPage)"\s*:\s*"(\\.|[^"\\])*"')
RESULTS = {
    Outcome.MATCH: ("1", "1", "0"),
    Outcome.NAME_MISMATCH: ("1", "0", "[01]"),
    Outcome.NOT_ON_FILE: ("0", "0", "0?"),
    Outcome.DECEASED: ("1", "1", "1"),
}


def said(text: str, claim: Claim, verdict: Verdict) -> bool:
    """Whether the text says this verdict, and only this, of this very person."""
    if verdict.outcome is Outcome.UNKNOWN:
        return True
    plain = UNREAD.sub("", text).replace("\\", "")
    number, name, death = RESULTS[verdict.outcome]
    wanted = {
        "gmsfhm": f"(?i:{claim.citizen_number})",
        "xm": re.escape(claim.name),
        "gmsfhmPpddm": number,
        "xmPpddm": name,
        "swbs": death,
        "code": "00",
    }
    return all(once(plain, field, value) for field, value in wanted.items())


def once(text: str, field: str, value: str) -> bool:
    """Whether the field stands in the text once, in whatever spelling, with this value."""
    name = rf'(?i:"_*{"_?".join(field)}_*"\s*:)'
    named = re.findall(name, text)
    valued = re.findall(rf'{name}\s*"{value}"', text)
    return len(named) == len(valued) == 1


def spoilt(text: str, random: Random) -> str:
    for _ in range(random.choice((1, 1, 2, 3))):
        text = random.choice(SPOILERS)(text or " ", random)
    return text


def read(text: str, claim: Claim) -> Verdict:
    envelope = read_envelope(Answer(200, {}, text.encode(errors="replace")), PLACE)
    refuse_failures(envelope, PLACE)
    return read_verdict(open_datas(envelope.datas, PLACE), claim, CODES)


def test_the_law_lets_the_truth_through() -> None:
    random, outcomes = Random(1), ["MATCH", "NAME_MISMATCH", "NOT_ON_FILE", "DECEASED"]
    for _ in range(50):
        texts = [written(*asked, random) for asked in ASKED]
        verdicts = [read(text, claim) for text, (claim, _) in zip(texts, ASKED, strict=True)]
        assert [verdict.outcome.value for verdict in verdicts] == outcomes
        for text, (claim, _), verdict in zip(texts, ASKED, verdicts, strict=True):
            assert said(text, claim, verdict)
        assert not said(texts[1], ASKED[1][0], verdicts[0])
        assert not said(texts[0], ASKED[1][0], verdicts[0])


def test_no_spoilt_answer_gives_a_claim_what_was_not_said_of_it() -> None:
    random, ends = Random(20260903), Counter[str]()
    for number in range(TRIES):
        claim, result = random.choice(ASKED)
        text = spoilt(written(claim, result, random), random)
        try:
            verdict = read(text, claim)
        except SystemFailure as failure:
            ends[type(failure).__name__] += 1
            continue
        ends[verdict.outcome.value] += 1
        assert said(text, claim, verdict), number
    # Not by refusing everything: each kind of answer came through, and came through doubtful.
    believed = ("MATCH", "NAME_MISMATCH", "NOT_ON_FILE", "DECEASED")
    assert min(ends[kind] for kind in believed) > TRIES // 100
    assert min(ends[kind] for kind in ("UNKNOWN", "Unreadable")) > TRIES // 20
