"""What operators do with a subscription that was granted; each step is put on record.

Whatever adds numbers to a stream is only ordered here: the publishing leader carries it out.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from gateway.clock import Clock
from gateway.evidence import Action, Actor, Log
from gateway.feed.subscribing.consequences import Consequences, foresee
from gateway.feed.subscribing.field_policies import FieldPolicies
from gateway.feed.subscribing.granting import subscription_entry, terms_content
from gateway.feed.subscribing.secrets import (
    Secrets,
    load_kept_secrets,
    load_key,
    load_secrets,
    new_hmac,
    new_seed,
    seal_secrets,
)
from gateway.feed.subscribing.subscription import Subscription, load_subscription
from gateway.feed.subscribing.tables import replays, subscription_orders
from gateway.feed.subscribing.terms import State, Terms
from gateway.feed.subscribing.wanted import require_sound_terms
from gateway.feed.tables import subscriptions
from gateway.feed.trimmed import load_trimmed
from gateway.identifiers import Identifiers
from gateway.sealing import Sealer

RESUMING = "resuming"  # why a subscription rests while the leader restates what it missed


class NotNow(JisuiError):
    """The subscription's state does not allow this step; the text says why."""


class OrderKind(StrEnum):
    """What the publishing leader is asked to do with a stream."""

    TERMS = "terms"
    LATEST = "latest"


class Choice(StrEnum):
    """How a suspended subscription goes on."""

    REPLAY_ALL = "replay-all"
    LATEST_PER_CHILD = "latest-per-child"
    JUMP = "jump"


@dataclass(frozen=True, slots=True)
class Steering:
    """Changes a subscription in its caller's transaction."""

    sealer: Sealer = field(repr=False)
    clock: Clock
    identifiers: Identifiers
    log: Log
    policies: FieldPolicies
    random_bytes: Callable[[int], bytes]

    async def suspend(
        self, connection: AsyncConnection, subscription_id: str, reason: str, actor: Actor
    ) -> None:
        """Deliver nothing from now on; the stream goes on growing."""
        found = await self._lock(connection, subscription_id, State.ACTIVE)
        await self._set(connection, found, state=State.SUSPENDED.value, state_reason=reason)
        await self._note(
            connection, Action.SUBSCRIPTION_SUSPENDED, found, actor, {"reason": reason}
        )

    async def resume(
        self, connection: AsyncConnection, subscription_id: str, choice: Choice, actor: Actor
    ) -> Consequences:
        """Deliver again, as chosen; what that means for the subscriber."""
        found = await self._lock(connection, subscription_id, State.SUSPENDED)
        consequences = await foresee(connection, found)
        if choice is Choice.LATEST_PER_CHILD:
            await self._order(connection, found, OrderKind.LATEST, "")
            await self._set(connection, found, state_reason=RESUMING)
        else:
            reached = found.head if choice is Choice.JUMP else found.acknowledged
            active = {"state": State.ACTIVE.value, "state_reason": "", "acknowledged": reached}
            await self._set(connection, found, **active)
        content = {"choice": choice.value, "waiting": str(consequences.waiting)}
        await self._note(connection, Action.SUBSCRIPTION_RESUMED, found, actor, content)
        return consequences

    async def stop(self, connection: AsyncConnection, subscription_id: str, actor: Actor) -> None:
        """End it for good: its stream grows no more."""
        found = await self._lock(connection, subscription_id, State.ACTIVE, State.SUSPENDED)
        await self._set(connection, found, state=State.STOPPED.value, state_reason="")
        await self._note(connection, Action.SUBSCRIPTION_STOPPED, found, actor, {})

    async def change(
        self, connection: AsyncConnection, subscription_id: str, terms: Terms, actor: Actor
    ) -> str:
        """Order other terms; the id of the order. The leader back-fills and withdraws.

        Raises `NotGranted` where they cannot be agreed to.
        """
        require_sound_terms(terms, self.policies)
        found = await self._lock(connection, subscription_id, State.ACTIVE, State.SUSPENDED)
        order_id = await self._order(connection, found, OrderKind.TERMS, json.dumps(asdict(terms)))
        content = {"order": order_id, **terms_content(terms)}
        action = Action.SUBSCRIPTION_CHANGED
        await self._note(connection, action, found, actor, content, terms.approval)
        return order_id

    async def replay(
        self, connection: AsyncConnection, subscription_id: str, first: int, last: int, actor: Actor
    ) -> str:
        """Have a range of the stream delivered once more, marked as a replay; the replay's id."""
        found = await self._lock(connection, subscription_id, State.ACTIVE, State.SUSPENDED)
        kept = 1 + await load_trimmed(connection, subscription_id)
        if not kept <= first <= last <= found.head:
            raise NotNow(f"只有 {kept} 至 {found.head} · the stream holds {kept} to {found.head}")
        row = {"replay_id": self.identifiers(), "first": first, "last": last, "next": first}
        named = {"subscription_id": subscription_id, "ordered_at": self.clock.now()}
        await connection.execute(insert(replays), row | named)
        content = {"first": str(first), "last": str(last)}
        await self._note(connection, Action.SUBSCRIPTION_REPLAYED, found, actor, content)
        return str(row["replay_id"])

    async def rotate(
        self,
        connection: AsyncConnection,
        subscription_id: str,
        overlap: timedelta,
        actor: Actor,
    ) -> tuple[Secrets, datetime]:
        """A new HMAC secret before the present one, which holds too until the instant given."""
        found = await self._lock(connection, subscription_id, State.ACTIVE, State.SUSPENDED)
        kept = await self._in_force(connection, found, overlap)
        rotated = replace(kept, hmac=(new_hmac(self.random_bytes), *kept.hmac[:1]))
        return await self._rotate(connection, found, rotated, overlap, actor)

    async def rotate_key(
        self,
        connection: AsyncConnection,
        subscription_id: str,
        overlap: timedelta,
        actor: Actor,
    ) -> tuple[Secrets, datetime]:
        """A new Ed25519 key before the present one, which signs too until the instant given."""
        found = await self._lock(connection, subscription_id, State.ACTIVE, State.SUSPENDED)
        kept = await self._in_force(connection, found, overlap)
        seed = new_seed(self.random_bytes)
        rotated = replace(kept, ed25519_seed=seed, former_seeds=(kept.ed25519_seed,))
        return await self._rotate(connection, found, rotated, overlap, actor)

    async def _in_force(
        self, connection: AsyncConnection, found: Subscription, overlap: timedelta
    ) -> Secrets:
        """What signs at present; where nothing is to overlap, what was replaced before goes too."""
        if not overlap:
            return (await load_kept_secrets(connection, found, self.sealer)).newest
        return await load_secrets(connection, found, self.sealer, self.clock.now())

    async def _rotate(
        self,
        connection: AsyncConnection,
        found: Subscription,
        rotated: Secrets,
        overlap: timedelta,
        actor: Actor,
    ) -> tuple[Secrets, datetime]:
        key = await load_key(connection, found, self.sealer)
        until = self.clock.now() + overlap
        sealed = seal_secrets(rotated, key)
        await self._set(connection, found, sealed_secrets=sealed, overlap_until=until)
        content = {"overlap_until": until.isoformat(timespec="seconds")}
        await self._note(connection, Action.SUBSCRIPTION_ROTATED, found, actor, content)
        return rotated, until

    async def _lock(
        self, connection: AsyncConnection, subscription_id: str, *states: State
    ) -> Subscription:
        """The subscription, whose row stays locked; raise `NotNow` where it is in no such state."""
        mine = subscriptions.c.subscription_id == subscription_id
        await connection.execute(select(subscriptions.c.head).where(mine).with_for_update())
        found = await load_subscription(connection, subscription_id)
        if found.state not in states or found.state_reason == RESUMING:
            said = " ".join(word for word in (found.state.value, found.state_reason) if word)
            raise NotNow(f"当前状态不允许 · not while it is {said}")
        return found

    async def _set(
        self, connection: AsyncConnection, found: Subscription, **columns: object
    ) -> None:
        mine = subscriptions.c.subscription_id == found.subscription_id
        changed = {**columns, "changed_at": self.clock.now()}
        await connection.execute(update(subscriptions).where(mine).values(changed))

    async def _order(
        self, connection: AsyncConnection, found: Subscription, kind: OrderKind, terms: str
    ) -> str:
        order_id = self.identifiers()
        row = {"order_id": order_id, "kind": kind.value, "terms": terms}
        named = {"subscription_id": found.subscription_id, "ordered_at": self.clock.now()}
        await connection.execute(insert(subscription_orders), row | named)
        return order_id

    async def _note(
        self,
        connection: AsyncConnection,
        action: Action,
        found: Subscription,
        actor: Actor,
        content: dict[str, str],
        approval: str = "",
    ) -> None:
        entry = subscription_entry(action, found, actor, content, approval)
        await self.log.append(connection, [entry])
