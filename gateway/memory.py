"""Memory of a long-lived process: one heap, and what start-up made is looked through once."""

import ctypes
import gc
from collections.abc import Callable

# Young objects of a request die young; full collections over all that start-up made cost tails.
_COLLECT_AFTER = (50_000, 20, 100)
_ARENA_MAX = -8  # mallopt(3)


def settle_memory(freeze: Callable[[], None] = gc.freeze) -> None:
    """Take what start-up made out of every later collection."""
    gc.collect()
    freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def share_one_heap() -> None:
    """Have all threads take their memory from one heap; call it before there are any.

    The GNU library gives each thread a heap of its own, whose gaps nobody else can fill. Ours
    run one after the other anyhow. Other C libraries are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)
