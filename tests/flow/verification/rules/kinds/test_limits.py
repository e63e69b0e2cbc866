"""Flags by interval and limits: numbers, numbers with a sign, words."""

from decimal import Decimal

import pytest

from aliquot.flow.verification.rules.kinds.limits import flag_and_reasons
from tests.flow.verification.rules.evidences import case, decided


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        ("2.79", "LL"),
        ("2.8", "L"),
        ("3.49", "L"),
        ("3.5", "N"),
        ("5.1", "N"),
        ("5.11", "H"),
        ("6.2", "H"),
        ("6.21", "HH"),
    ],
)
def test_a_limit_belongs_to_the_interval_it_closes(value: str, flag: str) -> None:
    assert decided(value=Decimal(value), value_text=value).flag == flag


@pytest.mark.parametrize(
    ("comparator", "value", "interval", "flag", "expected"),
    [
        ("<", "0.6", ("0", "5.0"), "N", []),
        ("<=", "0.6", (None, "5.0"), "N", []),
        ("<", "6", ("0", "5.0"), "", ["off_scale"]),
        ("<", "6", ("0", None), "", ["off_scale"]),
        ("<", "3", ("3.5", "5.1"), "L", ["off_scale"]),
        ("<", "4", ("3.5", "5.1"), "", ["off_scale"]),
        ("<", "-3", ("-2", "2"), "L", ["off_scale"]),
        ("<", "1", ("-2", "2"), "", ["off_scale"]),
        (">", "300", ("0", "5.0"), "H", ["off_scale"]),
        (">", "3", ("0", "5.0"), "", ["off_scale"]),
        (">=", "3", ("90", None), "", ["off_scale"]),
        ("~", "3", ("0", "5.0"), "", ["off_scale"]),
    ],
)
def test_a_value_with_a_sign_is_released_only_where_it_surely_lies_inside(
    comparator: str, value: str, interval: tuple[str | None, str | None], flag: str, expected: list[str]
) -> None:
    low, high = (Decimal(one) if one else None for one in interval)
    changed = case(
        value=Decimal(value), comparator=comparator, low=low, high=high, critical_low=None, critical_high=None
    )
    found, reasons = flag_and_reasons(*changed)
    assert (found, [one.code for one in reasons]) == (flag, expected)


def test_below_the_range_may_still_be_critical_so_it_is_not_called_normal() -> None:
    changed = case(value=Decimal(3), comparator="<", low=None, critical_low=Decimal("2.8"))
    assert flag_and_reasons(*changed)[0] == ""


@pytest.mark.parametrize(
    ("text", "english", "russian", "flag", "expected"),
    [
        ("negative", "negative; a reactive result is confirmed", "отрицательно", "N", []),
        (" Отрицательно ", "negative", "отрицательно; подтвердить", "N", []),
        ("positive", "negative", "", "A", ["unexpected_finding"]),
        ("negative; clumps were seen", "negative", "", "A", ["unexpected_finding"]),
        ("negative", "positive / negative", "", "", ["no_expected_finding"]),
        ("", "negative", "", "A", ["unexpected_finding"]),
        ("negative", "", "", "", ["no_expected_finding"]),
        ("1:40", "<1:80", "", "N", []),
        ("<1:20", "", "<1:80; скрининг", "N", []),
        ("1:80", "<1:80", "", "A", ["unexpected_finding"]),
        ("<1:160", "<1:80", "", "A", ["unexpected_finding"]),
        ("1:40", "negative", "", "A", ["unexpected_finding"]),
    ],
)
def test_words_are_released_only_when_they_are_the_finding_of_health(
    text: str, english: str, russian: str, flag: str, expected: list[str]
) -> None:
    changed = case(scale="Ord", value=None, value_text=text, expected_en=english, expected_ru=russian)
    found, reasons = flag_and_reasons(*changed)
    assert (found, [one.code for one in reasons]) == (flag, expected)


def test_words_wait_where_two_intervals_name_another_finding_of_health() -> None:
    changed = case(
        scale="Ord", value=None, value_text="negative", expected_en="negative", is_interval_unclear=True
    )
    found, reasons = flag_and_reasons(*changed)
    assert (found, [one.code for one in reasons]) == ("", ["interval_unclear"])


@pytest.mark.parametrize(
    ("text", "flag"), [("neg", "N"), ("Отрицательно", "N"), ("trace", "A"), ("1+", "A"), ("murky", "A")]
)
def test_the_grade_of_health_is_known_by_all_its_names_on_the_scale_of_the_test(text: str, flag: str) -> None:
    scale = (("negative", "neg", "отрицательно"), ("trace",), ("1+",))
    assert (
        flag_and_reasons(
            *case(scale="Ord", value=None, value_text=text, expected_en="negative", grades=scale)
        )[0]
        == flag
    )


def test_a_word_of_another_scale_is_no_grade_of_this_one() -> None:
    scale = (("cold",), ("warm", "neg"))
    changed = case(scale="Ord", value=None, value_text="neg", expected_en="negative", grades=scale)
    assert flag_and_reasons(*changed)[0] == "A"
