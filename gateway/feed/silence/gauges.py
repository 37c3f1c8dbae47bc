"""The metrics of the feed: one gauge a fact, labelled by subscription, never by a person."""

from collections.abc import Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge

from gateway.feed.silence.lag import Lag

_LABELS = ("subscription",)


class FeedGauges:
    """Shows how far each subscriber is; one that ended is shown no more."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, said: str) -> Gauge:
            return Gauge(f"jisui_feed_{name}", said, _LABELS, registry=registry)

        self._head = gauge("head", "Last number of the stream.")
        self._acknowledged = gauge("acknowledged", "Last number acknowledged.")
        self._undelivered = gauge("undelivered_events", "Events not handed out yet.")
        self._oldest = gauge("oldest_undelivered_seconds", "Age of the oldest of these.")
        self._asked = gauge("asked_seconds", "Time since the subscriber last asked.")

    def show(self, lags: Sequence[Lag], now: datetime) -> None:
        """Show these and no others."""
        for each in (self._head, self._acknowledged, self._undelivered, self._oldest, self._asked):
            each.clear()
        for lag in lags:
            name = lag.subscription_id
            self._head.labels(name).set(lag.head)
            self._acknowledged.labels(name).set(lag.acknowledged)
            self._undelivered.labels(name).set(lag.undelivered)
            self._oldest.labels(name).set(_seconds(lag.oldest, now))
            if lag.asked_at is not None:
                self._asked.labels(name).set(_seconds(lag.asked_at, now))


def _seconds(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0
