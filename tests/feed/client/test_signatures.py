"""Only what was signed under our keys, and lately, is taken."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.feed.client.ed25519 import verifies
from gateway.feed.client.signatures import Forged, require_signed

# The vectors Standard Webhooks publishes for its libraries.
ID, STAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PUBLIC = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
V1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
V1A = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
NOW = float(STAMP)

# RFC 8032, section 7.1: key, message, signature.
PUBLISHED = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


def headers(**changed: str) -> dict[str, str]:
    told = {"Webhook-Id": ID, "Webhook-Timestamp": STAMP, "Webhook-Signature": V1}
    return told | {name.replace("_", "-"): value for name, value in changed.items()}


@pytest.mark.parametrize(("key", "message", "signature"), PUBLISHED)
def test_published_signatures_verify(key: str, message: str, signature: str) -> None:
    assert verifies(bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature))


@settings(max_examples=15)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 511))
def test_what_another_library_signed_verifies_and_nothing_else(
    seed: bytes, message: bytes, bit: int
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verifies(public, message, signature)
    assert not verifies(public, message + b"\x00", signature)
    turned = (int.from_bytes(signature, "little") ^ 1 << bit).to_bytes(64, "little")
    assert not verifies(public, message, turned)


def test_a_signature_is_not_good_a_second_way() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    key, message, signature = (bytes.fromhex(part) for part in PUBLISHED[1])
    scalar = int.from_bytes(signature[32:], "little") + order
    assert not verifies(key, message, signature[:32] + scalar.to_bytes(32, "little"))


@pytest.mark.parametrize(
    ("keys", "proofs"),
    [
        ([SECRET], V1),
        ([PUBLIC], V1A),
        ([SECRET, PUBLIC], V1A),
        (["whsec_AAAA", SECRET], V1),
        ([SECRET], f"v1,AAAA {V1}"),
        ([SECRET], f"v3,{V1[3:]} {V1A} {V1}"),
    ],
)
def test_a_signature_that_fits_is_enough(keys: list[str], proofs: str) -> None:
    assert require_signed(headers(Webhook_Signature=proofs), BODY, keys, NOW) == ID


@pytest.mark.parametrize(
    ("changed", "body", "keys", "now"),
    [
        ({"Webhook_Signature": V1.replace("v1,", "v2,")}, BODY, [SECRET], NOW),
        ({"Webhook_Signature": V1A.replace("v1a,", "v1,")}, BODY, [SECRET], NOW),
        ({"Webhook_Signature": "v1,"}, BODY, [SECRET], NOW),
        ({"Webhook_Signature": "v1"}, BODY, [SECRET], NOW),
        ({"Webhook_Signature": ""}, BODY, [SECRET], NOW),
        ({"Webhook_Signature": V1 + "="}, BODY, [SECRET], NOW),
        ({"Webhook_Id": ""}, BODY, [SECRET], NOW),
        ({"Webhook_Id": f"{ID}.{STAMP}"}, BODY, [SECRET], NOW),
        ({"Webhook_Timestamp": "1614265331"}, BODY, [SECRET], NOW),
        ({"Webhook_Timestamp": "now"}, BODY, [SECRET], NOW),
        ({"Webhook_Timestamp": "\u0661614265330"}, BODY, [SECRET], NOW),
        ({}, BODY + b" ", [SECRET], NOW),
        ({}, BODY, ["whsec_AAAA"], NOW),
        ({}, BODY, [PUBLIC], NOW),
        ({}, BODY, [], NOW),
        ({}, BODY, [SECRET], NOW + 301),
        ({}, BODY, [SECRET], NOW - 301),
    ],
)
def test_what_is_not_signed_by_us_or_lately_is_refused(
    changed: dict[str, str], body: bytes, keys: list[str], now: float
) -> None:
    with pytest.raises(Forged):
        require_signed(headers(**changed), body, keys, now)
