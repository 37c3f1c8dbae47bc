"""What we sign is believed by the Standard Webhooks library and by nobody's leave else.

`TEST_MUTATIONS` sets how many spoilt deliveries are tried; 400 where it is not given.
"""

import base64
import os
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from gateway.feed.pushing.signing import signed_headers, signers
from gateway.feed.subscribing.secrets import Secrets

MUTATIONS = int(os.environ.get("TEST_MUTATIONS", "400"))
OLD, NEW, ANOTHERS = (f"whsec_{base64.b64encode(bytes([n]) * 32).decode()}" for n in (1, 2, 3))
SEED = base64.b64encode(b"s" * 32).decode()
BODY = '{"label":"休学","sequence":"7"}'.encode()


def test_the_published_example_is_signed_as_published() -> None:
    whole = base64.b64decode(
        "6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
    )
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    secrets = Secrets((secret,), base64.b64encode(whole[:32]).decode())
    headers = signed_headers(
        signers(secrets),
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"].split() == [
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
    ]


@pytest.mark.parametrize("known", [OLD, NEW], ids=["old", "new"])
def test_either_secret_believes_us_while_the_secret_changes(known: str) -> None:
    assert Webhook(known).verify(BODY, delivered((NEW, OLD)))["sequence"] == "7"


def test_an_id_with_a_dot_is_not_signed() -> None:
    with pytest.raises(ValueError, match="dot"):
        signed_headers(signers(Secrets((NEW,), SEED)), "a.b", datetime.now(UTC), BODY)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_delivery_from_another_time_is_not_believed(minutes: int) -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(BODY, delivered((NEW,), minutes))


def test_nothing_that_was_changed_on_the_way_is_believed() -> None:
    chance = Random(20)
    for _ in range(MUTATIONS):
        headers, body = mutated(chance, delivered((NEW, OLD)), BODY)
        assert not believed(headers, body)


def delivered(hmac: tuple[str, ...], minutes: int = 0) -> dict[str, str]:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    return signed_headers(signers(Secrets(hmac, SEED)), "msg_1", at, BODY)


def believed(headers: dict[str, str], body: bytes) -> bool:
    """Whether the library believes the secret's signature, or anybody the key's."""
    try:
        Webhook(NEW).verify(body, headers)
    except (WebhookVerificationError, ValueError):
        return by_key(headers, body)
    return True


def by_key(headers: dict[str, str], body: bytes) -> bool:
    content = b"%s.%s.%s" % (
        headers["webhook-id"].encode(),
        headers["webhook-timestamp"].encode(),
        body,
    )
    public: Ed25519PublicKey = Ed25519PrivateKey.from_private_bytes(b"s" * 32).public_key()
    for one in headers["webhook-signature"].split():
        version, _, signature = one.partition(",")
        try:
            if version == "v1a":
                public.verify(base64.b64decode(signature), content)
                return True
        except (InvalidSignature, ValueError):
            continue
    return False


def mutated(chance: Random, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    kind = chance.randrange(6)
    if kind == 0:
        place = chance.randrange(len(body))
        flipped = bytes([body[place] ^ 1 << chance.randrange(7)])
        return headers, body[:place] + flipped + body[place + 1 :]
    if kind == 1:
        later = int(headers["webhook-timestamp"]) + chance.choice([-1, 1, 60, -299])
        return headers | {"webhook-timestamp": str(later)}, body
    if kind == 2:
        dot = chance.randrange(len("msg_1"))
        return headers | {"webhook-id": f"{'msg_1'[:dot]}.{'msg_1'[dot:]}"}, body
    if kind == 3:
        alien = signed_headers(
            signers(Secrets((ANOTHERS,), base64.b64encode(b"t" * 32).decode())),
            "msg_1",
            datetime.now(UTC),
            body,
        )
        return alien, body
    if kind == 4:  # the id's end read as the time, the time's as the body
        return headers, headers["webhook-timestamp"].encode() + b"." + body
    renamed = headers["webhook-signature"].replace("v1a,", "v2a,").replace("v1,", "v2,")
    return headers | {"webhook-signature": renamed}, body
