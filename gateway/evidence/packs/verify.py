"""证据包核验：只用 Python 标准库，不联网 · Verifies an evidence pack, offline and on its own.

    python3 verify.py [证据包.zip 或文件夹 · zip or folder] [--key 公钥]… [--witness 文件夹]

--key      见证单位、日志公布的公钥，从包外取得 · keys as published, not those of the pack
--witness  见证单位的副本 · the witness's copy: a folder with checkpoint and leaves.bin
--json     输出一个 JSON 对象 · one JSON object

退出码 · exit codes: 0 通过 · passed; 1 不通过 · failed; 2 无法核验 · cannot be verified
"""

import argparse
import base64
import hashlib
import json
import re
import sys
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from difflib import SequenceMatcher
from itertools import islice
from pathlib import Path
from typing import TextIO

FORMAT = "jisui-evidence-pack/1"
LOG_KEY, WITNESS_KEY = 1, 4  # Ed25519; Ed25519 with cosignature/v1
_LENGTH = 32
_NEVER = 1 << 63  # above every number
_SLACK_SECONDS = 5  # between clocks
_AT = re.compile(rb',"at":([0-9]{1,16}),')
Hash = Callable[[bytes], bytes]
Range = tuple[int, int]  # leaves counted from 0, up to, not with, the second
Leaf = tuple[int, bytes]  # an entry's number, and its leaf hash
Folder = Path | zipfile.Path


class Unverifiable(Exception):
    """The pack, a key or the witness's copy cannot be read; that says nothing about entries."""


# ---- 哈希树 (RFC 6962) · the tree
def blocks(first: int, end: int) -> Iterator[tuple[int, int]]:
    """The perfect subtrees that lie side by side from one leaf up to, not with, another."""
    while first < end:
        width = 1 << ((end - first).bit_length() - 1)
        width = min(first & -first or width, width)
        yield first, width
        first += width


def tree_root(
    digest: Hash, size: int, ranges: Sequence[Range], leaves: bytes, fillers: bytes
) -> bytes | None:
    """The root of a tree of which these ranges are leaves and all between them is filled in.

    None where there are more or fewer hashes than such a tree has.
    """
    own, between, reached = iter(_cut(leaves)), iter(_cut(fillers)), 0
    pieces = []
    for first, end in [*ranges, (size, size)]:
        pieces += [(start, width, next(between, b"")) for start, width in blocks(reached, first)]
        for start, width in blocks(first, end):
            level = list(islice(own, width)) or [b""]
            while len(level) > 1:
                pairs = zip(level[::2], level[1::2], strict=False)
                level = [digest(b"\x01" + left + right) for left, right in pairs]
            pieces.append((start, width, level[0]))
        reached = end
    stack: list[tuple[int, int, bytes]] = []
    for first, width, top in pieces:
        while stack and stack[-1][1] == width and stack[-1][0] % (2 * width) == 0:
            first, _, left = stack.pop()
            top, width = digest(b"\x01" + left + top), 2 * width
        stack.append((first, width, top))
    top = stack.pop()[2] if stack else digest(b"")
    for _, _, left in reversed(stack):
        top = digest(b"\x01" + left + top)
    return top if next(own, None) is next(between, None) is None else None


def _cut(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + _LENGTH] for at in range(0, len(hashes), _LENGTH)]


# ---- SM3 (GB/T 32905)，供 hashlib 不含 SM3 的机器 · where hashlib has none
def sm3(content: bytes) -> bytes:
    """The SM3 digest, in Python alone."""
    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600]
    state += [0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = content + b"\x80" + bytes(-(len(content) + 9) % 64)
    padded += (8 * len(content)).to_bytes(8, "big")
    for at in range(0, len(padded), 64):
        mixed = _sm3_rounds(state, padded[at : at + 64])
        state = [old ^ new for old, new in zip(state, mixed, strict=True)]
    return b"".join(word.to_bytes(4, "big") for word in state)


def _sm3_rounds(state: list[int], block: bytes) -> list[int]:
    w = [int.from_bytes(block[at : at + 4], "big") for at in range(0, 64, 4)]
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ _turn(w[j - 3], 15)
        w.append(x ^ _turn(x, 15) ^ _turn(x, 23) ^ _turn(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        turned, early = _turn(a, 12), j < 16
        s = _turn(turned + e + _turn(0x79CC4519 if early else 0x7A879D8A, j % 32), 7)
        ff = a ^ b ^ c if early else a & b | a & c | b & c
        gg = e ^ f ^ g if early else e & f | ~e & g
        t, u = ff + d + (s ^ turned) + (w[j] ^ w[j + 4]), gg + h + s + w[j]
        a, b, c, d = t & 0xFFFFFFFF, a, _turn(b, 9), c
        e, f, g, h = _turn(u, 0) ^ _turn(u, 9) ^ _turn(u, 17), e, _turn(f, 19), g
    return [a, b, c, d, e, f, g, h]


def _turn(word: int, by: int) -> int:
    word &= 0xFFFFFFFF
    return (word << by | word >> 32 - by) & 0xFFFFFFFF


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def digest_named(name: str) -> Hash:
    """The hash a log names, or raise `ValueError`."""
    if name == "sm3" and "sm3" in hashlib.algorithms_available:
        return lambda content: hashlib.new("sm3", content).digest()
    return {"sha256": _sha256, "sm3": sm3}[name]


# ---- Ed25519 (RFC 8032)

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
Point = tuple[int, int, int, int]


def _add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point, scalar = _add(point, point), scalar >> 1
    return result


def _point(written: bytes) -> Point | None:
    sign, y = divmod(int.from_bytes(written, "little"), 1 << 255)
    if len(written) != _LENGTH or y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (not x and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


_BASE = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))


def ed25519_verifies(public: bytes, signature: bytes, text: bytes) -> bool:
    """Whether this key made this signature over this text."""
    key = _point(public)
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 2 * _LENGTH or key is None or _BASE is None or s >= _L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % _L
    x, y, z, _ = _add(_times(s, _BASE), _times(h, (_P - key[0], key[1], 1, _P - key[3])))
    inverse = pow(z, -1, _P)
    x, y = x * inverse % _P, y * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# ---- 检查点 (C2SP: signed-note, tlog-checkpoint, cosignature/v1) · checkpoints
@dataclass(frozen=True)
class Key:
    """A public key with its name: a log's, or a witness's."""

    name: str
    kind: int
    public: bytes

    def key_id(self) -> bytes:
        """The id that its signature lines bear."""
        return _sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public)[:4]


@dataclass(frozen=True)
class Checkpoint:
    """A log at one size, and which of the known keys signed that, a witness at what time."""

    origin: str
    size: int
    root: bytes
    signed: bool  # by the log's own key
    witnessed: Mapping[str, int]  # by name: seconds since 1970

    def believed(self, keys: Sequence[Key]) -> bool:
        """Whether each kind of key that is known signed it: the log's, and a witness's."""
        kinds = {key.kind for key in keys} & {LOG_KEY, WITNESS_KEY}
        has = {LOG_KEY: self.signed, WITNESS_KEY: bool(self.witnessed)}
        return bool(kinds) and all(has[kind] for kind in kinds)


def parse_key(text: str) -> Key:
    """A key as C2SP writes it, or raise `Unverifiable`."""
    name, _, rest = text.strip().partition("+")
    key_id, _, written = rest.partition("+")
    content = base64.b64decode(written)
    key = Key(name, content[0] if content else 0, content[1:])
    if key.key_id().hex() != key_id:
        raise Unverifiable(f"公钥与其编号不符 · not the key that its id names: {name}")
    return key


def read_checkpoint(note: bytes, keys: Iterable[Key]) -> Checkpoint:
    """The checkpoint in a note and who of these signed it; others' lines are passed over."""
    head, _, lines = note.decode().rpartition("\n\n")
    text = head + "\n"
    origin, size, root, *_ = text.split("\n")
    signed, witnessed = False, dict[str, int]()
    for _, name, written in (line.split(" ") for line in lines.splitlines()):
        key_id, signature = (content := base64.b64decode(written, validate=True))[:4], content[4:]
        for key in keys:
            if (key.name, key.key_id()) != (name, key_id):
                continue
            at = int.from_bytes(signature[:8], "big")
            timed = f"cosignature/v1\ntime {at}\n{text}".encode()
            if key.kind == LOG_KEY and name == origin:
                signed |= ed25519_verifies(key.public, signature, text.encode())
            if key.kind == WITNESS_KEY and ed25519_verifies(key.public, signature[8:], timed):
                witnessed[name] = max(at, witnessed.get(name, 0))
    return Checkpoint(origin, int(size), base64.b64decode(root, validate=True), signed, witnessed)


# ---- 比对 · comparing the entries with what was signed
@dataclass
class Report:
    """What came of it; entries by their numbers, which count from 1."""

    changed: list[int] = field(default_factory=list)
    missing: list[Range] = field(default_factory=list)  # from the first to, and with, the last
    tail: Range | None = None  # missing, up to the very end
    inserted_after: list[int] = field(default_factory=list)
    doubtful_times: list[int] = field(default_factory=list)  # later than a witness saw them
    unjudged: int = 0  # how many no signed hash was there for
    entries: int = 0
    checkpoint: Checkpoint | None = None
    signed: bool = False  # the checkpoint is, as the known keys demand

    @property
    def passed(self) -> bool:
        """Whether every entry is as it was signed."""
        wrong = self.changed or self.missing or self.tail or self.inserted_after
        return self.signed and not self.unjudged and not wrong


def compare(given: Sequence[Leaf], signed: Mapping[int, bytes], end: int) -> Report:
    """Where the given entries differ from the signed ones, of which `end` is the log's last.

    It also holds where somebody gave the entries new numbers to hide what is missing.
    """
    report, numbers, low, lost = Report(), list(signed), 0, list[int]()
    strays: list[Leaf] = []
    for number, leaf in [*sorted(given), (_NEVER, b"")]:
        if number != _NEVER and (number == low or signed.get(number) != leaf):
            strays.append((number, leaf))
            continue
        gap = numbers[bisect_right(numbers, low) : bisect_left(numbers, number)]
        if gap or strays:
            lost += _align(report, {each: signed[each] for each in gap}, strays, low)
        low, strays = number, []
    report.changed, report.missing = sorted(set(report.changed)), _runs(lost)
    if report.missing and report.missing[-1][1] == end:
        report.tail = report.missing.pop()
    return report


def _align(report: Report, gap: Mapping[int, bytes], strays: list[Leaf], low: int) -> list[int]:
    """What is missing of these signed entries, given these strays in their place, in order."""
    numbers, leaves, lost = list(gap), [leaf for _, leaf in strays], list[int]()
    matching = SequenceMatcher(None, list(gap.values()), leaves, autojunk=False).get_opcodes()
    kept = {leaf for tag, _, _, c, d in matching if tag == "equal" for leaf in leaves[c:d]}
    place = {leaf: number for number, leaf in gap.items() if leaf not in kept}
    moved = {leaf: claimed for claimed, leaf in strays if leaf in place}
    report.changed += [place[leaf] for leaf in moved]
    report.changed += [claimed for claimed in moved.values() if claimed in gap]
    for tag, a, b, c, d in matching:
        if tag != "equal":
            absent = [number for number in numbers[a:b] if number not in report.changed]
            foreign = [claimed for claimed, leaf in strays[c:d] if leaf not in moved]
            same = set(absent) & set(foreign)
            rest, others = [each for each in absent if each not in same], len(foreign) - len(same)
            report.changed += [*same, *rest[:others]]
            report.inserted_after += [numbers[a - 1] if a else low] * (others - len(rest))
            lost += rest[others:]
    return lost


def _runs(numbers: Sequence[int]) -> list[Range]:
    runs: list[Range] = []
    for number in numbers:
        first = runs.pop()[0] if runs and runs[-1][1] == number - 1 else number
        runs.append((first, number))
    return runs


# ---- 证据包 · the pack
def verify(place: Path, pinned: Sequence[Key] = (), witness: Path | None = None) -> Report:
    """What is wrong with a pack, by these keys, or by its own; raise `Unverifiable`."""
    try:
        pack = zipfile.Path(place) if place.is_file() else place
        written = (pack / "keys.txt").read_text("utf-8").split() if not pinned else ()
        return _verified(pack, pinned or [parse_key(text) for text in written], witness)
    except Unverifiable:
        raise
    except Exception as error:  # whatever a damaged file may bring about
        why = f"{type(error).__name__}: {error}"
        raise Unverifiable(f"证据包不全或已损坏 · incomplete or damaged: {why}") from None


def _verified(pack: Folder, keys: Sequence[Key], witness: Path | None) -> Report:
    facts = json.loads((pack / "pack.json").read_bytes())
    digest, ranges = digest_named(facts["algorithm"]), [(a - 1, b) for a, b in facts["ranges"]]
    checkpoint = read_checkpoint((pack / "checkpoint").read_bytes(), keys)
    bounds = [0, *(bound for each in ranges for bound in each), checkpoint.size]
    if facts["format"] != FORMAT or bounds != sorted(bounds):
        raise Unverifiable("不是本格式的证据包 · not a pack of this format")
    given, doubtful = _read_entries(pack, digest, max(checkpoint.witnessed.values(), default=None))
    trusted = checkpoint.believed(keys) and checkpoint.origin == facts["log"]
    signed = _own_leaves(pack, digest, checkpoint, ranges, given) if trusted else {}
    if witness is not None:
        copy = read_checkpoint((witness / "checkpoint").read_bytes(), keys)
        # It may hold more, which was never signed for.
        leaves = (witness / "leaves.bin").read_bytes()[: copy.size * _LENGTH]
        whole = tree_root(digest, copy.size, [(0, copy.size)], leaves, b"") == copy.root
        if not whole or not copy.witnessed or copy.origin != facts["log"]:
            raise Unverifiable("见证副本与其签名不符 · the witness's copy is not what it signed")
        if facts["through_end"] and max(copy.witnessed.values()) <= facts["made_at"]:
            ranges[-1] = ranges[-1][0], max(ranges[-1][1], copy.size)
        copied = _numbered([(0, copy.size)], leaves)
        signed |= {number: copied[number] for number in _numbers(ranges) if number in copied}
    unjudged = sum(end - first for first, end in ranges) - len(signed)
    if unjudged:
        known = set(signed.values())
        given = [(number, leaf) for number, leaf in given if number in signed or leaf in known]
    report = compare(given, signed, ranges[-1][1] if facts["through_end"] else 0)
    report.checkpoint, report.signed, report.entries = checkpoint, trusted, len(given)
    report.unjudged, report.doubtful_times = unjudged, doubtful
    return report


def _own_leaves(
    pack: Folder, digest: Hash, signed: Checkpoint, ranges: list[Range], given: list[Leaf]
) -> dict[int, bytes]:
    """The leaf hashes the checkpoint vouches for: the entries' own, else those that came along."""
    fillers, own = (pack / "proof.bin").read_bytes(), b"".join(leaf for _, leaf in given)
    for leaves in (own, (pack / "leaves.bin").read_bytes()):
        if tree_root(digest, signed.size, ranges, leaves, fillers) == signed.root:
            return _numbered(ranges, leaves)
    return {}


def _read_entries(
    pack: Folder, digest: Hash, witnessed: int | None
) -> tuple[list[Leaf], list[int]]:
    """The entries' leaves, and the numbers of those from after they were seen."""
    latest = 1000 * (witnessed + _SLACK_SECONDS) if witnessed else 1 << 63
    given, doubtful = [], []
    with (pack / "entries.jsonl").open("rb") as lines:
        for line in lines:
            number, _, text = line.rstrip(b"\n").partition(b" ")
            # An entry is a version byte and JSON; whatever else it may be lies here as base64.
            entry = b"\x00\x01" + text if text[:1] == b"{" else b"\x00" + base64.b64decode(text)
            given.append((int(number) if number.isdigit() else 0, digest(entry)))
            at = _AT.search(entry)
            if at and int(at[1]) > latest:
                doubtful.append(given[-1][0])
    return given, doubtful


def _numbers(ranges: Sequence[Range]) -> Iterator[int]:
    return (number for first, end in ranges for number in range(first + 1, end + 1))


def _numbered(ranges: Sequence[Range], leaves: bytes) -> dict[int, bytes]:
    return dict(zip(_numbers(ranges), _cut(leaves), strict=True))


# ---- 结论 · the verdict
def sentences(report: Report, *, pinned: bool) -> Iterator[str]:
    """What came of it, a sentence a line."""
    signed = report.checkpoint
    if signed is not None:
        yield f"日志 · log {signed.origin}：包内 {report.entries} 条，共 · of {signed.size}"
        for name, at in signed.witnessed.items():
            yield f"见证 · witnessed {datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ} {name}"
    if not report.signed:
        yield "检查点签名不符 · the checkpoint is not signed as it should be"
    elif not (signed and signed.witnessed):
        yield "未经见证 · nobody witnessed it"
    if not pinned:
        yield "公钥取自包内，请与公布的核对 · keys of the pack's own: compare with those published"
    yield from (f"第 {number} 条被改 · changed" for number in report.changed)
    yield from (f"第 {_span(run)} 条缺失 · missing" for run in report.missing)
    yield from (f"第 {number} 条之后被插入 · inserted after" for number in report.inserted_after)
    if report.tail:
        yield f"尾部缺失：第 {_span(report.tail)} 条 · the tail is missing"
    if report.unjudged:
        yield f"{report.unjudged} 条与所签不符 · not what was signed; --witness locates it"
    yield from (f"第 {number} 条时间存疑 · doubtful time" for number in report.doubtful_times)
    yield "通过 · passed" if report.passed else "不通过 · failed"


def _span(run: Range) -> str:
    return "–".join(map(str, sorted(set(run))))


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify and say what came of it; the exit code."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("pack", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--witness", type=Path)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    try:
        report = verify(asked.pack, [parse_key(text) for text in asked.key], asked.witness)
    except (Unverifiable, ValueError) as error:
        _say(sys.stderr, f"无法核验 · cannot be verified: {error}")
        return 2
    facts = asdict(report) | {"passed": report.passed}
    lines = sentences(report, pinned=bool(asked.key))
    told = json.dumps(facts, default=bytes.hex) if asked.json else "\n".join(lines)
    _say(sys.stdout, told)
    return 0 if report.passed else 1


def _say(stream: TextIO, text: str) -> None:
    # A terminal that cannot show Chinese must not keep the verdict back.
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


if __name__ == "__main__":
    sys.exit(main())
