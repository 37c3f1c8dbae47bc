"""GB 18030-2022: the eighteen characters that moved, and everything that did not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.gb18030 import decode, encode

# Two-byte code, four-byte code, the standard character, the private one of the edition before.
MOVED = [
    ("A6D9", "84318236", 0xFE10, 0xE78D),
    ("A6DA", "84318238", 0xFE12, 0xE78E),
    ("A6DB", "84318237", 0xFE11, 0xE78F),
    ("A6DC", "84318239", 0xFE13, 0xE790),
    ("A6DD", "84318330", 0xFE14, 0xE791),
    ("A6DE", "84318331", 0xFE15, 0xE792),
    ("A6DF", "84318332", 0xFE16, 0xE793),
    ("A6EC", "84318333", 0xFE17, 0xE794),
    ("A6ED", "84318334", 0xFE18, 0xE795),
    ("A6F3", "84318335", 0xFE19, 0xE796),
    ("FE59", "82359037", 0x9FB4, 0xE81E),
    ("FE61", "82359038", 0x9FB5, 0xE826),
    ("FE66", "82359039", 0x9FB6, 0xE82B),
    ("FE67", "82359130", 0x9FB7, 0xE82C),
    ("FE6D", "82359131", 0x9FB8, 0xE832),
    ("FE7E", "82359132", 0x9FB9, 0xE843),
    ("FE90", "82359133", 0x9FBA, 0xE854),
    ("FEA0", "82359134", 0x9FBB, 0xE864),
]


@pytest.mark.parametrize(("short", "long", "standard", "private"), MOVED)
def test_the_moved_characters_have_changed_places(
    short: str, long: str, standard: int, private: int
) -> None:
    assert decode(bytes.fromhex(short)) == chr(standard)
    assert decode(bytes.fromhex(long)) == chr(private)
    assert encode(chr(standard)) == bytes.fromhex(short)
    assert encode(chr(private)) == bytes.fromhex(long)


def test_nothing_else_of_two_bytes_differs_from_the_edition_before() -> None:
    moved = {bytes.fromhex(short) for short, *_ in MOVED}
    differing = set()
    for lead in range(0x81, 0xFF):
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            code = bytes((lead, trail))
            if decode(code) != code.decode("gb18030"):
                differing.add(code)
    assert differing == moved


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_written_is_read_back(text: str) -> None:
    assert decode(encode(text)) == text


def test_names_are_read_as_they_are() -> None:
    assert decode("买买提·艾力 \U00020bb7 \ufa1f 䶮".encode("gb18030")) == (
        "买买提·艾力 \U00020bb7 \ufa1f 䶮"
    )


@pytest.mark.parametrize("content", [b"\xfe", b"\x84\x31\x82", b"\xff\xff", b"\x81\x30\x81"])
def test_a_broken_sequence_is_refused(content: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        decode(content)
