"""A CSV is read right or not at all: no mojibake is ever taken for a name."""

import os
from contextlib import suppress
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contracts import gb18030
from gateway.intake.lists import CSV, ListRefused, read_list
from tests.lists.lists import ANNA, BEN, TITLES, csv_text

# Two-byte codes that the edition of 2022 took from the private use area, and what they mean now.
_MOVED = {
    b"\xa6\xd9": "\ufe10", b"\xa6\xda": "\ufe12", b"\xa6\xdb": "\ufe11", b"\xa6\xdc": "\ufe13",
    b"\xa6\xdd": "\ufe14", b"\xa6\xde": "\ufe15", b"\xa6\xdf": "\ufe16", b"\xa6\xec": "\ufe17",
    b"\xa6\xed": "\ufe18", b"\xa6\xf3": "\ufe19", b"\xfe\x59": "\u9fb4", b"\xfe\x61": "\u9fb5",
    b"\xfe\x66": "\u9fb6", b"\xfe\x67": "\u9fb7", b"\xfe\x6d": "\u9fb8", b"\xfe\x7e": "\u9fb9",
    b"\xfe\x90": "\u9fba", b"\xfe\xa0": "\u9fbb",
}  # fmt: skip
_HANZI = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


@pytest.mark.parametrize("code", _MOVED)
def test_the_moved_characters_are_read_as_the_edition_of_2022_has_them(code: bytes) -> None:
    content = csv_text(TITLES, (*BEN[:1], "张@", *BEN[2:])).encode("gb18030")
    row = next(read_list(content.replace(b"@", code), CSV).rows)
    assert row.cells["姓名"] == "张" + _MOVED[code]


@given(st.text(_HANZI, min_size=1, max_size=6))
def test_a_name_in_gb18030_comes_back(name: str) -> None:
    assume(not could_be_utf8(name))  # a few triples of rare characters; such a file is refused
    content = gb18030.encode(csv_text(TITLES, (*BEN[:1], name, *BEN[2:])))
    assert next(read_list(content, CSV).rows).cells["姓名"] == name


@given(st.text(_HANZI, min_size=1, max_size=6))
def test_a_utf8_name_in_a_gb18030_file_is_never_taken_over(name: str) -> None:
    head, tail = csv_text(TITLES, (*BEN[:1], "@", *BEN[2:])).split("@")
    content = head.encode("gb18030") + name.encode() + tail.encode("gb18030")
    with pytest.raises(ListRefused) as refused:
        list(read_list(content, CSV).rows)
    assert refused.value.reason in ("mixed_encoding", "broken_csv")


@given(st.text(_HANZI, min_size=1, max_size=6))
def test_a_gb18030_name_in_a_utf8_file_is_never_taken_over(name: str) -> None:
    head, tail = csv_text(TITLES, (*BEN[:1], "@", *BEN[2:])).split("@")
    content = head.encode() + gb18030.encode(name) + tail.encode()
    try:
        rows = list(read_list(content, CSV).rows)
    except ListRefused:
        return
    # Two bytes of GB18030 can be a letter of UTF-8; then the whole file is UTF-8 and says so.
    assert rows[0].cells["姓名"] == gb18030.encode(name).decode("utf-8")


def could_be_utf8(name: str) -> bool:
    try:
        gb18030.encode(name).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def test_utf8_after_a_bom_must_be_utf8() -> None:
    with pytest.raises(ListRefused):
        read_list(b"\xef\xbb\xbf" + csv_text(TITLES, BEN).encode("gb18030"), CSV)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf16_and_utf32_are_refused(encoding: str) -> None:
    with pytest.raises(ListRefused):
        read_list(csv_text(TITLES, BEN).encode(encoding), CSV)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_damaged_file_is_read_strictly_or_refused(encoding: str) -> None:
    """Bytes lost or changed at random: no exception but ours, no cell that a reader invented."""
    whole = csv_text(TITLES, ANNA, BEN).encode(encoding)
    random = Random(6)
    for _ in range(int(os.environ.get("JISUI_DAMAGED_FILES", "500"))):
        damaged = bytearray(whole)
        place = random.randrange(len(damaged))
        if random.random() < 0.5:
            del damaged[place]
        else:
            damaged[place] = random.randrange(256)
        with suppress(ListRefused):
            for row in read_list(bytes(damaged), CSV).rows:
                assert "\ufffd" not in "".join(row.cells.values())
