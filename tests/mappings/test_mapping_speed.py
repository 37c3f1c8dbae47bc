import gc
from collections.abc import Callable
from pathlib import Path
from runpy import run_path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "mapping.py"


@pytest.mark.xdist_group("speed")
def test_tables_stay_within_a_few_times_of_a_hand_written_function() -> None:
    measure: Callable[..., dict[str, float]] = run_path(str(BENCHMARK))["measure"]

    gc.freeze()  # what other tests left is none of the mappings' business
    measured = measure(500, rounds=15)

    # Three is the aim, as the benchmark reports it; the margin is for machines busy with tests.
    assert measured["times_slower_than_hand"] < 4.5
