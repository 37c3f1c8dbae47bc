"""The simulated platform's secrets: each issued one ends the one before it."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from adapters.population.zhejiang.signature import request_time, sign

REQUEST_SECRET_LIVES = timedelta(minutes=15)
REFRESH_SECRET_LIVES = timedelta(hours=48)
LARGEST_SKEW = timedelta(minutes=5)

IN_FORCE, ENDED, WRONG = "00", "11", "14"


@dataclass(frozen=True, slots=True)
class App:
    """A member's app as the platform registered it."""

    key: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pair:
    """The two secrets in force, and when each ends."""

    request: str = field(repr=False)
    request_ends: datetime
    refresh: str = field(repr=False)
    refresh_ends: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """What a request brings to prove whose it is."""

    app_key: str
    sign: str = field(repr=False)
    request_time: str


class Keys:
    """The secrets of one app, in force, ended or refused, by the platform's clock."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._issued = 0
        self._pair: Pair | None = None

    def issue(self, at: datetime) -> dict[str, str]:
        """New secrets; those before them are worth nothing from now on."""
        self._issued += 1
        self._pair = Pair(
            self._new("request"),
            at + REQUEST_SECRET_LIVES,
            self._new("refresh"),
            at + REFRESH_SECRET_LIVES,
        )
        return {
            "refreshSecret": self._pair.refresh,
            "refreshSecretEndTime": request_time(self._pair.refresh_ends),
            "requestSecret": self._pair.request,
            "requestSecretEndTime": request_time(self._pair.request_ends),
        }

    def expire(self, at: datetime) -> None:
        """End the request secret now."""
        if self._pair is not None:
            self._pair = replace(self._pair, request_ends=at)

    def judge_by_app(self, proof: Proof, at: datetime) -> str:
        """The code for a request signed with the app's own secret."""
        return self._judge(proof, self._app.secret, at)

    def judge_by_refresh(self, proof: Proof, at: datetime) -> str:
        """The code for a request signed with the refresh secret."""
        if self._pair is None:
            return WRONG
        if at >= self._pair.refresh_ends:
            return ENDED
        return self._judge(proof, self._pair.refresh, at)

    def judge(self, proof: Proof, at: datetime) -> str:
        """The code for a question signed with the request secret."""
        if self._pair is None:
            return WRONG
        if at >= self._pair.request_ends:
            return ENDED
        return self._judge(proof, self._pair.request, at)

    def _judge(self, proof: Proof, secret: str, at: datetime) -> str:
        right = sign(self._app.key, secret, proof.request_time)
        if proof.app_key != self._app.key or proof.sign != right:
            return WRONG
        return IN_FORCE if _near(proof.request_time, at) else WRONG

    def _new(self, kind: str) -> str:
        seed = f"{self._app.key} {kind} {self._issued}"
        return hashlib.sha256(seed.encode()).hexdigest()[:32]


def _near(said: str, at: datetime) -> bool:
    if not (len(said) == 13 and said.isascii() and said.isdigit()):
        return False
    return abs(int(said) / 1000 - at.timestamp()) <= LARGEST_SKEW.total_seconds()
