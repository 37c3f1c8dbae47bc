"""The account, folder and child process an engine runs in (PostgreSQL refuses to run as root)."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SET_PARENT_DEATH_SIGNAL = 1  # Linux prctl(2)


@dataclass(frozen=True)
class Account:
    """Whom an engine runs as; `None` means: as whoever runs the tests."""

    uid: int | None
    gid: int | None


def engine_account(effective_uid: int) -> Account:
    """The account for engines: our own, or nobody's when we are root."""
    if effective_uid != 0:
        return Account(None, None)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(65534, 65534)
    return Account(nobody.pw_uid, nobody.pw_gid)


def open_folder(account: Account) -> Path:
    """A new private folder that the account owns and can enter."""
    for parent in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):
        if parent.is_dir() and reachable(parent, account):
            folder = Path(tempfile.mkdtemp(prefix="jisui-engine-", dir=parent))
            give(folder, account)
            return folder
    raise PermissionError("no temporary folder that an unprivileged account can enter")


def reachable(path: Path, account: Account) -> bool:
    """Whether the account can come to the path and use it."""
    if account.uid is None:
        return os.access(path, os.R_OK | os.X_OK)
    real = path.resolve()
    return all(_enters(part, account) for part in [real, *real.parents])


def within_reach(tree: Path, account: Account, folder: Path) -> Path:
    """The tree itself, or a copy in the folder when the account cannot come to it."""
    if reachable(tree, account) and reachable(tree / "bin" / "postgres", account):
        return tree
    copy = folder / tree.name
    shutil.copytree(tree, copy, symlinks=True)
    give(copy, account)
    return copy


def give(tree: Path, account: Account) -> None:
    """Make the account own the tree."""
    if account.uid is None or account.gid is None:
        return
    for path in [tree, *tree.rglob("*")]:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def launch(
    command: Sequence[str],
    account: Account,
    folder: Path,
    *,
    output: IO[bytes],
    stop: signal.Signals,
    given: bytes = b"",
) -> subprocess.Popen[bytes]:
    """The engine as a child process that ends with us; `given` is what it reads from its input."""
    child = subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=environment(folder),
        preexec_fn=_ends_with_us(stop),
        start_new_session=True,  # Ctrl-C is for the tests, they stop the engine
        **switch(account),
    )
    assert child.stdin is not None
    child.stdin.write(given)
    child.stdin.close()
    return child


def switch(account: Account) -> dict[str, object]:
    """The `subprocess` arguments that change to the account."""
    if account.uid is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def environment(folder: Path) -> Mapping[str, str]:
    """What an engine sees of ours: nothing that could change it, and a HOME it can enter."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LC_ALL": "C"}


def _enters(part: Path, account: Account) -> bool:
    status = part.stat()
    needed = 0o5 if part.is_dir() and part != part.parent else 0o1
    if status.st_uid == account.uid:
        return (status.st_mode >> 6) & needed == needed
    if status.st_gid == account.gid:
        return (status.st_mode >> 3) & needed == needed
    return status.st_mode & needed == needed


def _ends_with_us(stop: signal.Signals) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl  # found before the fork: the child must not allocate
    return lambda: prctl(SET_PARENT_DEATH_SIGNAL, stop)
