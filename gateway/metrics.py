"""What is counted and timed; labels hold closed vocabularies only, never a person or an id."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass(frozen=True, slots=True)
class Metrics:
    """The gateway's own instruments and the registry that others may add theirs to."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram
    problems: Counter
    failures: Counter


def open_metrics() -> Metrics:
    """Fresh instruments in a registry of their own."""
    registry = CollectorRegistry()
    return Metrics(
        registry,
        Counter(
            "jisui_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=registry,
        ),
        Histogram(
            "jisui_request_seconds",
            "Time from a request's first byte to its answer's last.",
            ["method", "route"],
            buckets=_SECONDS,
            registry=registry,
        ),
        Counter(
            "jisui_problems",
            "Problems answered, by kind and by whose side failed.",
            ["kind", "fault"],
            registry=registry,
        ),
        Counter(
            "jisui_unhandled_failures",
            "Exceptions nobody expected, by type.",
            ["type"],
            registry=registry,
        ),
    )
