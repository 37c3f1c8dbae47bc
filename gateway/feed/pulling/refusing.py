"""What a subscriber is told when its request cannot be granted: why, and what to do."""

from gateway.feed.pulling.acknowledging import Refusal, Refused
from gateway.feed.subscribing.subscription import State, Subscription
from gateway.web.problems import Fault, Kind, Problem

_SAID = {
    Refusal.SKIPS: (
        "确认号越过了尚未取到的事件。",
        "This number skips events that were not handed out to you.",
        "请先从 after={expected} 起取到事件，再确认。",
        "Ask for the events after {expected} first, then acknowledge.",
    ),
    Refusal.BEYOND_HEAD: (
        "确认号大于序列的最后一号。",
        "This number is beyond the last of your stream.",
        "最后一号是 {expected}；如您的记录更大，请联系运维核对。",
        "The last number is {expected}; where yours is higher, have an operator look into it.",
    ),
    Refusal.GOES_BACK: (
        "确认号小于已确认的号。",
        "This number is below the one acknowledged already.",
        "已确认到 {expected}；如确要重来，请加 replay=true。",
        "{expected} is acknowledged; to take events once more, say so with replay=true.",
    ),
}


def refused(refused: Refused) -> Problem:
    """A refused acknowledgement as a problem."""
    said, said_en, remedy, remedy_en = _SAID[refused.refusal]
    return _conflict(
        Fault(
            refused.refusal.value,
            "#/acknowledged",
            said,
            said_en,
            remedy.format(expected=refused.expected),
            remedy_en.format(expected=refused.expected),
        )
    )


def require_readable(subscription: Subscription, after: int) -> None:
    """Return where the stream can be read from here on; else raise a problem."""
    if subscription.state is State.SUSPENDED:
        raise _conflict(
            Fault(
                "suspended",
                "subscription",
                "订阅已暂停，事件为您保留。",
                "The subscription is suspended; its events are kept for you.",
                "请联系运维恢复订阅。",
                "Have an operator resume it.",
            )
        )
    if after > subscription.head:
        raise _conflict(
            Fault(
                "beyond_head",
                "after",
                "所给号大于序列的最后一号。",
                "This number is beyond the last of your stream.",
                f"最后一号是 {subscription.head}；如您的记录更大，请联系运维核对。",
                f"The last number is {subscription.head}; where yours is higher,"
                " have an operator look into it.",
            )
        )


def trimmed(last: int) -> Problem:
    """That events up to this number are no longer kept, and the way on."""
    fault = Fault(
        "trimmed",
        "after",
        f"{last} 号及以前的事件已超过保存期限。",
        f"Events up to number {last} are past the time for which they are kept.",
        "请取快照（POST /v1/subscriptions/…/snapshots），从快照所载的号码续取；"
        f"或自 after={last} 起取。",
        "Take a snapshot (POST /v1/subscriptions/…/snapshots) and go on from the number inside it,"
        f" or ask for the events after {last}.",
    )
    return Problem(Kind.TRIMMED, [fault], detail=fault.detail, detail_en=fault.detail_en)


def _conflict(fault: Fault) -> Problem:
    return Problem(Kind.CONFLICT, [fault], detail=fault.detail, detail_en=fault.detail_en)
