"""After too many wrong passwords a name from an address waits; others do not."""

import pytest

from aliquot.registers.people.rules.attempts import MOST_FAILURES, SILENCE, Attempts

HERE = ("orlova", "10.0.0.1")


def failed(times: int, *, at: float = 0.0) -> Attempts:
    kept = Attempts()
    for _ in range(times):
        kept.note_failure(*HERE, at)
    return kept


def test_who_never_failed_may_try() -> None:
    assert Attempts().wait(*HERE, 0.0) == 0
    assert (MOST_FAILURES, SILENCE) == (10, 300.0)


@pytest.mark.parametrize(("times", "seconds"), [(9, 0), (10, 301), (11, 301)])
def test_the_tenth_failure_brings_silence(times: int, seconds: int) -> None:
    assert failed(times, at=50.0).wait(*HERE, 50.0) == seconds


@pytest.mark.parametrize(("passed", "seconds"), [(0.5, 300), (299.0, 2), (299.9, 1), (300.0, 0), (301.0, 0)])
def test_the_silence_runs_out_in_whole_seconds(passed: float, seconds: int) -> None:
    assert failed(10).wait(*HERE, passed) == seconds


def test_only_this_name_from_this_address_waits() -> None:
    kept = failed(10)
    assert kept.wait("orlova", "10.0.0.2", 0.0) == 0
    assert kept.wait("petrova", "10.0.0.1", 0.0) == 0


def test_failures_are_forgotten_after_the_silence_and_after_a_right_password() -> None:
    kept = failed(9)
    kept.note_failure(*HERE, 300.0)
    assert kept.wait(*HERE, 300.0) == 301
    late = failed(9)
    late.note_failure(*HERE, 300.1)
    assert late.wait(*HERE, 300.1) == 0
    for _ in range(8):
        late.note_failure(*HERE, 300.1)
    assert late.wait(*HERE, 300.1) == 0
    late.note_failure(*HERE, 300.1)
    assert late.wait(*HERE, 300.1) == 301
    late.forget(*HERE)
    assert late.wait(*HERE, 300.1) == 0
    late.forget(*HERE)


def test_no_more_than_ten_thousand_are_kept_and_the_oldest_go() -> None:
    kept = failed(10)
    for number in range(9_999):
        kept.note_failure(f"name{number}", "10.0.0.9", 1.0)
    assert kept.wait(*HERE, 1.0) == 300
    kept.note_failure(*HERE, 1.0)  # the latest again
    kept.note_failure("one", "more", 1.0)
    assert kept.wait(*HERE, 1.0) == 301
    for number in range(10_000):
        kept.note_failure(f"other{number}", "10.0.0.9", 1.0)
    assert kept.wait(*HERE, 1.0) == 0
