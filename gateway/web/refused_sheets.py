"""The problem a sheet is refused with: which line and column, what is wrong, what to do."""

from gateway.sheets.faults import ListRefused
from gateway.web.problems import Fault, Kind, Problem

_KINDS = {
    "body_too_large": Kind.TOO_LARGE,
    "too_many_rows": Kind.TOO_LARGE,
    "unsupported_type": Kind.UNSUPPORTED_MEDIA_TYPE,
    **dict.fromkeys(
        ("broken_json", "json_number", "json_duplicate_key", "json_surrogate"), Kind.JSON_REFUSED
    ),
}


def sheet_problem(refused: ListRefused) -> Problem:
    """The refusal as an answer."""
    place = f"#/rows/{refused.line}" if refused.line else "#"
    fault = Fault(
        refused.reason,
        f"{place}/{refused.column}" if refused.column else place,
        refused.message_zh,
        refused.message_en,
        refused.remedy_zh,
        refused.remedy_en,
    )
    return Problem(_KINDS.get(refused.reason, Kind.INVALID_REQUEST), [fault])
