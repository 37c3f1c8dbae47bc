"""The signature and the sealed secret, against worked vectors with invented keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.population.national.signature import open_secret, seal_secret, secret_key, sign

APP_KEY = "0123456789abcdef0123456789abcdef"
SECRET = "fedcba9876543210fedcba9876543210"
SERVICE = "s_1200000900000_2109"
REQUESTER = "11111111-2222-4333-8444-555555555555@df-0"
ASKED_AT = "1700000000000"
SEALED = "LDh6LJzNCB09fXMknMzXpiw4eiyczQgdPX1zJJzM16ZUfuRMyoXTthzV/Enp8P/V"


@pytest.mark.parametrize(
    ("key", "signature"),
    [
        (APP_KEY, "MANs91Lm9Iy73pQVyRNju+OmYYqJg+qvzBo7JOYisE0="),
        (SECRET, "biERtQbxFjC1gCtY4XAQzLk1wh/jAZDO/AULRKjsWXA="),
    ],
)
def test_both_steps_sign_as_in_the_vectors(key: str, signature: str) -> None:
    assert sign(key, SERVICE, REQUESTER, ASKED_AT) == signature


def test_the_key_over_the_secret_is_that_of_the_vector() -> None:
    assert secret_key(APP_KEY).hex() == "2d703e10a32f30251a2370355793e786"


def test_the_secret_of_the_vector_is_sealed_and_opened() -> None:
    assert seal_secret(SECRET, APP_KEY) == SEALED
    assert open_secret(SEALED, APP_KEY) == SECRET


@given(st.text(alphabet="0123456789abcdef", min_size=32, max_size=32), st.text(max_size=40))
def test_what_is_sealed_under_a_key_opens_under_it(secret: str, key: str) -> None:
    assert open_secret(seal_secret(secret, key), key) == secret


@pytest.mark.parametrize(
    "sealed",
    ["", "!", "AAAA", SEALED[:-4], SEALED[::-1], SEALED[4:], "甲", SECRET, SEALED + "\n"],
    ids=range(9),
)
def test_what_is_no_secret_of_ours_is_refused(sealed: str) -> None:
    with pytest.raises(ValueError, match="no secret") as raised:
        open_secret(sealed, APP_KEY)
    assert raised.value.__suppress_context__


def test_another_key_opens_nothing() -> None:
    with pytest.raises(ValueError, match="no secret"):
        open_secret(SEALED, SECRET)


@pytest.mark.parametrize("secret", ["g" * 32, "0" * 31, "0" * 33, "", "０" * 16])
def test_a_secret_of_another_form_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="no secret"):
        open_secret(seal_secret(secret, APP_KEY), APP_KEY)
