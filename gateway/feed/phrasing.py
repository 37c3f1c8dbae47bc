"""Rendering the same change for many subscribers: what none of them reads differently is kept.

The bytes are those of `rendering.render`; only the subscriber, its number and its name for the
child are filled in anew.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.places import Place, load_changes, what_stands
from gateway.feed.rendering import WITHDRAWAL, Words, encode, event_name, instant, state

AT_MOST = 20_000  # changes, about a kilobyte each

_Change = Row[tuple[object, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """An event's two stretches that are the same for all who see one side of the change."""

    person_id: str
    name: bytes
    told: bytes


class Phrases:
    """Phrases of one process's readers; those last used are kept, the half of them for certain."""

    def __init__(self, words: Words, at_most: int = AT_MOST) -> None:
        self._words = words
        self._half = max(1, at_most // 2)
        self._young: dict[str, Phrase] = {}
        self._old: dict[str, Phrase] = {}
        self._loading = asyncio.Lock()

    async def load(
        self, connection: AsyncConnection, subscription_id: str, places: Sequence[Place]
    ) -> list[Phrase]:
        """The phrases of these places; what several readers miss at a time is loaded once."""
        young = self._young
        found = [young.get(what) for _, what in places]
        if None not in found:
            return [phrase for phrase in found if phrase]
        async with self._loading:
            known = {number: self._find(what) for number, what in places}
            missing = [number for number, phrase in known.items() if phrase is None]
            for change in await load_changes(connection, subscription_id, missing):
                known[change.number] = self.phrase(change)
        return [phrase for phrase in known.values() if phrase]

    def phrase(self, change: _Change) -> Phrase:
        """The phrase of a change as it stands in a stream; `ValueError` for a withdrawal."""
        if change.reason == WITHDRAWAL:
            raise ValueError("a withdrawal tells something else")
        what = what_stands(change.change_id, change.half, change.reason)
        return self._find(what) or self._keep(what, _phrase_of(change, self._words))

    def _find(self, what: str) -> Phrase | None:
        phrase = self._young.get(what)
        if phrase is None:
            phrase = self._old.get(what)
            if phrase is not None:
                self._keep(what, phrase)
        return phrase

    def _keep(self, what: str, phrase: Phrase) -> Phrase:
        if len(self._young) >= self._half:
            self._young, self._old = {}, self._young
        self._young[what] = phrase
        return phrase


def fill(phrase: Phrase, subscription: bytes, number: int, child: bytes) -> bytes:
    """One event; subscription and child as they stand `within` quotes."""
    return (
        b'{"specversion":"1.0","id":"%b-%d","source":"/v1/subscriptions/%b",%b,'
        b'"subject":"%b","sequence":"%d","datacontenttype":"application/json",'
        b'"data":{"child":"%b",%b}'
    ) % (subscription, number, subscription, phrase.name, child, number, child, phrase.told)


def within(text: str) -> bytes:
    """A text as it stands between the quotes in JSON."""
    return encode(text)[1:-1].encode()


def _phrase_of(change: _Change, words: Words) -> Phrase:
    told = state(change, "", words)
    del told["child"]
    name = encode({"type": event_name(change), "time": instant(change.occurred_at)})
    return Phrase(change.person_id, name[1:-1].encode(), encode(told)[1:].encode())
