"""Taking a snapshot: files of lines, then the signed manifest that names the next number."""

import base64
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.snapshots.manifest import File, Manifest, file_named, write_manifest
from gateway.feed.snapshots.state import States
from gateway.feed.subscribing.secrets import load_secrets
from gateway.feed.subscribing.subscription import Subscription
from gateway.sealing import Sealer

LINES_A_FILE = 20_000


@dataclass(frozen=True, slots=True)
class Signed:
    """A manifest as it is handed over, and the Ed25519 signature over its bytes, in base64."""

    manifest: Manifest
    content: bytes
    signature: str


@dataclass(slots=True)
class Taking:
    """One snapshot on its way: give out its files first, then sign what they were.

    `connection` reads in one snapshot of the store, in which `subscription` was loaded.
    """

    states: States
    sealer: Sealer = field(repr=False)
    connection: AsyncConnection
    subscription: Subscription
    lines_a_file: int = LINES_A_FILE
    _files: list[File] = field(default_factory=list, init=False)

    async def files(self) -> AsyncIterator[tuple[File, bytes]]:
        """Each file with its content, in flat memory."""
        lines: list[str] = []
        async for line in self.states.lines(self.connection, self.subscription):
            lines.append(line)
            if len(lines) == self.lines_a_file:
                yield self._file(lines)
                lines = []
        if lines:
            yield self._file(lines)

    async def sign(self, now: datetime) -> Signed:
        """The manifest of the files given out, signed with the subscription's own key."""
        secrets = await load_secrets(self.connection, self.subscription, self.sealer, now)
        manifest = Manifest(
            subscription=self.subscription.subscription_id,
            terms=self.subscription.terms,
            next_number=self.subscription.head + 1,
            taken_at=now,
            files=tuple(self._files),
        )
        content = write_manifest(manifest)
        signature = base64.b64encode(secrets.signing_key.sign(content)).decode()
        return Signed(manifest, content, signature)

    def _file(self, lines: list[str]) -> tuple[File, bytes]:
        # The same lines give the same bytes: no time of writing in the file.
        content = gzip.compress("".join(f"{line}\n" for line in lines).encode(), 6, mtime=0)
        file = file_named(len(self._files) + 1, content, len(lines))
        self._files.append(file)
        return file, content
