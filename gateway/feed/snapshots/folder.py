"""A snapshot in a folder: each file whole or not there, the manifest last of all."""

import asyncio
import os
from pathlib import Path

from contracts.errors import JisuiError
from gateway.feed.snapshots.manifest import MANIFEST, SIGNATURE
from gateway.feed.snapshots.taking import Signed


class FolderInUse(JisuiError):
    """The folder holds a snapshot already."""


def require_free(folder: Path) -> None:
    """Make the folder where it is not there; raise `FolderInUse` where a snapshot is in it."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / MANIFEST).exists():
        raise FolderInUse(f"文件夹中已有快照 · there is a snapshot in the folder: {folder}")


async def write_file(folder: Path, name: str, content: bytes) -> None:
    """Write one file, durably and at one go."""
    await asyncio.to_thread(_write, folder / name, content)


async def write_signed(folder: Path, signed: Signed) -> None:
    """Write the signature and then the manifest, which makes the snapshot one."""
    await write_file(folder, SIGNATURE, f"{signed.signature}\n".encode())
    await write_file(folder, MANIFEST, signed.content)


def _write(file: Path, content: bytes) -> None:
    partial = file.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as written:
        written.write(content)
        written.flush()
        os.fsync(descriptor)
    partial.replace(file)
