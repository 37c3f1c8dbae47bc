"""The verifier in a pack needs nothing but Python, believes only what is signed, and says so."""

import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.evidence.hashing import SHA256, SM3, TreeHash
from gateway.evidence.packs import verify as verifier
from gateway.evidence.packs.verify import (
    Unverifiable,
    ed25519_verifies,
    main,
    parse_key,
    sm3,
    tree_root,
    verify,
)
from tests.evidence.packs.ledger import (
    KEY_TEXTS,
    LOG_KEY,
    PINNED,
    PUBLIC,
    SIGNED_AT,
    entry,
    signed_note,
    tree_of,
    unpacked,
    write_copy,
    write_pack,
)
from tests.evidence.trees import defined_root, leaf_hashes

ENTRIES = [entry(place) for place in range(20)]
NUMBERED = list(enumerate(ENTRIES, 1))
TREE = tree_of(ENTRIES)
NOTE = signed_note(TREE)
# RFC 8032, section 7.1: public key, message, signature.
PUBLISHED = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The verifier as an inspector runs it: no packages, no environment, no other folder."""
    command = [sys.executable, "-I", "-S", "verify.py", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", env={}, check=False
    )


def pinned() -> list[str]:
    return [word for text in KEY_TEXTS for word in ("--key", text)]


def test_an_inspector_verifies_with_python_alone(tmp_path: Path) -> None:
    folder = unpacked(write_pack(tmp_path / "pack.zip", NUMBERED, TREE, NOTE), tmp_path / "empty")
    genuine = run(folder, *pinned())
    assert (genuine.returncode, genuine.stderr) == (0, "")
    assert genuine.stdout.splitlines()[-1] == "通过 · passed"
    lines = (folder / "entries.jsonl").read_bytes()
    (folder / "entries.jsonl").write_bytes(lines.replace("案-6".encode(), "案-X".encode()))
    bent = run(folder, *pinned())
    assert bent.returncode == 1
    assert bent.stdout.splitlines()[-2:] == ["第 7 条被改 · changed", "不通过 · failed"]


def test_every_verdict_has_its_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = [(n, entry(99) if n == 3 else each) for n, each in NUMBERED[:17] if n not in (6, 7)]
    kept.insert(10, (12, entry(98)))
    pack = write_pack(tmp_path / "pack.zip", kept, TREE, NOTE)
    assert main([str(pack), *pinned()]) == 1
    said = capsys.readouterr().out
    for verdict in ("第 3 条被改", "第 6–7 条缺失", "条之后被插入", "第 18–20 条"):
        assert verdict in said
    assert main([str(pack), "--json", *pinned()]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["passed"], told["changed"], told["tail"]) == (False, [3], [18, 20])


def test_keys_of_the_packs_own_are_pointed_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = write_pack(tmp_path / "pack.zip", NUMBERED, TREE, NOTE)
    assert main([str(pack)]) == 0
    assert "公钥取自包内" in capsys.readouterr().out
    assert main([str(pack), *pinned()]) == 0
    assert "公钥取自包内" not in capsys.readouterr().out


@pytest.mark.parametrize("hashing", [SHA256, SM3], ids=["sha256", "sm3"])
def test_chosen_entries_are_verified_among_those_not_shown(
    hashing: TreeHash, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An inspector's Python may have been built without SM3.
    monkeypatch.setattr(hashlib, "algorithms_available", {"sha256"})
    tree = tree_of(ENTRIES, hashing)
    for positions in ([1], [20], [7], [2, 3, 11], [1, 20], list(range(5, 16))):
        chosen = [(number, ENTRIES[number - 1]) for number in positions]
        note = signed_note(tree)
        assert verify(write_pack(tmp_path / "a", chosen, tree, note, positions), PINNED).passed
        chosen[-1] = (positions[-1], entry(99))
        report = verify(write_pack(tmp_path / "b", chosen, tree, note, positions), PINNED)
        assert (report.passed, report.changed) == (False, [positions[-1]])


def test_a_checkpoint_that_others_signed_is_not_believed(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "pack.zip", NUMBERED, TREE, NOTE)
    other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    for at, key in enumerate(PINNED):
        strangers = list(PINNED)
        strangers[at] = verifier.Key(key.name, key.kind, other)
        report = verify(pack, strangers)
        assert (report.signed, report.passed) == (False, False)


def test_a_log_without_a_witness_passes_and_says_that_nobody_witnessed_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = signed_note(TREE, witnessed_at=None)
    pack = write_pack(tmp_path / "pack.zip", NUMBERED, TREE, note, keys=PUBLIC[:1])
    assert main([str(pack), "--key", KEY_TEXTS[0]]) == 0
    assert "未经见证" in capsys.readouterr().out
    # Whoever knows that there is a witness is not content with less.
    assert main([str(pack), *pinned()]) == 1


def test_an_entry_from_after_the_witness_saw_it_is_doubtful(tmp_path: Path) -> None:
    entries = [entry(0), entry(1, SIGNED_AT + 5), entry(2, SIGNED_AT + 6)]
    tree = tree_of(entries)
    pack = write_pack(tmp_path / "pack.zip", list(enumerate(entries, 1)), tree, signed_note(tree))
    report = verify(pack, PINNED)
    assert (report.passed, report.doubtful_times) == (True, [3])


def test_a_pack_older_than_the_witnesss_copy_lacks_nothing(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "pack.zip", NUMBERED, TREE, NOTE)
    grown = tree_of([*ENTRIES, entry(20)])
    later = write_copy(tmp_path / "later", grown, signed_note(grown, witnessed_at=SIGNED_AT + 600))
    assert verify(pack, PINNED, later).passed
    sooner = write_copy(tmp_path / "sooner", grown, signed_note(grown))
    assert verify(pack, PINNED, sooner).tail == (21, 21)


def test_a_witnesss_copy_that_nobody_signed_is_refused(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "pack.zip", NUMBERED, TREE, NOTE)
    unsigned = signed_note(TREE, witnessed_at=None)
    for name, tree, note in (("a", tree_of(ENTRIES[1:]), NOTE), ("b", TREE, unsigned)):
        copy = write_copy(tmp_path / name, tree, note)
        with pytest.raises(Unverifiable, match="copy"):
            verify(pack, PINNED, copy)


@pytest.mark.parametrize("damage", ["entries.jsonl", "checkpoint", "pack.json", "proof.bin"])
def test_a_pack_without_one_of_its_files_cannot_be_verified(
    damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = unpacked(write_pack(tmp_path / "pack.zip", NUMBERED, TREE, NOTE), tmp_path / "pack")
    (folder / damage).unlink()
    assert main([str(folder), *pinned()]) == 2
    assert "无法核验" in capsys.readouterr().err


def test_ranges_that_overlap_or_leave_the_log_are_refused(tmp_path: Path) -> None:
    folder = unpacked(write_pack(tmp_path / "pack.zip", NUMBERED, TREE, NOTE), tmp_path / "pack")
    facts = json.loads((folder / "pack.json").read_text())
    for ranges in ([[1, 21]], [[1, 5], [5, 20]], [[11, 20], [1, 10]], [[0, 20]]):
        (folder / "pack.json").write_text(json.dumps({**facts, "ranges": ranges}))
        with pytest.raises(Unverifiable):
            verify(folder, PINNED)


def test_a_key_is_refused_under_another_keys_id() -> None:
    name, key_id, content = KEY_TEXTS[0].split("+", 2)
    with pytest.raises(Unverifiable):
        parse_key(f"{name}+{'0' * len(key_id)}+{content}")


def test_a_terminal_without_chinese_is_told_the_verdict_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = write_pack(tmp_path / "pack.zip", NUMBERED, TREE, NOTE)
    shown = io.BytesIO()
    with io.TextIOWrapper(shown, encoding="ascii") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        assert main([str(pack), *pinned()]) == 0
        terminal.flush()
        assert b"passed" in shown.getvalue()


def test_a_key_that_is_none_is_no_verdict(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "pack.zip", NUMBERED, TREE, NOTE)
    for key in ("nothing", "a+b+c", ""):
        assert main([str(pack), "--key", key]) == 2


@pytest.mark.parametrize(("public", "message", "signature"), PUBLISHED)
def test_published_signatures_verify(public: str, message: str, signature: str) -> None:
    key, text, signed = (bytes.fromhex(each) for each in (public, message, signature))
    assert ed25519_verifies(key, signed, text)
    assert not ed25519_verifies(key, signed, text + b"x")
    # The same signature in a second spelling: s + L.
    group = 2**252 + 27742317777372353535851937790883648493
    second = (int.from_bytes(signed[32:], "little") + group).to_bytes(32, "little")
    assert not ed25519_verifies(key, signed[:32] + second, text)
    assert not ed25519_verifies(b"\xff" * 32, signed, text)


@settings(max_examples=20)
@given(st.binary(max_size=100), st.integers(0, 511))
def test_a_signature_verifies_until_a_bit_is_turned(text: bytes, bit: int) -> None:
    public, signed = LOG_KEY.public_key().public_bytes_raw(), LOG_KEY.sign(text)
    assert ed25519_verifies(public, signed, text)
    turned = bytearray(signed)
    turned[bit // 8] ^= 1 << bit % 8
    assert not ed25519_verifies(public, bytes(turned), text)


def test_sm3_is_that_of_the_standard() -> None:
    # GB/T 32905, appendix A.
    abc = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    abcd = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    assert (sm3(b"abc").hex(), sm3(b"abcd" * 16).hex()) == (abc, abcd)


@settings(max_examples=20)
@given(st.binary(max_size=200))
def test_sm3_is_that_of_the_library(content: bytes) -> None:
    assert sm3(content) == SM3.digest(content)


def test_the_root_is_that_of_the_definition_whatever_is_shown_of_the_tree() -> None:
    for size in range(1, 18):
        hashes = leaf_hashes(SHA256, size)
        root = defined_root(SHA256, hashes)
        assert tree_root(SHA256.digest, size, [(0, size)], b"".join(hashes), b"") == root
        assert tree_root(SHA256.digest, size, [(0, size)], b"".join(hashes[1:]), b"") != root
        assert tree_root(SHA256.digest, size, [(0, size)], b"".join(hashes), hashes[0]) is None
