import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.specimens.rules import numbering
from aliquot.wire.barcode import code_128_modules

PREFIXES = st.text("0123456789", min_size=2, max_size=10)


def test_a_number_by_hand() -> None:
    number = numbering.specimen_number("7101", 1)
    assert number[:-1] == "71010000001"
    assert len(number) == 12
    assert numbering.check_number(number).is_valid


@given(PREFIXES, st.data())
def test_every_number_of_a_range_is_valid_and_the_regions_own(prefix: str, data: st.DataObject) -> None:
    running = data.draw(st.integers(0, numbering.last_running_number(prefix)))
    number = numbering.specimen_number(prefix, running)
    assert numbering.is_own(f" {number}\r\n", prefix[:2])
    assert numbering.region_of(number) == prefix[:2]
    assert code_128_modules(number) == 101


@given(st.integers(0, 9_999_999), st.integers(0, 11), st.sampled_from("0123456789"))
def test_a_misread_digit_is_found(running: int, place: int, digit: str) -> None:
    number = numbering.specimen_number("7101", running)
    misread = number[:place] + digit + number[place + 1 :]
    assert numbering.check_number(misread).is_valid is (misread == number)


def test_numbers_of_a_range_differ() -> None:
    assert len({numbering.specimen_number("7101", running) for running in range(2000)}) == 2000


def test_another_region_is_told_apart() -> None:
    number = numbering.specimen_number("2903", 77)
    assert not numbering.is_own(number, "71")
    assert numbering.region_of(number) == "29"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("71010000001X", numbering.NOT_DIGITS),
        ("", numbering.NOT_DIGITS),
        ("7101000001", numbering.WRONG_LENGTH),
        ("710100000019", numbering.WRONG_CHECK),
    ],
)
def test_what_is_no_number_says_why(text: str, reason: str) -> None:
    verdict = numbering.check_number(text)
    assert (verdict.is_valid, verdict.reason, verdict.remedy) == (False, reason, numbering.SCAN_AGAIN)
    assert (reason % dict(verdict.values)).endswith(".")
    assert numbering.region_of(text) == ""


@pytest.mark.parametrize(
    ("prefix", "running"), [("7", 1), ("71010000000", 0), ("7A01", 1), ("7101", 10_000_000), ("7101", -1)]
)
def test_a_range_refuses_what_it_cannot_hold(prefix: str, running: int) -> None:
    with pytest.raises(ValueError, match=r"prefix"):
        numbering.specimen_number(prefix, running)


def test_a_person_reads_it_in_threes() -> None:
    assert numbering.grouped("710100000017") == "710 100 000 017"
