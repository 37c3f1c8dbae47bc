"""Rendering the same change for many subscribers: what none of them reads differently is kept.

The bytes are those of `rendering.render`; only the subscriber, its number and its name for the
child are filled in anew.
"""

from collections import OrderedDict
from dataclasses import dataclass

from sqlalchemy import Row

from gateway.feed.rendering import WITHDRAWAL, Words, encode, event_name, instant, state

AT_MOST = 20_000  # changes, about half a kilobyte each


@dataclass(frozen=True, slots=True)
class _Phrase:
    """An event's two stretches that are the same for all who see one side of the change."""

    name: str
    told: str


class Phrases:
    """Renders events of one process's readers; those last used are kept."""

    def __init__(self, words: Words, at_most: int = AT_MOST) -> None:
        self._words = words
        self._at_most = at_most
        self._kept: OrderedDict[tuple[str, str, str], _Phrase] = OrderedDict()

    def render(self, row: Row[tuple[object, ...]], child: str) -> str:
        """One event that tells nothing beyond its change; raise `ValueError` for a withdrawal."""
        phrase = self._phrase(row)
        subscription, number, name = _inner(row.subscription_id), row.number, _inner(child)
        return (
            f'{{"specversion":"1.0","id":"{subscription}-{number}",'
            f'"source":"/v1/subscriptions/{subscription}",{phrase.name},'
            f'"subject":"{name}","sequence":"{number}","datacontenttype":"application/json",'
            f'"data":{{"child":"{name}",{phrase.told}}}'
        )

    def _phrase(self, row: Row[tuple[object, ...]]) -> _Phrase:
        key = (row.change_id, row.half, row.reason)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = _phrase_of(row, self._words)
            if len(self._kept) > self._at_most:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return kept


def _phrase_of(row: Row[tuple[object, ...]], words: Words) -> _Phrase:
    if row.reason == WITHDRAWAL:
        raise ValueError("a withdrawal tells something else")
    told = state(row, "", words)
    del told["child"]
    name = encode({"type": event_name(row), "time": instant(row.occurred_at)})
    return _Phrase(name[1:-1], encode(told)[1:])


def _inner(text: str) -> str:
    """A text as it stands between the quotes in JSON."""
    return encode(text)[1:-1]
