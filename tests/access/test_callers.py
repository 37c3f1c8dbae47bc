from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from gateway.access.callers import InvalidCaller, Register, find, revoke
from gateway.access.keys import InvalidKey, new_key
from gateway.access.vocabulary import InstitutionKind, Role
from tests.access.desk import Desk, add, caller_like


async def test_a_caller_is_found_as_it_was_registered(desk_on_each_engine: Desk):
    desk = desk_on_each_engine
    caller = caller_like()
    await add(desk, caller)
    async with desk.database.reading() as connection:
        assert await find(connection, "school-1") == caller
        assert await find(connection, "school-2") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "../etc"},
        {"client_id": ""},
        {"institution": "9900010001;"},
        {"role": Role.COUNTY},
        {"area": "99010"},
        {"area": "000000"},
        {"area": "９９０１０６"},
        {"kind": InstitutionKind.COUNTY, "role": Role.COUNTY, "area": "990000"},
        {"kind": InstitutionKind.PROVINCE, "role": Role.PROVINCE, "area": "990106"},
    ],
)
async def test_a_caller_that_does_not_hold_together_is_refused(desk: Desk, changes: dict[str, str]):
    with pytest.raises(InvalidCaller):
        await add(desk, caller_like(**changes))


def _private() -> dict[str, object]:
    return new_key().as_dict(private=True)


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "OKP", "crv": "X25519", "x": "A" * 43},
        {"kty": "OKP", "crv": "Ed448", "x": "A" * 76},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        {"kty": "OKP", "crv": "Ed25519"},
        _private(),
    ],
    ids=lambda jwk: "-".join(map(str, (jwk.get("kty"), jwk.get("crv"), "d" in jwk))),
)
async def test_only_public_keys_for_signing_are_registered(desk: Desk, jwk: dict[str, str]):
    with pytest.raises(InvalidKey):
        await add(desk, caller_like(public_key=jwk))


async def test_a_client_id_is_given_once(desk: Desk):
    await add(desk, caller_like())
    with pytest.raises(IntegrityError):
        await add(desk, replace(caller_like(), institution="9900010002"))


async def test_a_revocation_made_by_another_process_holds_within_a_second(desk: Desk):
    register = Register(desk.database, desk.clock)
    await add(desk, caller_like())
    assert await register.active("school-1")
    async with desk.database.transaction() as connection:
        assert await revoke(connection, "school-1")
        assert not await revoke(connection, "school-1")
    desk.clock.advance(1.001)
    assert await register.active("school-1") is None


async def test_a_clock_set_back_does_not_keep_a_revoked_caller_alive(desk: Desk):
    register = Register(desk.database, desk.clock)
    await add(desk, caller_like())
    assert await register.active("school-1")
    async with desk.database.transaction() as connection:
        await revoke(connection, "school-1")
    desk.clock.advance(-3600)
    assert await register.active("school-1") is None
