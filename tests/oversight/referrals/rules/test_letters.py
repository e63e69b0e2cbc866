"""What leaves a region of a patient, how the two letters are read, and what a found result does."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.oversight.referrals.rules.filing import Standing, Step, step_for
from aliquot.oversight.referrals.rules.letters import (
    Asked,
    Found,
    MalformedError,
    Told,
    found_in,
    read_asked,
    read_told,
    write_asked,
    write_told,
)
from aliquot.oversight.referrals.rules.pseudonyms import Age, age_at, birth_date_for, pseudonym_of

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
UID = "0a4c8f1e-8f6b-4a53-9d44-3c2f8a1b7e10"
ASKED = Asked(
    UID, "Tula hub", "Тула", "R-0A4C8F1E8F", "F", Age(40, "a"), None, "R", ("K", "NA"), "7101000011",
    "SST", "SERUM", 5000, True, "room", NOW, NOW + timedelta(hours=1),
)  # fmt: skip
VALUE = Found("K", "final", "4.1", "mmol/L", "ISE", "ИСЭ", "3.5–5.1")
TOLD = Told(UID, 1, "Moscow hub", "Москва", (VALUE, Found("NA", "pending")))


class TestPseudonym:
    def test_it_says_nothing_of_the_patient(self) -> None:
        assert pseudonym_of(UID) == "R-0A4C8F1E8F"

    @pytest.mark.parametrize(
        ("born", "age"),
        [
            (date(2026, 11, 22), Age(0, "d")),
            (date(2026, 10, 26), Age(27, "d")),
            (date(2026, 10, 25), Age(0, "mo")),
            (date(2026, 10, 22), Age(1, "mo")),
            (date(2024, 11, 23), Age(23, "mo")),
            (date(2024, 11, 22), Age(2, "a")),
            (date(1986, 11, 23), Age(39, "a")),
            (date(1986, 11, 22), Age(40, "a")),
        ],
    )
    def test_the_age_is_as_coarse_as_intervals_allow(self, born: date, age: Age) -> None:
        assert age_at(born, NOW.date()) == age

    def test_a_month_is_over_when_its_day_is_reached(self) -> None:
        assert age_at(date(2025, 1, 31), date(2025, 2, 28)) == Age(0, "mo")
        assert age_at(date(2025, 1, 31), date(2025, 3, 1)) == Age(1, "mo")
        assert age_at(date(2024, 2, 29), date(2026, 2, 28)) == Age(23, "mo")

    def test_nobody_is_older_than_before_the_birth(self) -> None:
        with pytest.raises(ValueError, match="lies before"):
            age_at(date(2027, 1, 1), NOW.date())

    @given(st.dates(date(1900, 1, 1), date(2026, 11, 22)))
    def test_the_date_for_the_intervals_has_the_same_age(self, born: date) -> None:
        age = age_at(born, NOW.date())
        assert age_at(birth_date_for(age, NOW.date()), NOW.date()) == age

    def test_months_have_the_same_age_by_name(self) -> None:
        ages = [Age(3, "d"), Age(7, "mo"), Age(40, "a")]
        assert [age_at(birth_date_for(one, NOW.date()), NOW.date()) for one in ages] == ages


class TestLetters:
    def test_both_are_read_as_they_were_written(self) -> None:
        assert read_asked(write_asked(ASKED)) == ASKED
        assert read_asked(write_asked(replace(ASKED, age=None, spun_at=None))).age is None
        assert read_told(write_told(TOLD)) == TOLD

    def test_the_letter_that_asks_holds_these_names_and_no_other(self) -> None:
        assert set(write_asked(ASKED)) == {
            "referral", "laboratory_en", "laboratory_ru", "pseudonym", "sex", "age", "is_pregnant", "urgency",
            "tests", "number", "container", "specimen_type", "volume_ul", "is_centrifuged", "lane",
            "collected_at", "spun_at",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("pseudonym", None), ("tests", []), ("tests", "K"), ("tests", [1]), ("volume_ul", "5"), ("volume_ul", -1),
            ("volume_ul", True), ("is_pregnant", "no"), ("collected_at", None), ("collected_at", "today"),
            ("collected_at", "2026-11-22T06:00:00"), ("age", 40), ("age", {"value": 40, "unit": "years"}),
            ("age", {"value": "40", "unit": "a"}),
        ],
    )  # fmt: skip
    def test_what_is_missing_or_wrong_is_named(self, field: str, value: Any) -> None:
        with pytest.raises(MalformedError) as told:
            read_asked({**write_asked(ASKED), field: value})
        assert told.value.field in {field, "value"}

    @pytest.mark.parametrize(
        "found", [None, ["K"], [{**write_told(TOLD)["found"][0], "status": "perhaps"}], [{}]]
    )
    def test_results_that_cannot_be_read_are_named(self, found: Any) -> None:
        with pytest.raises(MalformedError):
            read_told({**write_told(TOLD), "found": found})


def said(status: str, **changes: Any) -> dict[str, Any]:
    """A result as a report says it."""
    value = {
        "value": "4.1",
        "unit": "mmol/L",
        "method_en": "ISE",
        "method_ru": "ИСЭ",
        "low": "3.5",
        "high": "5.1",
    }
    return {"code": "K", "status": status, **value, "amend_reason": "", **changes}


def found(one: dict[str, Any]) -> Found:
    return found_in({"sections": [{"results": [one]}]}, ["K", "NA"])[0]


class TestFound:
    def test_a_value_goes_with_its_method_and_its_limits(self) -> None:
        assert found(said("final")) == VALUE
        assert found(said("amended", amend_reason="wrong tube")).reason_ru == "wrong tube"

    @pytest.mark.parametrize(
        ("low", "high", "interval"), [(None, None, ""), ("3.5", None, "≥ 3.5"), (None, "5.1", "≤ 5.1")]
    )
    def test_limits_may_be_one_or_none(self, low: str | None, high: str | None, interval: str) -> None:
        assert found(said("final", low=low, high=high)).interval == interval

    def test_what_was_withdrawn_goes_without_value_and_without_who_did_it(self) -> None:
        taken = {"code": "withdrawn", "name_en": "Ivanova", "name_ru": "Иванова", "note": "wrong tube"}
        gone = found(said("withdrawn", retraction=taken))
        assert gone == Found("K", "withdrawn", reason_en="wrong tube", reason_ru="wrong tube")
        assert found(said("investigated", retraction=taken)) == gone

    def test_what_was_not_performed_says_why(self) -> None:
        reason = {"name_en": "Haemolysed", "name_ru": "Гемолиз", "note": ""}
        assert found(said("not_performed", reason=reason)).reason_ru == "Гемолиз"

    def test_what_is_pending_says_so(self) -> None:
        assert found(said("pending")) == Found("K", "pending")


class TestFiling:
    OPEN, WAITS, OUT = Standing(is_open=True), Standing(True, waiting="4.1"), Standing(False, released="4.1")

    def test_every_case_has_its_step(self) -> None:
        other, gone = replace(VALUE, value="4.3"), Found("K", "withdrawn")
        never, later = Found("K", "not_performed"), Found("K", "pending")
        closed = Standing(is_open=False)
        cases = [
            (VALUE, self.OPEN, Step.ENTER), (VALUE, closed, Step.NOTHING), (VALUE, self.WAITS, Step.NOTHING),
            (other, self.WAITS, Step.REPLACE), (VALUE, self.OUT, Step.NOTHING), (other, self.OUT, Step.AMEND),
            (gone, self.OUT, Step.WITHDRAW), (gone, self.WAITS, Step.REFUSE), (gone, self.OPEN, Step.NOTHING),
            (never, self.OPEN, Step.GIVE_UP), (never, closed, Step.NOTHING), (later, self.OUT, Step.NOTHING),
        ]  # fmt: skip
        assert [step_for(one, now) for one, now, _ in cases] == [step for _, _, step in cases]
