"""A snapshot's manifest: which files, which moment, and the number its events go on from.

It can be read and verified with what the subscriber has: the manifest, its signature, the files,
and the public key that was handed out with the subscription.
"""

import base64
import binascii
import gzip
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.errors import JisuiError
from gateway.feed.subscribing.terms import Terms

FORMAT = "jisui-snapshot-1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.json.sig"
_PUBLIC_PREFIX = "whpk_"


class NotGenuine(JisuiError):
    """A snapshot that is not as its subscription's key signed it; the text names the file."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of lines: its name, the hash and length of its bytes, and how many lines."""

    name: str
    sha256: str
    bytes: int
    lines: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot is; events from `next_number` on complete it."""

    subscription: str
    terms: Terms
    next_number: int
    taken_at: datetime
    files: tuple[File, ...]

    @property
    def children(self) -> int:
        """How many children's states it holds."""
        return sum(file.lines for file in self.files)


def file_named(place: int, content: bytes, lines: int) -> File:
    """The entry of a manifest for the file in this place."""
    digest = sha256(content).hexdigest()
    return File(f"part-{place:05d}.jsonl.gz", digest, len(content), lines)


def write_manifest(manifest: Manifest) -> bytes:
    """The manifest's bytes, which are signed."""
    told: dict[str, Any] = {
        "format": FORMAT,
        "subscription": manifest.subscription,
        "areas": manifest.terms.areas,
        "stages": manifest.terms.stages,
        "events": manifest.terms.events,
        "fields": manifest.terms.field_policy,
        "approval": manifest.terms.approval,
        "next": manifest.next_number,
        "takenAt": manifest.taken_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "children": manifest.children,
        "files": [asdict(file) for file in manifest.files],
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def open_snapshot(folder: Path, public_key: str) -> Manifest:
    """The manifest of a snapshot in a folder, all of it verified; raise `NotGenuine`."""
    content = _read(folder / MANIFEST)
    _verify(content, _read(folder / SIGNATURE), public_key)
    manifest = _manifest(json.loads(content))
    for file in manifest.files:
        if sha256(_read(folder / file.name)).hexdigest() != file.sha256:
            raise NotGenuine(file.name)
    return manifest


def read_lines(folder: Path, manifest: Manifest) -> Iterator[dict[str, Any]]:
    """Every child's state, file by file."""
    for file in manifest.files:
        with gzip.open(folder / file.name, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _verify(content: bytes, signature: bytes, public_key: str) -> None:
    try:
        key = base64.b64decode(public_key.removeprefix(_PUBLIC_PREFIX), validate=True)
        proof = base64.b64decode(signature.strip(), validate=True)
        Ed25519PublicKey.from_public_bytes(key).verify(proof, content)
    except (binascii.Error, ValueError, InvalidSignature):
        raise NotGenuine(MANIFEST) from None


def _manifest(told: dict[str, Any]) -> Manifest:
    if told.get("format") != FORMAT:
        raise NotGenuine(MANIFEST)
    terms = Terms(
        tuple(told["areas"]),
        tuple(told["stages"]),
        tuple(told["events"]),
        told["fields"],
        told["approval"],
    )
    return Manifest(
        subscription=told["subscription"],
        terms=terms,
        next_number=told["next"],
        taken_at=datetime.fromisoformat(told["takenAt"]),
        files=tuple(File(**file) for file in told["files"]),
    )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        raise NotGenuine(file.name) from None
