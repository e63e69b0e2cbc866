import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.registers.patients.rules import identifiers as rules
from aliquot.registers.patients.rules.identifiers import Grade

VECTORS = Path(__file__).parents[4] / "shared" / "corpus" / "russia" / "identifier_vectors.csv"
FIFTEEN = st.text("0123456789", min_size=15, max_size=15)


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("112-233-445 95", Grade.VALID),  # the published example
        ("11223344595", Grade.VALID),
        ("112‑233‑445\u00a095", Grade.VALID),
        ("112-233-445 96", Grade.INVALID),
        ("001-001-998 00", Grade.NOT_CHECKED),
        ("001-001-999 00", Grade.INVALID),
        ("112-233-445", Grade.INVALID),
        ("", Grade.INVALID),
        ("112-233-44A 95", Grade.INVALID),
        ("١١٢٢٣٣٤٤٥٩٥", Grade.INVALID),
    ],
)
def test_snils(text: str, grade: Grade) -> None:
    assert rules.check_snils(text).grade is grade


def test_a_sum_of_100_or_101_gives_00() -> None:
    # 9*9 + 8*2 + 3*1 = 100, and 9*9 + 8*2 + 3*1 + 1*1 = 101
    assert rules.check_snils("920000100 00").grade is Grade.VALID
    assert rules.check_snils("920000101 00").grade is Grade.VALID


def test_the_verdict_says_what_is_wrong_and_what_to_do() -> None:
    verdict = rules.check_snils("112-233-445 96")
    assert verdict.message == (
        "The last two digits of the SNILS should be 95 and are 96. "
        "Compare with the document and type the number again, or leave it empty."
    )
    assert rules.check_snils("123").message.startswith("A SNILS has 11 digits; this one has 3.")


def test_exchange_warns_and_keeps_what_the_keyboard_refuses() -> None:
    typed, received = rules.check_snils("254-636-254 26"), rules.check_snils("254-636-254 26", lenient=True)
    assert (typed.grade, typed.may_be_kept) == (Grade.INVALID, False)
    assert (received.grade, received.may_be_kept, received.number) == (Grade.WARNING, True, "25463625426")
    assert received.reason == typed.reason


@given(FIFTEEN)
def test_exactly_one_last_digit_makes_a_policy_number_valid(fifteen: str) -> None:
    grades = [rules.check_policy_number(f"{fifteen}{last}").grade for last in range(10)]
    assert grades.count(Grade.VALID) == 1


@given(FIFTEEN)
def test_the_luhn_digit_is_the_published_wording(fifteen: str) -> None:
    # digits at odd places from the right joined to a number and doubled; the even ones written before it
    odd, even = fifteen[::-1][::2], fifteen[::-1][1::2]
    total = sum(int(digit) for digit in even + str(int(odd) * 2))
    assert rules.check_policy_number(f"{fifteen}{-total % 10}").grade is Grade.VALID


def test_policy_number_words() -> None:
    assert rules.check_policy_number("7747394100123454").grade is Grade.VALID
    assert "should be 4 and is 5" in rules.check_policy_number("7747394100123455").message
    assert "16 digits" in rules.check_policy_number("774739410012345").message


def test_formatting() -> None:
    assert rules.format_snils("11223344595") == "112-233-445 95"
    assert rules.format_policy_number("7747394100123454") == "7747 3941 0012 3454"
    assert rules.format_snils("none") == "none"
    assert rules.format_policy_number("12") == "12"


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared vectors are not at hand")
def test_shared_vectors() -> None:
    checks = {"SNILS": rules.check_snils, "ENP": rules.check_policy_number}
    lengths = {"SNILS": 11, "ENP": 16}
    seen = 0
    with VECTORS.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["kind"] not in checks:
                continue
            verdict = checks[row["kind"]](row["value"])
            if row["expected"] == "invalid_format":
                assert (verdict.grade, len(verdict.number) == lengths[row["kind"]]) == (
                    Grade.INVALID,
                    False,
                ), row
            else:
                assert verdict.grade.value == row["expected"], row
            seen += 1
    assert seen == 13


def test_a_warning_is_kept_as_a_code_and_said_in_the_readers_language() -> None:
    verdict = rules.check_snils("112-233-445 96", lenient=True)
    kept = verdict.as_json("snils")
    assert kept == {"field": "snils", "code": "snils_check", "values": {"expected": "95", "found": "96"}}
    assert rules.warning_words(kept, str) == f"{verdict.reason % dict(verdict.values)} {rules.ASK_SENDER}"
    assert rules.warning_words(
        kept,
        lambda text: text.upper().replace("%(EXPECTED)S", "%(expected)s").replace("%(FOUND)S", "%(found)s"),
    ).startswith("THE LAST TWO DIGITS")
    assert rules.warning_words({"code": "of_tomorrow"}, str) == rules.warning_words({}, str) == ""
