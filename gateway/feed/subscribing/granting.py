"""Granting a subscription: its row, its key and secrets, its first terms, and the entry."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.evidence import Action, Actor, Entry, Log
from gateway.feed.subscribing.field_policies import FieldPolicies
from gateway.feed.subscribing.secrets import Secrets, new_secrets, seal_secrets
from gateway.feed.subscribing.subscription import Subscription, load_subscription
from gateway.feed.subscribing.tables import subscription_terms
from gateway.feed.subscribing.terms import State, Terms
from gateway.feed.subscribing.wanted import Wanted, require_sound
from gateway.feed.tables import status_changes, subscriptions
from gateway.identifiers import Identifiers
from gateway.sealing import KeyRow, Sealer, store_keys


@dataclass(frozen=True, slots=True)
class Granting:
    """Grants subscriptions; what it gives is the only sight anybody has of the secrets."""

    sealer: Sealer = field(repr=False)
    clock: Clock
    identifiers: Identifiers
    log: Log
    policies: FieldPolicies
    random_bytes: Callable[[int], bytes]

    async def grant(
        self, connection: AsyncConnection, wanted: Wanted, actor: Actor
    ) -> tuple[Subscription, Secrets]:
        """The new subscription and its secrets; raise `NotGranted` or `ForbiddenAddress`.

        Its stream begins with the first change after those published by now.
        """
        require_sound(wanted, self.policies)
        secrets = new_secrets(self.random_bytes)
        subscription_id = self.identifiers()
        sealed = await self._seal(connection, subscription_id, secrets)
        row = await self._row(connection, subscription_id, wanted)
        await connection.execute(insert(subscriptions), row | {"sealed_secrets": sealed})
        first = terms_row(wanted.terms) | {"from_number": 1, "agreed_at": self.clock.now()}
        await connection.execute(
            insert(subscription_terms), first | {"subscription_id": subscription_id}
        )
        granted = await load_subscription(connection, subscription_id)
        await self.log.append(connection, [granted_entry(granted, actor)])
        return granted, secrets

    async def _seal(
        self, connection: AsyncConnection, subscription_id: str, secrets: Secrets
    ) -> bytes:
        wrapped, key = self.sealer.new_key()
        row = KeyRow(key_id=subscription_id, wrapped=wrapped, created_at=self.clock.now())
        await store_keys(connection, [row])
        return seal_secrets(secrets, key)

    async def _row(
        self, connection: AsyncConnection, subscription_id: str, wanted: Wanted
    ) -> dict[str, object]:
        now = self.clock.now()
        published = select(func.coalesce(func.max(status_changes.c.position), 0))
        return terms_row(wanted.terms) | {
            "subscription_id": subscription_id,
            "name": wanted.name,
            "institution": wanted.institution,
            "mode": wanted.mode.value,
            "batch": wanted.batch,
            "url": wanted.url or None,
            "networks": " ".join(wanted.networks),
            "state": State.ACTIVE.value,
            "state_reason": "",
            "key_id": subscription_id,
            "position": (await connection.execute(published)).scalar_one(),
            "head": 0,
            "acknowledged": 0,
            "created_at": now,
            "changed_at": now,
        }


def terms_row(terms: Terms) -> dict[str, object]:
    """The terms as columns."""
    return {
        "areas": " ".join(terms.areas),
        "stages": " ".join(terms.stages),
        "events": " ".join(terms.events),
        "field_policy": terms.field_policy,
        "approval": terms.approval,
    }


def granted_entry(granted: Subscription, actor: Actor) -> Entry:
    """The entry about a grant, with everything that was agreed but the secrets."""
    content = {
        "name": granted.name,
        "institution": granted.institution,
        "mode": granted.mode.value,
        "networks": " ".join(granted.networks),
        **terms_content(granted.terms),
    }
    return subscription_entry(
        Action.SUBSCRIPTION_GRANTED, granted, actor, content, granted.terms.approval
    )


def terms_content(terms: Terms) -> dict[str, str]:
    """The terms as an entry says them."""
    return {
        "areas": " ".join(terms.areas),
        "stages": " ".join(terms.stages),
        "events": " ".join(terms.events),
        "fields": terms.field_policy,
    }


def subscription_entry(
    action: Action,
    subscription: Subscription,
    actor: Actor,
    content: dict[str, str],
    approval: str = "",
) -> Entry:
    """An entry about a subscription."""
    return Entry(
        action=action,
        outcome="done",
        actor=actor,
        purpose="",
        basis="",
        case="",
        object_ref=subscription.subscription_id,
        request_id="",
        content=content,
        approval=approval,
    )
