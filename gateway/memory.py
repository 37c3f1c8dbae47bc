"""Memory of a long-lived process: what start-up made is never looked through again."""

import gc
from collections.abc import Callable

# Young objects of a request die young; full collections over all that start-up made cost tails.
_COLLECT_AFTER = (50_000, 20, 100)


def settle_memory(freeze: Callable[[], None] = gc.freeze) -> None:
    """Take what start-up made out of every later collection."""
    gc.collect()
    freeze()
    gc.set_threshold(*_COLLECT_AFTER)
