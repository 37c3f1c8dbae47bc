"""Under which name a subscription knows a child: its own, so that no two can compare theirs."""


def child_kind(subscription_id: str) -> str:
    """The kind of blind index by which a subscription's names of children are made."""
    return f"child of {subscription_id}"
