import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.wire import barcode

ORACLE = Path(__file__).parents[3] / "shared" / "oracles" / "identifiers.json"
DIGITS = st.text("0123456789", min_size=1, max_size=20)


def test_damm_gives_the_published_example() -> None:
    assert barcode.damm_digit("572") == "4"


@given(DIGITS, st.data())
def test_damm_finds_every_wrong_digit(digits: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from(sorted(set("0123456789") - {digits[place]})))
    wrong = digits[:place] + other + digits[place + 1 :]
    assert barcode.damm_digit(wrong) != barcode.damm_digit(digits)


@given(st.text("0123456789", min_size=2, max_size=20), st.data())
def test_damm_finds_every_swap_of_neighbours(digits: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(digits) - 2))
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    same = digits[place] == digits[place + 1]
    assert (barcode.damm_digit(swapped) == barcode.damm_digit(digits)) is same


@pytest.mark.parametrize(("digits", "check"), [("629104150021", "3"), ("0036141456789", "4")])
def test_gs1_worked_examples(digits: str, check: str) -> None:
    assert barcode.gs1_digit(digits) == check


def test_luhn_gives_the_example_of_iso_7812() -> None:
    assert barcode.luhn_digit("7992739871") == "3"


@pytest.mark.parametrize(("data", "value"), [("24A0012345", 42), ("LAB-000001", 68)])
def test_code_128_check_value_in_set_b(data: str, value: int) -> None:
    assert barcode.code_128_check_value(data, "B") == value


def test_code_128_check_value_in_set_c() -> None:
    # 105 + 1 * 12 + 2 * 34 = 185; 185 - 103 = 82
    assert barcode.code_128_check_value("1234", "C") == 82


def test_code_128_control_character_in_set_a() -> None:
    assert barcode.code_128_check_value("\r", "A") == (103 + 77) % 103


@pytest.mark.parametrize(
    ("data", "code_set"), [("ж", "B"), ("123", "C"), ("12a4", "C"), ("", "B"), ("a", "A"), ("1", "D")]
)
def test_code_128_names_what_it_cannot_carry(data: str, code_set: str) -> None:
    with pytest.raises(ValueError, match=r"code set|Code set|digits|Nothing"):
        barcode.code_128_check_value(data, code_set)


def test_twelve_digits_are_as_wide_as_they_should_be() -> None:
    assert barcode.code_128_modules("710100000017") == 101


@pytest.mark.skipif(not ORACLE.exists(), reason="the shared oracle is not at hand")
def test_oracle_cases() -> None:
    for case in json.loads(ORACLE.read_text(encoding="utf-8"))["cases"]:
        inputs, expected = case["inputs"], case["expected"]
        if "digits_without_check" in inputs:
            assert barcode.gs1_digit(inputs["digits_without_check"]) == str(expected["check_digit"]), case[
                "id"
            ]
        elif "data" in inputs:
            got = barcode.code_128_check_value(inputs["data"], inputs["code_set"])
            assert got == expected["check_value"], case["id"]
