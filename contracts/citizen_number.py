"""The citizen identity number (公民身份号码, GB 11643): its check character and what it encodes."""

from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_DIGITS = frozenset("0123456789")

# Residence permits of Hong Kong, Macao and Taiwan residents share the layout and the check
# character, so a right check character alone does not prove a mainland citizen.
_PERMIT_AREAS = ("81", "82", "83")


def check_character(digits: str) -> str:
    """The ISO 7064 MOD 11-2 check character of seventeen digits."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def well_formed(number: str) -> bool:
    """Whether the text is eighteen characters with a true date and a right check character."""
    return (
        len(number) == 18
        and _DIGITS.issuperset(number[:17])
        and number[17] == check_character(number[:17])
        and born_on(number) is not None
    )


def is_citizen_number(number: str) -> bool:
    """Whether the text can be a mainland citizen's number: well formed and no residence permit."""
    return well_formed(number) and not is_residence_permit(number)


def is_residence_permit(number: str) -> bool:
    """Whether the text is laid out as a 港澳台居民居住证 number (81, 82 or 83)."""
    return len(number) == 18 and number.startswith(_PERMIT_AREAS)


def born_on(number: str) -> date | None:
    """The birth date the number carries, or None where its eight digits are no date."""
    # int() alone would read full-width digits, signs, blanks and underscores.
    if len(number) < 14 or not _DIGITS.issuperset(number[6:14]):
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex(number: str) -> str:
    """The sex a well-formed number carries, as GB/T 2261.1: odd is 1 (男), even is 2 (女)."""
    return "1" if int(number[16]) % 2 else "2"
