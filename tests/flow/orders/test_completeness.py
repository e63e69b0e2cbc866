from datetime import date

import pytest

from aliquot.flow.orders.rules.completeness import OrderFacts, missing_facts


def make_order(**changes: object) -> OrderFacts:
    facts: dict[str, object] = {
        "family_name": "Белова",
        "given_name": "Ирина",
        "birth_date": date(1980, 5, 17),
        "sex": "F",
        "requester": "Орлов П. С.",
        "site": "T-CLINIC",
        "urgency": "R",
        "tests": ("HGB",),
        "need_sex": ("HGB",),
        "need_age": ("HGB",),
        "ordered_on": date(2026, 11, 21),
    }
    return OrderFacts(**(facts | changes))  # type: ignore[arg-type]


def fields(order: OrderFacts) -> list[str]:
    return [refusal.field for refusal in missing_facts(order)]


def test_a_whole_order_lacks_nothing() -> None:
    assert missing_facts(make_order()) == ()


@pytest.mark.parametrize(
    ("field", "empty", "words"),
    [
        (
            "family_name",
            " ",
            "family name is missing. Choose a patient, or mark the patient as unidentified.",
        ),
        ("given_name", "", "given name is missing."),
        ("birth_date", None, "interval of HGB depends on age. Type the birth date"),
        ("sex", "", "interval of HGB depends on it. Choose male or female, or unknown"),
        ("requester", "", "Name the physician"),
        ("site", "", "Choose where the specimens are drawn."),
        ("urgency", "", "Choose routine (R) or urgent (S)."),
        ("urgency", "Q", "urgency Q is not known. Choose routine"),
        ("tests", (), "No test is ordered. Choose at least one"),
    ],
)
def test_each_gap_is_named_with_its_remedy(field: str, empty: object, words: str) -> None:
    refusals = missing_facts(make_order(**{field: empty}))
    assert [refusal.field for refusal in refusals] == [field]
    assert words in refusals[0].message


def test_everything_is_named_at_once() -> None:
    assert fields(OrderFacts()) == [
        "family_name",
        "given_name",
        "birth_date",
        "requester",
        "site",
        "urgency",
        "tests",
    ]


def test_an_unidentified_patient_needs_neither_name_nor_birth_date() -> None:
    assert fields(make_order(is_unidentified=True, family_name="", given_name="", birth_date=None)) == []


def test_sex_may_be_stated_as_unknown() -> None:
    assert fields(make_order(sex="U")) == []


def test_sex_is_not_asked_for_where_no_interval_needs_it() -> None:
    assert fields(make_order(sex="", need_sex=())) == []


def test_a_birth_date_is_needed_for_the_label_even_when_no_interval_asks() -> None:
    refusals = missing_facts(make_order(birth_date=None, need_age=()))
    assert [(refusal.field, "label" in refusal.reason) for refusal in refusals] == [("birth_date", True)]


def test_nobody_is_born_after_the_order() -> None:
    assert fields(make_order(birth_date=date(2026, 11, 22))) == ["birth_date"]
    assert fields(make_order(birth_date=date(2026, 11, 21))) == []


def test_unknown_tests_are_named() -> None:
    (refusal,) = missing_facts(make_order(unknown_tests=("XX", "YY")))
    assert (
        refusal.message
        == "The catalogue does not hold XX, YY. Remove the code or choose the test from the list."
    )
