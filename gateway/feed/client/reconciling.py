"""Reconciling: whether both sides hold the same of a school, and if not, which children differ."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.feed.client.inbox import Inbox
from gateway.feed.client.merkle import BUCKETS, Leaf, bucket_hashes, buckets_of, root_of
from gateway.feed.client.pages import Gateway

_DIGEST = "/digest"


@dataclass(frozen=True, slots=True)
class Difference:
    """A child of whom the two sides hold different things; None where one has no such child."""

    child: str
    ours: Leaf | None
    theirs: Leaf | None


async def reconcile(gateway: Gateway, inbox: Inbox, school: str, on: str) -> list[Difference]:
    """Where inbox and gateway differ about a school by the end of a day; none where they agree.

    It takes one call where they agree, else one more and one for each bucket that differs.
    The inbox has to hold everything up to the number the digest is about.
    """
    told = await gateway.read(_DIGEST, school=school, on=on)
    ours = inbox.children_at(school, int(told["through"]))
    hashes = bucket_hashes(ours)
    if root_of(hashes) == told["root"]:
        return []
    asked = {"school": school, "through": str(told["through"])}
    node = await gateway.read(f"{_DIGEST}/nodes", **asked, path="")
    pairs = zip(BUCKETS, hashes, node["hashes"], strict=True)
    differing = [name for name, mine, theirs in pairs if mine != theirs]
    found: list[Difference] = []
    for name in differing:
        bucket = await gateway.read(f"{_DIGEST}/nodes", **asked, path=name)
        theirs = [(leaf["child"], leaf["version"], leaf["status"]) for leaf in bucket["leaves"]]
        found += _differences(buckets_of(ours).get(name, []), theirs)
    return found


def _differences(ours: Sequence[Leaf], theirs: Sequence[Leaf]) -> list[Difference]:
    mine = {leaf[0]: leaf for leaf in ours}
    other = {leaf[0]: leaf for leaf in theirs}
    return [
        Difference(child, mine.get(child), other.get(child))
        for child in sorted(mine.keys() | other.keys())
        if mine.get(child) != other.get(child)
    ]
