import base64
import json
from typing import Any

import pytest
from joserfc import jwt

from gateway.access.callers import revoke
from gateway.access.facts import Facts
from gateway.access.keys import new_key
from gateway.access.refusals import Denied, HeaderMalformed, HeaderMissing, Unauthenticated
from gateway.access.vocabulary import Operation, Purpose, Role
from tests.access.desk import ISSUER, Desk


def facts(token: str, **told: str) -> Facts:
    said = {"trace_id": "trace-1", "purpose": "enrolment", "case": "2026-1", "user": "CN/u1"}
    return Facts(token, **{**said, **told})


async def test_a_grant_names_everything_the_evidence_will_need(desk: Desk):
    told = facts(await desk.bearer(Role.CLERK), case="%E7%A9%97%E6%95%99-12")
    grant = await desk.access.admit(told, Operation.INTAKE_SUBMIT)
    assert (grant.case, grant.user, grant.purpose) == ("穗教-12", "CN/u1", Purpose.ENROLMENT)
    assert grant.scope.value == grant.institution == "9900010001"
    assert grant.trace_id == "trace-1"
    assert grant.actor.role == "clerk"
    assert grant.actor.user == "CN/u1"
    assert grant.basis


async def test_an_operation_without_a_child_needs_neither_purpose_nor_case(desk: Desk):
    told = Facts(await desk.bearer(Role.CLERK), "trace-1")
    grant = await desk.access.admit(told, Operation.LANES_READ)
    assert (grant.purpose, grant.basis, grant.case) == (None, "", "")


@pytest.mark.parametrize(
    ("missing", "header"),
    [("purpose", "Jisui-Purpose"), ("case", "X-Road-Issue"), ("user", "X-Road-UserId")],
)
async def test_an_act_of_a_person_on_a_child_names_purpose_case_and_person(
    desk: Desk, missing: str, header: str
):
    token = await desk.bearer(Role.LEADER)
    with pytest.raises(HeaderMissing) as refused:
        await desk.access.admit(facts(token, **{missing: ""}), Operation.HANDOVER_CONFIRM)
    assert refused.value.names == (header,)


async def test_reading_may_be_a_systems_own_act(desk: Desk):
    told = facts(await desk.bearer(Role.CLERK), user="")
    assert await desk.access.admit(told, Operation.WORKLIST_READ)


@pytest.mark.parametrize(
    "told",
    [
        {"purpose": "curiosity"},
        {"case": "999999201801010014"},
        {"case": "case-999999201801010014"},
        {"case": "G999999201801010014"},
        {"user": "CN/99999920180101009X"},
        {"user": "CN/99999920180101009x"},
        {"user": "%39%39%39999201801010014"},
        {"user": "a\nb"},
        {"user": "%0Aforged=1"},
        {"user": "%E2%80%AE"},
        {"user": "%FF"},
        {"user": "x" * 257},
        {"case": "案号"},
    ],
)
async def test_a_header_that_is_no_identifier_or_looks_like_a_document_is_refused(
    desk: Desk, told: dict[str, str]
):
    token = await desk.bearer(Role.LEADER)
    with pytest.raises(HeaderMalformed) as refused:
        await desk.access.admit(facts(token, **told), Operation.HANDOVER_CONFIRM)
    assert next(iter(told.values())) not in str(refused.value)


async def test_a_denial_is_put_on_record_with_who_asked_for_what(desk: Desk):
    token = await desk.bearer(Role.CLERK)
    with pytest.raises(Denied):
        await desk.access.admit(facts(token), Operation.HANDOVER_CONFIRM)
    denial = (await desk.entries())[-1]
    assert (denial["action"], denial["outcome"]) == ("access.denied", "role")
    assert denial["content"] == {"operation": "handover.confirm"}
    assert (denial["caller"], denial["request"]) == (
        (await desk.caller(Role.CLERK)).client_id,
        "trace-1",
    )


async def test_a_purpose_that_is_not_the_roles_own_is_denied(desk: Desk):
    token = await desk.bearer(Role.CLERK)
    with pytest.raises(Denied):
        await desk.access.admit(facts(token, purpose="audit"), Operation.HANDOVER_READ)
    assert (await desk.entries())[-1]["outcome"] == "purpose"


async def test_absence_and_a_foreign_scope_are_refused_and_recorded_alike(desk: Desk):
    token = await desk.bearer(Role.CLERK)
    grant = await desk.access.admit(facts(token), Operation.HANDOVER_READ)
    await desk.access.require_covered(grant, institution="9900010001", area="990106")
    with pytest.raises(Denied):
        await desk.access.require_covered(grant, institution="9900010002", area="990106")
    with pytest.raises(Denied):
        await desk.access.refuse(grant, "absent")
    foreign, absent = (await desk.entries())[-2:]
    differing = {name for name in foreign if foreign[name] != absent[name]}
    assert differing == {"id", "outcome"}


async def test_a_token_that_was_seen_to_hold_is_worth_nothing_once_its_time_is_over(desk: Desk):
    token = await desk.bearer(Role.CLERK)
    assert await desk.access.admit(facts(token), Operation.HANDOVER_READ)
    desk.clock.advance(606)
    with pytest.raises(Unauthenticated):
        await desk.access.admit(facts(token), Operation.HANDOVER_READ)


async def test_the_tokens_of_a_revoked_caller_stop_within_a_second(desk: Desk):
    token = await desk.bearer(Role.CLERK)
    assert await desk.access.admit(facts(token), Operation.HANDOVER_READ)
    async with desk.database.transaction() as connection:
        await revoke(connection, (await desk.caller(Role.CLERK)).client_id)
    desk.clock.advance(1.1)
    with pytest.raises(Unauthenticated):
        await desk.access.admit(facts(token), Operation.HANDOVER_READ)


@pytest.mark.parametrize(("seconds", "held"), [(599, True), (605, False)])
async def test_a_token_lives_ten_minutes(desk: Desk, seconds: float, held: bool):
    told = facts(await desk.bearer(Role.CLERK))
    desk.clock.advance(seconds)
    if held:
        assert await desk.access.admit(told, Operation.HANDOVER_READ)
        return
    with pytest.raises(Unauthenticated):
        await desk.access.admit(told, Operation.HANDOVER_READ)


def _changed(desk: Desk, client_id: str, claims: dict[str, Any], header: dict[str, Any]) -> str:
    now = int(desk.clock.now().timestamp())
    body = {"iss": ISSUER, "aud": ISSUER, "sub": client_id, "iat": now, "exp": now + 60, "jti": "a"}
    body |= claims
    head = {"alg": "Ed25519", "kid": desk.key.thumbprint(), "typ": "at+jwt"} | header
    kept = {name: value for name, value in body.items() if value is not None}
    return jwt.encode(head, kept, desk.key, algorithms=["Ed25519"], default_type=None)


@pytest.mark.parametrize(
    ("claims", "header"),
    [
        ({"aud": "https://elsewhere.invalid"}, {}),
        ({"iss": "https://elsewhere.invalid"}, {}),
        ({"exp": None}, {}),
        ({"jti": None}, {}),
        ({"iat": None}, {}),
        ({"sub": None}, {}),
        ({"sub": "nobody"}, {}),
        ({"iat": 1_900_000_000}, {}),
        ({"nbf": 1_900_000_000}, {}),
        ({}, {"typ": "JWT"}),
        ({}, {"kid": "../../key"}),
        ({}, {"kid": ""}),
    ],
)
async def test_a_token_that_is_not_quite_ours_is_refused(
    desk: Desk, claims: dict[str, Any], header: dict[str, Any]
):
    client_id = (await desk.caller(Role.CLERK)).client_id
    assert await desk.access.admit(
        facts(_changed(desk, client_id, {}, {})), Operation.HANDOVER_READ
    )
    told = facts(_changed(desk, client_id, claims, header))
    with pytest.raises(Unauthenticated):
        await desk.access.admit(told, Operation.HANDOVER_READ)


async def test_a_token_by_another_key_or_without_a_signature_is_refused(desk: Desk):
    client_id = (await desk.caller(Role.CLERK)).client_id
    now = int(desk.clock.now().timestamp())
    claims = {"iss": ISSUER, "aud": ISSUER, "sub": client_id, "iat": now, "exp": now + 60}
    head = {"alg": "Ed25519", "kid": desk.key.thumbprint(), "typ": "at+jwt"}
    forged = jwt.encode(head, {**claims, "jti": "a"}, new_key(), algorithms=["Ed25519"])
    _, body, _ = forged.split(".")
    bare = base64.urlsafe_b64encode(json.dumps({**head, "alg": "none"}).encode()).decode()
    for token in (forged, f"{bare.rstrip('=')}.{body}.", "", "x", "令牌", f"{forged}.{forged}"):
        with pytest.raises(Unauthenticated):
            await desk.access.admit(facts(token), Operation.HANDOVER_READ)


def test_facts_and_tokens_keep_the_token_out_of_their_text():
    assert "secret-token" not in repr(facts("secret-token"))
