"""The decimal sign of a report: a comma in Russian, a point in English, and no digit lost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.reports.documents.rendering import lay_out_in
from aliquot.flow.reports.rules.composition import compose
from aliquot.flow.reports.rules.layout import figure
from tests.flow.reports.samples import DOCTOR, RELEASED_AT, make_facts, make_item, make_value


@pytest.mark.parametrize(
    ("text", "russian"),
    [
        ("5.4", "5,4"),
        ("<0.5", "<0,5"),
        ("≥ 12.50", "≥ 12,50"),
        ("-1.2", "-1,2"),
        ("7", "7"),
        ("not found.", "not found."),
        ("1.2.2026", "1.2.2026"),
        ("1:12.8 x", "1:12.8 x"),
    ],
)
def test_only_a_number_changes_its_sign(text: str, russian: str) -> None:
    assert (figure(text, "ru"), figure(text, "en")) == (russian, text)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-10_000, max_value=10_000))
def test_no_digit_is_lost(value: Decimal) -> None:
    assert figure(f"{value:f}", "ru").replace(",", ".") == f"{value:f}"


def test_a_report_prints_values_limits_and_replaced_values_alike() -> None:
    now, before = make_value("5.4", version=2, low="4.10", high=None), make_value("<0.5")
    facts = make_facts(make_item("GLUS", now, earlier=[before]))
    made = compose(facts, released_at=RELEASED_AT, released_by=DOCTOR)
    assert made is not None
    for language, value, limit, old in (("en", "5.4", "≥ 4.10", "<0.5"), ("ru", "5,4", "≥ 4,10", "<0,5")):
        row = lay_out_in(made.content, language)["sections"][0]["results"][0]
        assert (row["value"], row["interval"]) == (value, limit)
        assert f": {old} " in row["notes"][0]["text"]
    assert made.content["sections"][0]["results"][0]["value"] == "5.4"
