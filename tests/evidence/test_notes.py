"""Notes are those other tools write and read; a bent one, or one signed by others, is refused."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.evidence.note_keys import (
    Kind,
    NotSigned,
    VerifierKey,
    cosign,
    key_text,
    parse_key,
    sign,
    verifier_key,
    verify_cosigned,
    verify_signed,
)
from gateway.evidence.notes import InvalidNote, Note, Signature, note_bytes, parse_note

# Published with the note package of the Go project.
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotp"
    "RZb6KE6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{LINE}".encode()
PRIVATE = Ed25519PrivateKey.from_private_bytes(SEED)
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
WITNESS = verifier_key("witness.example/w1", Kind.COSIGNATURE, OTHER)


def test_the_published_note_is_read_verified_and_written_again() -> None:
    note = parse_note(NOTE)
    verify_signed(note, parse_key(KEY))
    assert (note.text, note_bytes(note)) == (TEXT, NOTE)


def test_the_published_key_gives_the_published_words() -> None:
    assert key_text(verifier_key("PeterNeumann", Kind.ED25519, PRIVATE)) == KEY
    note = Note(TEXT, (sign(TEXT, "PeterNeumann", PRIVATE),))
    assert note_bytes(note) == NOTE


def test_a_text_may_hold_empty_lines() -> None:
    text = "一\n\n二\n"
    note = Note(text, (sign(text, "a", OTHER),))
    assert parse_note(note_bytes(note)) == note


def cosigned(at: int = 1_700_000_000) -> Note:
    return Note(TEXT, (cosign(TEXT, WITNESS.name, OTHER, at),))


def test_a_cosignature_is_over_its_time_and_the_text() -> None:
    (line,) = cosigned(1679315147).signatures
    assert line.signed[:8] == (1679315147).to_bytes(8, "big")
    OTHER.public_key().verify(line.signed[8:], b"cosignature/v1\ntime 1679315147\n" + TEXT.encode())
    assert verify_cosigned(parse_note(note_bytes(cosigned(1679315147))), WITNESS) == 1679315147


def test_of_two_cosignatures_of_one_witness_the_latest_counts() -> None:
    note = Note(TEXT, cosigned(5).signatures + cosigned(9).signatures + cosigned(7).signatures)
    assert verify_cosigned(note, WITNESS) == 9


def test_a_cosignature_with_another_time_is_refused() -> None:
    (line,) = cosigned().signatures
    later = Signature(line.name, line.key_id, (1_700_000_001).to_bytes(8, "big") + line.signed[8:])
    with pytest.raises(InvalidNote, match="does not fit"):
        verify_cosigned(Note(TEXT, (later,)), WITNESS)


@pytest.mark.parametrize("at", [-1, 1 << 63])
def test_a_time_that_is_none_is_not_signed(at: int) -> None:
    with pytest.raises(InvalidNote, match="time"):
        cosigned(at)


def test_a_plain_signature_is_no_cosignature_and_the_other_way_round() -> None:
    log = verifier_key(WITNESS.name, Kind.ED25519, OTHER)
    with pytest.raises(NotSigned):
        verify_cosigned(Note(TEXT, (sign(TEXT, WITNESS.name, OTHER),)), WITNESS)
    with pytest.raises(NotSigned):
        verify_signed(cosigned(), log)
    with pytest.raises(InvalidNote, match="of a log"):
        verify_signed(cosigned(), WITNESS)
    with pytest.raises(InvalidNote, match="of a witness"):
        verify_cosigned(cosigned(), log)


def test_lines_of_unknown_keys_are_passed_over() -> None:
    known = parse_note(NOTE).signatures[0]
    strangers = (
        Signature("PeterNeumann", b"\1\2\3\4", b"x"),
        Signature("SM2.example", known.key_id, b"y"),
    )
    verify_signed(Note(TEXT, (*strangers, known)), parse_key(KEY))
    with pytest.raises(NotSigned):
        verify_signed(Note(TEXT, strangers), parse_key(KEY))


def test_one_bad_line_of_a_known_key_condemns_the_note() -> None:
    known = parse_note(NOTE).signatures[0]
    bad = Signature(known.name, known.key_id, bytes(64))
    with pytest.raises(InvalidNote, match="does not fit"):
        verify_signed(Note(TEXT, (known, bad)), parse_key(KEY))


def test_every_flipped_bit_of_the_text_and_the_signature_is_noticed() -> None:
    note, key = parse_note(NOTE), parse_key(KEY)
    (line,) = note.signatures
    texts = [TEXT[:place] + chr(ord(TEXT[place]) ^ 1) + TEXT[place + 1 :] for place in range(40)]
    bent = [Note(text, (line,)) for text in texts]
    for place in range(64):
        flipped = bytearray(line.signed)
        flipped[place] ^= 1
        bent.append(Note(TEXT, (Signature(line.name, line.key_id, bytes(flipped)),)))
    bent.append(Note(TEXT, (Signature(line.name, line.key_id, line.signed + b"\0"),)))
    for each in bent:
        with pytest.raises(InvalidNote, match="does not fit"):
            verify_signed(each, key)


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"\n",
        TEXT.encode(),
        TEXT.encode() + b"\n",
        NOTE[:-1],
        NOTE + b"\n",
        NOTE + b"rubbish\n",
        NOTE.replace("—".encode(), b"-"),
        NOTE.replace(b" x08g", b"  x08g"),
        NOTE.replace(b"PeterNeumann ", b"Peter+Neumann "),
        NOTE.replace(b"PeterNeumann ", "Peter\u3000Neumann ".encode()),
        NOTE.replace(b"PeterNeumann ", b" "),
        NOTE.replace(b"AM=", b"AN="),
        NOTE.replace(b"AM=", b"AM"),
        NOTE.replace(b"AM=", b"A\xff="),
        NOTE.replace(b"think", b"thi\tk"),
        NOTE.replace(b"\n", b"\r\n"),
        f"{TEXT}\n— PeterNeumann x08gow==\n".encode(),
        f"{TEXT}\n— PeterNeumann\n".encode(),
        f"{TEXT}\n{LINE * 101}".encode(),
    ],
)
def test_what_is_no_note_is_refused(written: bytes) -> None:
    with pytest.raises(InvalidNote):
        parse_note(written)


@pytest.mark.parametrize(
    "note",
    [
        Note("no end of line", parse_note(NOTE).signatures),
        Note(TEXT, ()),
        Note(TEXT, (Signature("two words", b"abcd", b"x"),)),
        Note(TEXT, (Signature("a", b"abc", b"x"),)),
    ],
)
def test_what_would_not_read_back_is_not_written(note: Note) -> None:
    with pytest.raises(InvalidNote):
        note_bytes(note)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        KEY.replace("c74f20a3", "c74f20a4"),
        KEY.replace("c74f20a3", "C74F20A3"),
        KEY.replace("PeterNeumann", "PeterNeuman"),
        KEY.replace("PeterNeumann", ""),
        KEY.replace("+AR", "+BR"),
        KEY[:-4],
        KEY + "\n",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidNote):
        parse_key(text)


def test_a_key_reads_back() -> None:
    assert parse_key(key_text(WITNESS)) == WITNESS
    assert isinstance(parse_key(KEY), VerifierKey)
