"""Which area an institution lies in, as rights and case numbers go by it."""

from contracts.records import Institution


def area_of(code: str, place: Institution | None) -> str:
    """The six-digit area of the office in charge; of the code itself where no register knows it.

    A municipal school or one of the Corps lies under its own authority, not under its district.
    """
    return place.authority[:6] if place is not None else code[:6]
