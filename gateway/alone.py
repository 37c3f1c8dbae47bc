"""At most one process of a kind on an embedded store: a second one is told so and ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.errors import JisuiError


class AlreadyRunning(JisuiError):
    """Another process of this kind works on the same store."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"同一数据库已有一个 {kind} 进程在运行。"
            f" Another {kind} process is running on this store already."
        )


@contextmanager
def alone(folder: Path, kind: str) -> Iterator[None]:
    """Hold the lock of this kind in the store's folder, or raise `AlreadyRunning`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{kind}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(kind) from None
        yield
