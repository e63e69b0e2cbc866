"""Words beside numbers that a sign leaves open: what is said of text is decided as it is elsewhere."""

import pytest

from tests.flow.verification.rules.expressions.orders import One, compiled, measured

OPEN = measured(
    HBSAG=One(value_text=" Positive ", unit=""),
    ABO=One(value_text="", unit=""),
    K=One("5", "<"),
    NA=One("0"),
    CA=One("5", ">"),
)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ('text(HBSAG) = "positive" and K < 6', True),
        ('text(HBSAG) != "positive" and K < 6', False),
        ('text(HBSAG) = "negative" and K < 6', False),
        ('text(HBSAG) != "negative" and K < 6', True),
        ('text(HBSAG) starts "pos" and K < 6', True),
        ('text(HBSAG) starts "neg" and K < 6', False),
        ('text(ABO) = "a" and K < 6', None),
        ('"a" = text(ABO) and K < 6', None),
        ('text(HBSAG) = "positive" and K < 4', None),
        ('text(HBSAG) in ("positive", "trace") and K < 6', True),
        ('text(HBSAG) in ("negative", "trace") and K < 6', False),
        ('text(HBSAG) not in ("negative", "trace") and K < 6', True),
        ('text(HBSAG) not in ("positive", "trace") and K < 6', False),
        ('text(ABO) in ("a", "b") and K < 6', None),
        ('text(ABO) in ("a", "b") and K > 6', False),
        ("NA / CA = 0", True),
        ("NA / CA < 0", False),
        ("NA / CA > 0", False),
        ("NA / K = 0", None),
    ],
)
def test_text_is_judged_as_elsewhere(text: str, meaning: bool | None) -> None:  # noqa: FBT001 - three-valued
    assert compiled(text).evaluate(OPEN) is meaning
