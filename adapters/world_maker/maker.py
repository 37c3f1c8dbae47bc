"""Makes a whole world: its children, their records, and the folder the simulators read."""

from datetime import date
from pathlib import Path

from adapters.world_maker import carried_cases, held_cases, list_cases
from adapters.world_maker.cast import Case, Cast
from adapters.world_maker.folder import write_folder
from adapters.world_maker.made import Expected, Made, Row
from adapters.world_maker.people import Inventor
from adapters.world_maker.places import Place, Places, invent_places

_REPORTED_ON = date(2026, 8, 31)
_ESSENTIAL = (*list_cases.ESSENTIAL, *held_cases.ESSENTIAL, *carried_cases.ESSENTIAL)
_UNUSUAL = (
    *_ESSENTIAL,
    *list_cases.FURTHER,
    *held_cases.FURTHER,
    *carried_cases.FURTHER,
)
_PLAIN_SHARE = 0.93
_UNLISTED_SHARE = 20  # one in so many has a preschool record and is on no list


def make_world(
    directory: Path, children: int, seed: int, *, schools: int = 2, plain: bool = False
) -> dict[str, tuple[Expected, ...]]:
    """Write a world into an empty folder; what must become of each row of each school's list.

    This holds where every list is handed in once and exact matches are accepted automatically.
    The first school has most of the children, and every case its list has room for: the essential
    ones from 60 children on, all from 100. With `plain`, every child can be carried.
    Raises `FileExistsError` where the folder is not empty.
    """
    if children < 1 or schools < 1:
        raise ValueError("a world has at least one child and one school")
    inventor = Inventor(seed)
    places = invent_places(schools, children)
    lists = {
        school: _list_of(Cast(inventor, places, school, _REPORTED_ON), count, plain, first)
        for school, count, first in _shares(places, children)
    }
    unlisted = [] if plain else _unlisted(inventor, places, children)
    write_folder(directory, places, lists, unlisted)
    return {school.code: _expected(made) for school, made in lists.items()}


def _shares(places: Places, children: int) -> list[tuple[Place, int, bool]]:
    """Six of seven children go to the first school; the others share the rest."""
    first, *others = places.schools
    if not others:
        return [(first, children, True)]
    rest = children // 7
    each, left = divmod(rest, len(others))
    counts = [each + (place < left) for place in range(len(others))]
    return [
        (first, children - rest, True),
        *((school, count, False) for school, count in zip(others, counts, strict=True)),
    ]


def _list_of(cast: Cast, count: int, plain: bool, first: bool) -> list[Made]:
    made = [] if plain or not first else _one_of_each(cast, count)
    while len(made) < count:
        children = _next(cast, plain)
        # Children of one case stay together: where they no longer fit, a plain one comes.
        made += children if len(made) + len(children) <= count else carried_cases.plain(cast)
    cast.inventor.random.shuffle(made)
    return made


def _one_of_each(cast: Cast, count: int) -> list[Made]:
    made: list[Made] = []
    for case in _UNUSUAL:
        children = case(cast)
        made += children if len(made) + len(children) <= count else ()
    return made


def _next(cast: Cast, plain: bool) -> tuple[Made, ...]:
    usual = plain or cast.inventor.random.random() < _PLAIN_SHARE
    case: Case = carried_cases.plain if usual else cast.inventor.random.choice(_UNUSUAL)
    return case(cast)


def _unlisted(inventor: Inventor, places: Places, children: int) -> list[Row]:
    """Preschool records of children who are on no list, finished or not."""
    cast = Cast(inventor, places, places.elsewhere, _REPORTED_ON)
    return [
        cast.preschool(cast.child(), inventor.random.choice(("毕业", "在园")))
        for _ in range(children // _UNLISTED_SHARE)
    ]


def _expected(made: list[Made]) -> tuple[Expected, ...]:
    return tuple(
        Expected(
            str(place),
            one.outcome.state,
            one.outcome.reason,
            one.outcome.number,
            one.outcome.grade,
            one.outcome.problems,
        )
        for place, one in enumerate(made, 1)
    )
