"""The gateway's secret keys: each a file that only its owner can read."""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from contracts.errors import JisuiError

NAMES = ("file", "index", "token")
EVIDENCE = "evidence"
LENGTH = 32
WRITTEN = re.compile(r"[0-9a-f]{64}")


class KeysMissing(JisuiError):
    """A key cannot be read; the text names its file."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The secret bytes: wrapping data keys, blind indexes, signing tokens."""

    file: bytes = field(repr=False)
    index: bytes = field(repr=False)
    token: bytes = field(repr=False)


def open_keys(folder: Path, *, create: bool) -> Keys:
    """The keys in the folder, or raise `KeysMissing`; `create` makes them where there is none.

    Where some are there and others not, none is made: a new key beside old ones would leave what
    the lost one sealed unreadable without anybody noticing.
    """
    if create:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(folder):
            if not any(_file(folder, name).exists() for name in NAMES):
                _make(folder)
    return Keys(**{name: _read(_file(folder, name)) for name in NAMES})


def open_lone_key(folder: Path, name: str, *, create: bool) -> bytes:
    """A key that nothing is sealed with, or raise `KeysMissing`; `create` makes it where it lacks.

    Who relies on what it signs was given its public half, and so notices where it was lost.
    """
    path = _file(folder, name)
    if create:
        with _alone(folder):
            if not path.exists():
                _write(path)
    return _read(path)


def _make(folder: Path) -> None:
    for name in NAMES:
        _write(_file(folder, name))
    if not _file(folder, EVIDENCE).exists():
        _write(_file(folder, EVIDENCE))


def _write(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w") as file:
        file.write(secrets.token_hex(LENGTH) + "\n")
        file.flush()
        os.fsync(descriptor)


def _read(path: Path) -> bytes:
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KeysMissing(f"{path}: {type(error).__name__}") from None
    if WRITTEN.fullmatch(text) is None:
        raise KeysMissing(f"{path}: not {2 * LENGTH} hexadecimal digits")
    return bytes.fromhex(text)


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.key"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
