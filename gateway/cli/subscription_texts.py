"""What `jisui subscriptions` understands and prints."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from contracts.events import Stage
from gateway.feed.subscribing.terms import Terms

if TYPE_CHECKING:
    from gateway.feed.subscribing.consequences import Consequences
    from gateway.feed.subscribing.subscription import Subscription

ALL = "all"


def terms_of(
    areas: Sequence[str],
    stages: Sequence[Stage],
    events: Sequence[str],
    fields: str,
    approval: str,
) -> Terms:
    """The terms as options name them: repeated or with commas, areas in full or by their prefix."""
    return Terms(
        areas=tuple(dict.fromkeys(_prefix(area) for area in _listed(areas))),
        stages=tuple(dict.fromkeys(stage.value for stage in stages)),
        events=tuple(dict.fromkeys(event for event in _listed(events) if event != ALL)),
        field_policy=fields,
        approval=approval,
    )


def facts(found: "Subscription") -> dict[str, Any]:
    """A subscription for programs; without secrets."""
    return {
        "subscription_id": found.subscription_id,
        "name": found.name,
        "institution": found.institution,
        "areas": list(found.terms.areas),
        "stages": list(found.terms.stages),
        "events": list(found.terms.events) or [ALL],
        "fields": found.terms.field_policy,
        "approval": found.terms.approval,
        "mode": found.mode.value,
        "batch": found.batch,
        "url": found.url,
        "networks": list(found.networks),
        "state": found.state.value,
        "reason": found.state_reason,
        "head": found.head,
        "acknowledged": found.acknowledged,
    }


def line(found: Mapping[str, Any]) -> str:
    """A subscription in one line."""
    reached = f"{found['acknowledged']}/{found['head']}"
    areas = " ".join(found["areas"])
    words = (found["subscription_id"], found["state"], found["mode"], reached, areas, found["name"])
    return "  ".join(words)


def page(found: Mapping[str, Any]) -> str:
    """Facts, a line each."""
    told = {name: value for name, value in found.items() if value not in ("", [])}
    return "\n".join(f"{name}: {_words(value)}" for name, value in told.items())


def foreseen_text(foreseen: "Consequences") -> str:
    """What each choice of going on would mean."""
    since = foreseen.since.isoformat(timespec="seconds") if foreseen.since else "-"
    return (
        f"积压 · waiting: {foreseen.waiting} 条 · events, {foreseen.children} 名儿童 · children,"
        f" since {since}\n"
        f"--replay-all        补发 · delivers {foreseen.waiting}\n"
        f"--latest-per-child  补发 · delivers {foreseen.children}，其余可拉取 · the rest by pull\n"
        f"--jump              不补发，从 {foreseen.head + 1} 起；请先取快照 · delivers none: fetch"
        " a snapshot"
    )


def _listed(options: Sequence[str]) -> list[str]:
    return [word for option in options for word in option.replace(",", " ").split()]


def _prefix(area: str) -> str:
    # 330000 is a province, 330100 a city: whoever names them means everything below.
    while len(area) > 2 and area.endswith("00"):
        area = area[:-2]
    return area


def _words(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
