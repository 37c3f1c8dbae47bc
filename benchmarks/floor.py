"""The floor: a fixed piece of work whose processor time tells how fast the machine is right now.

Virtual machines share caches and cores with strangers: the same instructions may take twice as
long a minute later. Figures in floors (work here / fixed work there and then) survive that.
"""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles

EVERY_SECONDS = 0.5
_RECORD = {f"field{n}": ["测试", n, {"code": str(n), "label": None}] for n in range(40)}


@dataclass(slots=True)
class Floor:
    """The processor milliseconds of the fixed work, each time it was done."""

    milliseconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """What the fixed work usually took."""
        return median(self.milliseconds)

    @property
    def spread(self) -> float:
        """How far apart the slower and the faster quarter lie, in medians."""
        lower, _, upper = quantiles(self.milliseconds, n=4)
        return (upper - lower) / self.median


@contextmanager
def sampled_floor() -> Iterator[Floor]:
    """The floor while the block lasts, taken now and then beside whatever runs."""
    floor, end = Floor([fixed_work()]), threading.Event()

    def sample() -> None:
        while not end.wait(EVERY_SECONDS):
            floor.milliseconds.append(fixed_work())

    sampling = threading.Thread(target=sample, daemon=True)
    sampling.start()
    try:
        yield floor
    finally:
        end.set()
        sampling.join()
        floor.milliseconds.append(fixed_work())


def fixed_work() -> float:
    """The processor milliseconds that decoding, copying, encoding and hashing one record take."""
    started = time.thread_time()
    text = json.dumps(_RECORD)
    for _ in range(40):
        record = {name: tuple(value) for name, value in json.loads(text).items()}
        text = json.dumps(record)
        hashlib.sha256(text.encode()).hexdigest()
    return 1000 * (time.thread_time() - started)
