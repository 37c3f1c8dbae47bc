"""What a person's act is about: a thing the path names, in the version that was looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """The thing's id, and the ETag the act holds for, where one was sent."""

    named: str
    if_match: str | None
