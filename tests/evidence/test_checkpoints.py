"""A checkpoint has one spelling; anything else is refused."""

import pytest

from gateway.evidence.checkpoints import (
    UNWITNESSED,
    Checkpoint,
    checkpoint_text,
    parse_checkpoint,
)
from gateway.evidence.notes import InvalidNote, decoded, parse_note

# The example of the C2SP texts on checkpoints and cosignatures.
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
TEXT = f"example.com/behind-the-sofa\n20852163\n{ROOT}\n"
EXAMPLE = (
    TEXT
    + "\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5"
    "/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDo"
    "e9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
EMPTY = Checkpoint("jisui", 0, bytes(32), (UNWITNESSED,))


def test_the_published_example_is_read() -> None:
    note = parse_note(EXAMPLE.encode())
    assert parse_checkpoint(note.text) == Checkpoint(
        "example.com/behind-the-sofa", 20852163, decoded(ROOT)
    )
    witness = note.signatures[1]
    assert (witness.name, int.from_bytes(witness.signed[:8], "big"), len(witness.signed)) == (
        "witness.example.com/w1",
        1679315147,
        72,
    )


@pytest.mark.parametrize(
    "checkpoint",
    [
        EMPTY,
        Checkpoint("籍随", 10**18, bytes(range(32))),
        Checkpoint("a", 1, bytes(32), ("b", "c")),
    ],
)
def test_a_checkpoint_reads_back(checkpoint: Checkpoint) -> None:
    assert parse_checkpoint(checkpoint_text(checkpoint)) == checkpoint


def test_a_checkpoint_is_spelled_so() -> None:
    assert checkpoint_text(EMPTY) == "jisui\n0\n" + "A" * 43 + "=\nunwitnessed\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        TEXT[:-1],
        TEXT + "\n",
        TEXT.replace("20852163", "020852163"),
        TEXT.replace("20852163", "+20852163"),
        TEXT.replace("20852163", "-1"),
        TEXT.replace("20852163", "２"),
        TEXT.replace("20852163", "1_0"),
        TEXT.replace("20852163", "1" * 20),
        TEXT.replace("20852163", ""),
        TEXT.replace("example.com/behind-the-sofa", ""),
        TEXT.replace("2I=", "2J="),
        TEXT.replace("2I=", "2I"),
        TEXT.replace(ROOT, ROOT[:40]),
        TEXT.replace(ROOT, ""),
        "a\n1\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(InvalidNote):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("", 0, bytes(32)),
        Checkpoint("a\nb", 0, bytes(32)),
        Checkpoint("a", -1, bytes(32)),
        Checkpoint("a", 0, bytes(31)),
        Checkpoint("a", 0, bytes(32), ("",)),
        Checkpoint("a", 0, bytes(32), ("b\nc",)),
    ],
)
def test_what_would_not_read_back_is_not_signed(checkpoint: Checkpoint) -> None:
    with pytest.raises(InvalidNote):
        checkpoint_text(checkpoint)
