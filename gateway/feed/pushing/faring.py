"""What an attempt on the stream means for its lane: on, smaller, later, or an event is suspect.

Trouble with the address as a whole makes the lane rest by the schedule. Where it may be the trouble
of the message, it is searched half by half until one event is left that alone is not taken; this
is suspect until another child's event is taken, and only then set aside. A refusal is believed at
once; a failure or a silence only when it repeats itself.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.feed.pushing.outcomes import Fate, Outcome
from gateway.feed.pushing.schedule import Schedule
from gateway.feed.pushing.standing import Standing


@dataclass(frozen=True, slots=True)
class Tried:
    """What was tried: how many events, and the number of the last; or whether it was a probe."""

    count: int
    last: int
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Faring:
    """Judges attempts made at an instant."""

    schedule: Schedule
    now: datetime
    chance: float

    def after(self, standing: Standing, tried: Tried, outcome: Outcome) -> Standing:
        """How the lane stands after an attempt on its stream."""
        if outcome.accepted:
            return self.on(standing, tried.last)
        if tried.probe:  # so it is not the suspect alone; the rest was set when it failed
            return replace(standing, suspect=0)
        failed = replace(
            standing,
            reason=f"{outcome.fate} {outcome.reason}",
            failing_since=standing.failing_since or self.now,
        )
        if outcome.fate in (Fate.AWAY, Fate.GONE):
            return self.later(failed, outcome)
        return self._smaller(failed, tried, outcome)

    def on(self, standing: Standing, last: int) -> Standing:
        """How it stands after everything up to a number was taken."""
        bound = standing.bound if standing.bound > last else 0
        return Standing(
            max(last, standing.reached),
            bound,
            delivered_at=self.now,
            beat_at=standing.beat_at,
        )

    def later(self, standing: Standing, outcome: Outcome) -> Standing:
        """The lane at rest until the schedule's next attempt, or until when it was asked for."""
        failures = standing.failures + 1
        at = self.schedule.next_at(failures, self.now, self.chance, outcome.asked)
        return replace(
            standing,
            failures=failures,
            rests_until=at,
            failing_since=standing.failing_since or self.now,
        )

    def _smaller(self, failed: Standing, tried: Tried, outcome: Outcome) -> Standing:
        searching = failed.bound > failed.reached
        believed = outcome.fate is Fate.REFUSED or failed.failures > 0 or searching
        if not believed:
            return self.later(failed, outcome)
        if tried.count == 1:
            return replace(self.later(failed, outcome), suspect=tried.last)
        smaller = replace(failed, bound=tried.last)
        # Whoever is silent is waited for each time: one attempt for each time of the schedule.
        return self.later(smaller, outcome) if outcome.fate is Fate.SILENT else smaller
