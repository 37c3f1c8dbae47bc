"""What is in force in this installation, as digests: each part of the configuration, each table."""

import hashlib
import json
from importlib.resources import files

from gateway.evidence.in_force import note_keys, put_in_force
from gateway.keys import EVIDENCE, open_lone_key
from gateway.wiring.ground import Ground

# The tables that decide who may do and see what, and what is put on record.
_POLICIES = (
    ("gateway.access", "policy.csv"),
    ("gateway.access.looks", "thresholds.csv"),
    ("gateway.evidence.witnessing", "policy.csv"),
    ("gateway.feed.subscribing", "field_policies.csv"),
    ("gateway.verification.enrolment_queries", "tells.csv"),
)
_FINGERPRINT = 16  # hexadecimal digits: enough to tell keys apart


async def note_start(ground: Ground, process: str) -> None:
    """Put on record what changed since a process last started, and the keys this one opened."""
    async with ground.database.transaction() as connection:
        await put_in_force(connection, ground.log, digests(ground))
        await note_keys(connection, ground.log, {"process": process} | fingerprints(ground))


async def note_changes(ground: Ground) -> None:
    """Put on record what changed while processes ran: crosswalks are read anew each minute."""
    async with ground.database.transaction() as connection:
        await put_in_force(connection, ground.log, digests(ground))


def digests(ground: Ground) -> dict[str, str]:
    """What is in force, by name."""
    return {**_configuration(ground), **_policies(), "crosswalks": ground.crosswalks.edition}


def fingerprints(ground: Ground) -> dict[str, str]:
    """What tells this installation's keys from others, and nothing about them."""
    opened = {name: getattr(ground.keys, name) for name in ground.keys.__slots__}
    opened[EVIDENCE] = open_lone_key(ground.settings.keys_folder, EVIDENCE, create=False)
    return {name: _fingerprint(key) for name, key in opened.items()}


def _configuration(ground: Ground) -> dict[str, str]:
    # Keyed: an address may hold a password, which could be tried out against a plain digest.
    told = ground.settings.model_dump(mode="json")
    return {
        f"settings.{name}": ground.sealer.index("settings", json.dumps(part, sort_keys=True))
        for name, part in told.items()
    }


def _policies() -> dict[str, str]:
    return {
        f"{package}/{name}": hashlib.sha256(files(package).joinpath(name).read_bytes()).hexdigest()
        for package, name in _POLICIES
    }


def _fingerprint(key: bytes) -> str:
    return hashlib.sha256(b"jisui key fingerprint\n" + key).hexdigest()[:_FINGERPRINT]
