"""The simulated platform's door: who its members are, and whether they signed."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.population.national.question import BEIJING
from adapters.population.national.registration import Subscription
from adapters.population.national.signature import sign
from adapters.population.national.simulated_secret import day_secret
from adapters.simulation.terms import Refusal

LARGEST_SKEW = timedelta(minutes=30)
QUOTAS: Mapping[Refusal | None, int] = {
    Refusal.TOO_FAST: 1,
    Refusal.HOUR_SPENT: 3600,
    Refusal.DAY_SPENT: 86400,
}


@dataclass(frozen=True, slots=True)
class Membership:
    """Who may ask for what, under which business types, how many rows at once."""

    subscriptions: tuple[Subscription, ...]
    business_codes: frozenset[str]
    batch_limit: int = 5

    def asks_secret(self, stamp: Mapping[str, str], at: datetime) -> Subscription | None:
        """Whose request for a secret this is, or None for nobody's."""
        found = self._named(stamp)
        return found if found and _signed(stamp, found.app_key, at) else None

    def calls(self, stamp: Mapping[str, str], at: datetime) -> Subscription | None:
        """Whose call this is, signed with the secret of this very day, or None."""
        found = self._named(stamp)
        return found if found and _signed(stamp, day_secret(found, at), at) else None

    def _named(self, stamp: Mapping[str, str]) -> Subscription | None:
        asked = stamp["gjgxjhpt_rid"], stamp["gjgxjhpt_sid"]
        return next((each for each in self.subscriptions if asked == _names(each)), None)


def seconds_to_wait(refusal: Refusal | None, at: datetime) -> int:
    """The seconds until a quota that is used up begins anew."""
    local = at.astimezone(BEIJING)
    past = local.hour * 3600 + local.minute * 60 + local.second
    return QUOTAS[refusal] - past % QUOTAS[refusal]


def _names(subscription: Subscription) -> tuple[str, str]:
    return subscription.requester, subscription.service.code


def _signed(stamp: Mapping[str, str], key: str, at: datetime) -> bool:
    asked_at = stamp["gjgxjhpt_rtime"]
    if not (asked_at.isascii() and asked_at.isdigit() and len(asked_at) == 13):
        return False
    skew = abs(at.timestamp() * 1000 - int(asked_at))
    right = sign(key, stamp["gjgxjhpt_sid"], stamp["gjgxjhpt_rid"], asked_at)
    given = stamp["gjgxjhpt_sign"].encode()
    return skew <= LARGEST_SKEW.total_seconds() * 1000 and hmac.compare_digest(
        right.encode(), given
    )
