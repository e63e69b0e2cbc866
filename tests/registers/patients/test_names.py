from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.registers.patients.rules.names import age_on, fold, spellings


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Семёнова", "СЕМЕНОВА"),
        ("Петров-Водкин", "петров водкин"),
        ("Ковaлёв", "Ковалев"),  # a Latin a
        ("HATA", "НАТА"),  # Latin throughout, every letter a look-alike
        ("Zoë", "Zoe"),
        ("  Ли ", "Ли"),
        ("Ё\u0301лкин", "елкин"),
    ],
)
def test_the_same_name_folds_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Андрей", "Андреи"), ("Smith", "Смит"), ("Иванов", "Иванова")])
def test_different_names_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text(max_size=30))
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2000, 2, 29), date(2018, 2, 28), (17, 6574)),
        (date(2000, 2, 29), date(2018, 3, 1), (18, 6575)),
        (date(2026, 11, 21), date(2026, 11, 21), (0, 0)),
        (date(1990, 6, 15), date(2026, 6, 14), (35, 13148)),
        (date(1990, 6, 15), date(2026, 6, 15), (36, 13149)),
    ],
)
def test_age(born: date, day: date, age: tuple[int, int]) -> None:
    assert age_on(born, day) == age


def test_nobody_is_younger_than_nothing() -> None:
    with pytest.raises(ValueError, match="before the birth"):
        age_on(date(2026, 1, 2), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Ёлк", {"елк"}),
        ("иваН", {"иван"}),
        ("Cok", {"cok", "сок"}),  # the wrong layout, or Cokes
        ("Co", {"co"}),
        ("Smi", {"smi"}),
        ("CоK", {"cоk", "сок"}),
    ],
)
def test_a_beginning_is_looked_for_in_every_spelling_it_may_mean(typed: str, found: set[str]) -> None:
    assert spellings(typed) == found
