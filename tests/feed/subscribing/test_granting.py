"""A subscription is granted as a whole or not at all, and its secrets are seen once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from gateway.feed.pushing.addresses import ForbiddenAddress
from gateway.feed.pushing.signing import signers
from gateway.feed.subscribing.field_policies import (
    How,
    InvalidFieldPolicy,
    load_field_policies,
)
from gateway.feed.subscribing.secrets import load_secrets
from gateway.feed.subscribing.subscription import Mode, State
from gateway.feed.subscribing.tables import subscription_terms
from gateway.feed.subscribing.wanted import NotGranted, require_sound
from tests.feed.province import NOW, SEALER, change, children, record
from tests.feed.subscribing.office import Office, terms, wanted

THIN = terms("33")
PUSH = {"mode": Mode.PUSH, "url": "https://province.example/events"}


async def test_a_grant_begins_after_what_was_published(office: Office) -> None:
    (child,) = await children(office.store, 1)
    await record(office.store, [change(child)])
    await office.publish()
    granted, _ = await office.grant(THIN)
    assert await office.told(granted) == []
    await record(office.store, [change(child)])
    await office.publish()
    assert await office.told(granted) == [("change", "suspended", "both")]
    assert (await office.load(granted)).state is State.ACTIVE


async def test_a_grant_is_on_record_without_its_secrets(office: Office) -> None:
    granted, secrets = await office.grant(THIN, **PUSH)
    ((action, content),) = await office.recorded()
    assert (action, content["areas"]) == ("subscription.granted", "33")
    assert secrets.hmac[0] not in str(content)
    assert "province.example" not in str(content)
    kept = await office.load(granted)
    assert secrets.hmac[0].encode() not in kept.sealed_secrets
    assert secrets.hmac[0] not in repr(secrets)
    async with office.store.reading() as connection:
        assert await load_secrets(connection, kept, SEALER, NOW) == secrets


async def test_two_secrets_hold_while_one_takes_over_and_then_the_new_one_alone(
    office: Office,
) -> None:
    granted, first = await office.grant(THIN)
    rotated, until = await office.steer("rotate", granted, timedelta(days=7))
    kept = await office.load(granted)
    assert (rotated.hmac[1], until) == (first.hmac[0], NOW + timedelta(days=7))
    async with office.store.reading() as connection:
        during = await load_secrets(connection, kept, SEALER, until - timedelta(seconds=1))
        after = await load_secrets(connection, kept, SEALER, until)
    assert during == rotated
    assert after.hmac == rotated.hmac[:1]
    assert after.ed25519_seed == first.ed25519_seed


async def test_the_signing_key_is_replaced_like_a_secret_both_signing_for_a_while(
    office: Office,
) -> None:
    granted, first = await office.grant(THIN)
    rotated, until = await office.steer("rotate_key", granted, timedelta(days=7))
    assert rotated.hmac == first.hmac
    assert rotated.public_key != first.public_key
    kept = await office.load(granted)
    async with office.store.reading() as connection:
        during = await load_secrets(connection, kept, SEALER, until - timedelta(seconds=1))
        after = await load_secrets(connection, kept, SEALER, until)
    message = b"an id.1.a body"
    signatures = [sign(message) for sign in signers(during)]
    for secrets in (first, rotated):
        assert signers(secrets)[-1](message) in signatures
    assert (after.former_seeds, after.public_key) == ((), rotated.public_key)
    assert len(signers(after)) == 2


async def test_what_was_replaced_ends_at_once_where_nothing_is_to_overlap(office: Office) -> None:
    granted, _ = await office.grant(THIN)
    await office.steer("rotate_key", granted, timedelta(days=7))
    await office.steer("rotate", granted, timedelta(days=7))
    await office.steer("rotate_key", granted, timedelta(0))
    kept = await office.load(granted)
    async with office.store.reading() as connection:
        secrets = await load_secrets(connection, kept, SEALER, NOW)
    assert (len(secrets.hmac), secrets.former_seeds) == (1, ())


@pytest.mark.parametrize(
    "asked",
    [
        wanted(replace(THIN, areas=())),
        wanted(replace(THIN, areas=("33%",))),
        wanted(replace(THIN, areas=("331",))),
        wanted(replace(THIN, stages=())),
        wanted(replace(THIN, stages=("university",))),
        wanted(replace(THIN, events=("vanished",))),
        wanted(replace(THIN, field_policy="everything")),
        wanted(replace(THIN, field_policy="register")),
        wanted(replace(THIN, approval="99999920190101001X 批准")),
        wanted(THIN, mode=Mode.PUSH),
        wanted(THIN, url="https://province.example/"),
        wanted(THIN, batch=0),
        wanted(THIN, batch=1001),
        wanted(THIN, networks=("10.0.0.1/8",)),
        replace(wanted(THIN), name=""),
        replace(wanted(THIN), name="\n"),
        replace(wanted(THIN), institution="三三"),
    ],
)
def test_what_cannot_be_meant_is_not_granted(asked) -> None:
    with pytest.raises(NotGranted):
        require_sound(asked, load_field_policies())


def test_an_address_with_somebody_in_it_is_refused() -> None:
    with pytest.raises(ForbiddenAddress):
        require_sound(
            wanted(THIN, mode=Mode.PUSH, url="https://me:PASSWORD@province.example/"),
            load_field_policies(),
        )


async def test_what_is_refused_leaves_nothing_behind(office: Office) -> None:
    with pytest.raises(NotGranted):
        await office.grant(terms("33", fields="register"))
    async with office.store.reading() as connection:
        assert (
            await connection.execute(select(func.count()).select_from(subscription_terms))
        ).scalar() == 0
    assert await office.recorded() == []


def test_every_shipped_policy_but_thin_needs_an_approval_and_none_tells_a_number() -> None:
    policies = load_field_policies()
    assert {name for name, policy in policies.items() if policy.thin} == {"thin"}
    for policy in policies.values():
        assert policy.fields["number"] in (How.YES_NO, How.ABSENT)
        assert policy.fields["document"] in (How.YES_NO, How.ABSENT)


@pytest.mark.parametrize(
    "row", ["open,number,full,", "open,document,masked,", "open,name,aloud,", "open,name,full,"]
)
def test_a_policy_that_tells_too_much_is_not_loaded(tmp_path, row: str) -> None:
    file = tmp_path / "policies.csv"
    file.write_text(f"policy,field,how,justification\nopen,name,full,\n{row}\n", "utf-8")
    with pytest.raises(InvalidFieldPolicy):
        load_field_policies(file)


def test_a_policy_tells_no_more_than_it_says() -> None:
    detail = {"name": "欧阳小明", "sex": "1", "born_on": "2019-03-01", "number": "G1", "other": "x"}
    told = load_field_policies()["supervision"].told(detail)
    assert told == {"name": "欧**", "sex": "1", "born_on": "2019", "number": True}
    assert load_field_policies()["thin"].told(detail) == {}
