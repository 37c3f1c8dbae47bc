"""Texts of a caller that are kept for ever in plain sight: case numbers, references, reasons."""

from typing import Annotated

from pydantic import AfterValidator

from gateway.masking import holds_a_personal_number


def fit_to_be_kept(text: str) -> str:
    """The text; raise `ValueError`, which quotes nothing, where it must not be kept.

    It has to be printable, so that it reads alike everywhere, and must not hold what looks like a
    citizen number or a student number.
    """
    if not text.isprintable() or holds_a_personal_number(text):
        raise ValueError("not fit to be kept")
    return text


def impersonal(text: str) -> str:
    """The text without blanks around it; raise `ValueError` where it must not be kept or is none.

    What names a person or a document at work must not turn out to be a citizen number.
    """
    if not text.strip():
        raise ValueError("blank")
    return fit_to_be_kept(text).strip()


KeptText = Annotated[str, AfterValidator(fit_to_be_kept)]
