import pytest

from gateway.web.preconditions import entity_tag, idempotency_key, require_match
from gateway.web.problems import Kind, Problem


@pytest.mark.parametrize("sent", ['"v1"', '"v0", "v1"', '"v1" , W/"v2"'])
def test_a_strong_tag_of_the_present_version_matches(sent: str):
    require_match(sent, "v1")


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (None, Kind.PRECONDITION_REQUIRED),
        ("  ", Kind.PRECONDITION_REQUIRED),
        ('"v0"', Kind.GONE_STALE),
        ('W/"v1"', Kind.GONE_STALE),
        ("*", Kind.GONE_STALE),
        ('"V1"', Kind.GONE_STALE),
        ("v1", Kind.HEADER_MALFORMED),
        ('"v1" "v2"', Kind.HEADER_MALFORMED),
    ],
)
def test_anything_else_confirms_nothing(sent: str | None, kind: Kind):
    with pytest.raises(Problem) as refused:
        require_match(sent, "v1")
    assert refused.value.kind is kind


def test_a_version_becomes_a_strong_tag():
    assert entity_tag("abc") == '"abc"'


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        (None, None),
        ('"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        (' "a" ', "a"),
    ],
)
def test_an_idempotency_key_is_taken_quoted_or_bare(sent: str | None, key: str | None):
    assert idempotency_key(sent) == key


@pytest.mark.parametrize("sent", ["", '""', '"', '"a', 'a"b', "a b", "键", "x" * 129])
def test_a_key_in_another_form_is_refused(sent: str):
    with pytest.raises(Problem):
        idempotency_key(sent)


def test_a_citizen_number_is_no_key():
    with pytest.raises(Problem):
        idempotency_key("999999201801010014")
