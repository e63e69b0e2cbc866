from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from aliquot.registers.patients.rules.duplicates import CERTAIN, Likeable, likeness

NAMES = st.text("абвгеёнорс -", max_size=8)
DATES = st.none() | st.dates(date(1930, 1, 1), date(2026, 1, 1))
PEOPLE = st.builds(
    Likeable,
    NAMES,
    NAMES,
    NAMES,
    DATES,
    st.sampled_from(["", "M", "F", "U"]),
    st.sampled_from(["", "112-233-445 95", "123"]),
)
BORN = date(1961, 4, 12)
ANNA = Likeable("Семёнова", "Анна", "Петровна", BORN, "F")


def make_like_anna(**changes: object) -> Likeable:
    facts = {name: getattr(ANNA, name) for name in ANNA.__slots__} | changes
    return Likeable(**facts)


@given(PEOPLE, PEOPLE)
def test_the_order_does_not_matter(one: Likeable, other: Likeable) -> None:
    assert likeness(one, other) == likeness(other, one)


@given(PEOPLE, PEOPLE)
def test_between_nothing_and_certain(one: Likeable, other: Likeable) -> None:
    assert 0 <= likeness(one, other) <= 1


def test_spelling_case_and_keyboard_make_no_difference() -> None:
    assert likeness(ANNA, make_like_anna(family_name="CEMEHOBA", given_name="АННA")) == CERTAIN


def test_a_number_in_common_is_certain_whatever_the_name() -> None:
    one = make_like_anna(snils="112-233-445 95")
    married = Likeable("Кузнецова", "Анна", "Петровна", BORN, "F", snils="11223344595")
    assert likeness(one, married) == CERTAIN
    assert (
        likeness(
            Likeable("А", policy_number="7747394100123454"),
            Likeable("Б", policy_number="7747 3941 0012 3454"),
        )
        == 1
    )


def test_a_wrong_number_in_common_proves_nothing() -> None:
    assert likeness(
        Likeable("Белов", snils="254-636-254 26"), Likeable("Чернова", snils="254-636-254 26")
    ) < Decimal("0.7")


def test_two_different_numbers_halve_it() -> None:
    one, other = make_like_anna(snils="112-233-445 95"), make_like_anna(snils="087-654-303 00")
    assert likeness(one, other) == Decimal("0.500")


def test_day_and_month_swapped_is_close() -> None:
    assert likeness(ANNA, make_like_anna(birth_date=date(1961, 12, 4))) == Decimal("0.930")


def test_swapped_names_are_close() -> None:
    assert likeness(ANNA, make_like_anna(family_name="Анна", given_name="Семенова")) == Decimal("0.972")


def test_an_initial_fits_its_name() -> None:
    assert likeness(ANNA, make_like_anna(given_name="А.", patronymic="П.")) == Decimal("0.940")


def test_candidates_come_in_a_sensible_order() -> None:
    typo = likeness(ANNA, make_like_anna(family_name="Семинова"))
    sister = likeness(ANNA, make_like_anna(given_name="Ольга", birth_date=date(1964, 8, 30)))
    stranger = likeness(ANNA, Likeable("Жуков", "Глеб", "Игоревич", date(1988, 1, 3), "M"))
    assert typo > Decimal("0.9") > sister > stranger
    assert stranger < Decimal("0.3")
