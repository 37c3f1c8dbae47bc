"""The licence (授权文件): one line of cipher text, sent byte for byte as it lies in its file."""

from pathlib import Path


def load_licence(path: Path) -> str:
    """The first line of the file, its line ending alone taken off; nothing is trimmed."""
    line, *_ = path.read_bytes().splitlines() or [b""]
    try:
        return line.decode("ascii")
    except UnicodeDecodeError:
        raise ValueError("the licence file holds more than ASCII") from None
