"""The request secret: fetched with the app's secret, renewed with the refresh secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.population.zhejiang.door import Door
from adapters.population.zhejiang.envelopes import (
    SECRET_REFUSED,
    Envelope,
    Place,
    open_datas,
    refuse_failures,
)
from contracts.errors import NotEntitled
from contracts.secrets import Secret

BY_KEY = "refreshTokenByKey"
BY_REFRESH = "refreshTokenBySec"

_LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Keys:
    """One app's way to its request secret."""

    door: Door
    app_secret: str = field(repr=False)

    async def renew(self, last: Secret | None, trace_id: str) -> Secret:
        """A secret just issued, which ends the one before it.

        The refresh secret is tried first where there is one; refused (it lives two days, and dies
        with the next that is issued) the app's own secret is used. That one refused is an
        operator's matter.
        """
        if last is not None and last.renewal:
            envelope = await self._ask(BY_REFRESH, last.renewal, trace_id)
            if envelope.code not in SECRET_REFUSED:
                return self._secret(envelope, BY_REFRESH)
        envelope = await self._ask(BY_KEY, self.app_secret, trace_id)
        if envelope.code in SECRET_REFUSED:
            raise NotEntitled(self.door.system, BY_KEY, envelope.code)
        return self._secret(envelope, BY_KEY)

    async def _ask(self, operation: str, secret: str, trace_id: str) -> Envelope:
        return await self.door.ask_for_secret(operation, secret, trace_id)

    def _secret(self, envelope: Envelope, operation: str) -> Secret:
        place = Place(self.door.system, operation)
        refuse_failures(envelope, place)
        said = open_datas(envelope.datas, place)
        if not isinstance(said, dict):
            raise place.unreadable("secrets")
        ends = _instant(said.get("requestSecretEndTime"), place)
        return Secret(
            _text(said, "requestSecret", place),
            _used_until(self.door.now(), ends, place),
            _text(said, "refreshSecret", place),
        )


def _used_until(now: datetime, ends: datetime, place: Place) -> datetime:
    # A fifth early, three minutes of fifteen: the clocks differ, and a call takes its time.
    if not timedelta() < ends - now <= _LONGEST:
        raise place.unreadable("secret's end")
    return ends - (ends - now) / 5


def _text(said: Mapping[str, Any], name: str, place: Place) -> str:
    text = said.get(name)
    if not isinstance(text, str) or not 1 <= len(text) <= 256 or not text.isprintable():
        raise place.unreadable("secrets")
    return text


def _instant(said: Any, place: Place) -> datetime:
    text = str(said) if isinstance(said, int | str) else ""
    if len(text) != 13 or not text.isascii() or not text.isdigit():
        raise place.unreadable("secret's end")
    return datetime.fromtimestamp(int(text) / 1000, UTC)
