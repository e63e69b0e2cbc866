"""For whom a rule holds."""

from typing import Any

import pytest

from aliquot.flow.verification.rules.population import EVERYBODY, Patient, Population, age_in_days

WOMAN = Patient("F", 12_000, "ICU", "TUL", "N18.3", is_pregnant=True, urgency="S")
UNKNOWN = Patient("U", None, "", "", "", is_pregnant=None, urgency="R")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("18a", 6574),
        ("1a", 365),
        ("6mo", 182),
        ("2wk", 14),
        ("28d", 28),
        ("28 d", 28),
        ("18", None),
        ("x", None),
    ],
)
def test_ages_are_read_in_units_of_ucum(text: str, days: int | None) -> None:
    assert age_in_days(text) == days


@pytest.mark.parametrize(
    ("conditions", "woman", "unknown"),
    [
        ({}, True, True),
        ({"sex": "F"}, True, False),
        ({"sex": "M"}, False, False),
        ({"age_from_days": 12_000}, True, False),
        ({"age_from_days": 12_001}, False, False),
        ({"age_to_days": 12_001}, True, False),
        ({"age_to_days": 12_000}, False, False),
        ({"wards": ("ICU", "7")}, True, False),
        ({"wards": ("7",)}, False, False),
        ({"sites": ("TUL",)}, True, False),
        ({"sites": ("ORL",)}, False, False),
        ({"diagnoses": ("N18",)}, True, False),
        ({"diagnoses": ("N17",)}, False, False),
        ({"is_pregnant": True}, True, False),
        ({"is_pregnant": False}, False, False),
        ({"urgency": "S"}, True, False),
        ({"urgency": "R"}, False, True),
    ],
)
def test_every_condition_must_be_met_and_what_is_unknown_meets_none(
    conditions: dict[str, Any], *, woman: bool, unknown: bool
) -> None:
    population = Population(**conditions)
    assert population.covers(WOMAN) is woman
    assert population.covers(UNKNOWN) is unknown
    assert population.conditions == len(conditions)


@pytest.mark.parametrize(
    ("one", "other", "can_meet"),
    [
        ({}, {}, True),
        ({"sex": "F"}, {"sex": "M"}, False),
        ({"sex": "F"}, {"sex": "F"}, True),
        ({"urgency": "S"}, {"urgency": "R"}, False),
        ({"is_pregnant": True}, {"is_pregnant": False}, False),
        ({"is_pregnant": True}, {}, True),
        ({"wards": ("A",)}, {"wards": ("B",)}, False),
        ({"wards": ("A", "B")}, {"wards": ("B",)}, True),
        ({"sites": ("A",)}, {"sites": ("B",)}, False),
        ({"diagnoses": ("N1",)}, {"diagnoses": ("N18",)}, True),
        ({"diagnoses": ("N17",)}, {"diagnoses": ("N18",)}, False),
        ({"age_to_days": 10}, {"age_from_days": 10}, False),
        ({"age_from_days": 10}, {"age_to_days": 10}, False),
        ({"age_to_days": 11}, {"age_from_days": 10}, True),
    ],
)
def test_two_populations_meet_where_one_patient_can_belong_to_both(
    one: dict[str, Any], other: dict[str, Any], *, can_meet: bool
) -> None:
    assert Population(**one).meets(Population(**other)) is can_meet
    assert Population(**other).meets(Population(**one)) is can_meet


@pytest.mark.parametrize(
    ("one", "other"),
    [({"wards": ("icu ",)}, {"wards": ("ICU",)}), ({"diagnoses": ("n18",)}, {"diagnoses": ("N18.3",)})],
)
def test_wards_and_diagnoses_are_compared_as_in_expressions(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert Population(**one).covers(WOMAN)
    assert not Population(**one).covers(UNKNOWN)
    assert Population(**one).meets(Population(**other))
    assert Population(**other).meets(Population(**one))


def test_everybody_is_without_conditions() -> None:
    assert EVERYBODY.conditions == 0
