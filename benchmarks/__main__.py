"""Measures a whole intake beside a vendor's script and reports each goal.

python -m benchmarks                 5,000 children, once each: two or three minutes
python -m benchmarks --rounds 3      the same three times, medians
python -m benchmarks --large         20,000 rows besides: does memory or cost grow?
"""

import argparse
import sys

from benchmarks.intake import measure_intake
from benchmarks.machine import describe_machine
from benchmarks.report import Measured, judge, keep, tell
from benchmarks.vendor import measure_vendor

LATENCY_MS = 20.0
BY_HAND = 100
TOO_UNEVEN = 0.25


def main() -> int:
    """Exit code 0 where every goal is met, 1 where one is missed, 2 where nothing can be told."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--children", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--large", action="store_true")
    wanted = parser.parse_args()
    measured = Measured(
        machine=describe_machine(),
        vendor=measure_vendor(BY_HAND, LATENCY_MS),
        intakes=[measure_intake(wanted.children, LATENCY_MS) for _ in range(wanted.rounds)],
        without_latency=measure_intake(wanted.children, 0.0),
        small=measure_intake(2_000, 0.0),
        large=measure_intake(20_000, 0.0) if wanted.large else None,
    )
    goals = judge(measured)
    file = keep(measured, goals)
    if measured.unsteadiest > TOO_UNEVEN:
        print(f"Too uneven to report: the floor moved by {measured.unsteadiest:.0%}; see {file}")
        return 2
    print(tell(measured, goals))
    return 0 if all(goal.met for goal in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
