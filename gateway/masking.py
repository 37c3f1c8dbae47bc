"""A second net under logs and headers: texts that look like a citizen or student number."""

import re

# Standing alone, any eighteen digits; inside other text only with a plausible birth date, so that
# an id in hexadecimal is left alone.
_PERSONAL_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])[GJLgjl]?[0-9]{17}[0-9Xx](?![0-9A-Za-z])"
    r"|[GJLgjl]?[0-9]{6}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
)
MASK = "***"


def holds_a_personal_number(text: str) -> bool:
    """Whether the text holds what looks like a citizen number or a student number."""
    return _PERSONAL_NUMBER.search(text) is not None


def mask(text: str) -> str:
    """The text with every such number replaced."""
    return _PERSONAL_NUMBER.sub(MASK, text)
