"""The secrets a subscription's deliveries are signed with, sealed under the subscription's key.

They rest as JSON: `hmac` holds Standard Webhooks secrets, the newest first; `ed25519_seed` is the
base64 of the 32 bytes that the key `v1a` grows from, `former_seeds` those it replaced.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.subscribing.subscription import Subscription
from gateway.sealing import DataKey, Sealer, Unopenable, load_keys

SECRET_LENGTH = 32
HMAC_PREFIX = "whsec_"
PUBLIC_PREFIX = "whpk_"
_CONTEXT = "secrets"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What signs: every HMAC secret in force, the newest first, and the Ed25519 seeds likewise."""

    hmac: tuple[str, ...] = field(repr=False)
    ed25519_seed: str = field(repr=False)
    former_seeds: tuple[str, ...] = field(default=(), repr=False)

    @property
    def signing_key(self) -> Ed25519PrivateKey:
        """The key behind `v1a` signatures and signed snapshots."""
        return _key_of(self.ed25519_seed)

    @property
    def signing_keys(self) -> tuple[Ed25519PrivateKey, ...]:
        """Every key behind `v1a` signatures, the newest first."""
        return tuple(_key_of(seed) for seed in (self.ed25519_seed, *self.former_seeds))

    @property
    def newest(self) -> "Secrets":
        """The newest of each kind alone."""
        return Secrets(self.hmac[:1], self.ed25519_seed)

    @property
    def public_key(self) -> str:
        """What the subscriber verifies with, in the form of Standard Webhooks."""
        public = self.signing_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return PUBLIC_PREFIX + base64.b64encode(public).decode()


def new_secrets(random_bytes: Callable[[int], bytes]) -> Secrets:
    """Fresh secrets."""
    return Secrets((new_hmac(random_bytes),), new_seed(random_bytes))


def new_hmac(random_bytes: Callable[[int], bytes]) -> str:
    """A fresh HMAC secret in the form of Standard Webhooks."""
    return HMAC_PREFIX + base64.b64encode(random_bytes(SECRET_LENGTH)).decode()


def new_seed(random_bytes: Callable[[int], bytes]) -> str:
    """A fresh seed of an Ed25519 key."""
    return base64.b64encode(random_bytes(SECRET_LENGTH)).decode()


def seal_secrets(secrets: Secrets, key: DataKey) -> bytes:
    """The secrets as they rest."""
    kept = {
        "hmac": list(secrets.hmac),
        "ed25519_seed": secrets.ed25519_seed,
        "former_seeds": list(secrets.former_seeds),
    }
    return key.seal(json.dumps(kept).encode(), _CONTEXT)


async def load_secrets(
    connection: AsyncConnection, subscription: Subscription, sealer: Sealer, now: datetime
) -> Secrets:
    """What signs now: after a rotation's overlap the newest secret of each kind alone.

    Raises `Unopenable` where the subscription's key was destroyed.
    """
    keys = await load_keys(connection, [subscription.key_id], sealer)
    return open_secrets(subscription, keys, now)


def open_secrets(subscription: Subscription, keys: Mapping[str, DataKey], now: datetime) -> Secrets:
    """The same where the keys were loaded already, by their ids."""
    kept = _open_all(subscription, keys)
    overlaps = subscription.overlap_until is not None and now < subscription.overlap_until
    return kept if overlaps else kept.newest


async def load_kept_secrets(
    connection: AsyncConnection, subscription: Subscription, sealer: Sealer
) -> Secrets:
    """All secrets that rest with the subscription, in force or not."""
    return _open_all(subscription, await load_keys(connection, [subscription.key_id], sealer))


async def load_key(
    connection: AsyncConnection, subscription: Subscription, sealer: Sealer
) -> DataKey:
    """The subscription's own key, or raise `Unopenable`."""
    return _key(subscription, await load_keys(connection, [subscription.key_id], sealer))


def _open_all(subscription: Subscription, keys: Mapping[str, DataKey]) -> Secrets:
    kept = json.loads(_key(subscription, keys).open(subscription.sealed_secrets, _CONTEXT))
    return Secrets(tuple(kept["hmac"]), kept["ed25519_seed"], tuple(kept.get("former_seeds", ())))


def _key(subscription: Subscription, keys: Mapping[str, DataKey]) -> DataKey:
    if subscription.key_id not in keys:
        raise Unopenable("the subscription's key is destroyed")
    return keys[subscription.key_id]


def _key_of(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed))
