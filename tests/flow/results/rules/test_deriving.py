"""What a computed test says by the released inputs of its order."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from aliquot.flow.orders.rules.not_computed import reason_words
from aliquot.flow.results.rules.deriving import (
    Computed,
    Input,
    Unavailable,
    Waiting,
    compute,
    latest,
    read_input,
    years,
)
from aliquot.registers.catalogue.rules.derivation import Derivation

NON_HDL = Derivation("NHDL", "mmol/L", 2, "non_hdl", {"tc": "CHOL", "hdl": "HDL"})
AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


def given(key: int | None, value: str | None, state: str = "reported", **changes: Any) -> Input:
    number = None if value is None else Decimal(value)
    facts = {"comparator": "", "unit": "mmol/L", "specimen_id": 7, "collected_at": AT, "measured_at": AT}
    return Input(state=state, id=key, value=number, **{**facts, **changes})


def said(**inputs: Input) -> Computed | Waiting | Unavailable:
    return compute(NON_HDL, inputs, sex="F", birth_date=None, time_zone="Europe/Moscow")


def test_it_is_computed_from_the_inputs_that_are_released() -> None:
    found = said(CHOL=given(2, "5.0"), HDL=given(1, "1.5"))
    assert isinstance(found, Computed)
    assert (found.value, found.text, found.sources) == (Decimal("3.50"), "3.50", [1, 2])


def test_it_waits_for_an_input_that_is_open_or_not_ordered() -> None:
    assert said(CHOL=given(2, "5.0"), HDL=given(None, None, "open")) == Waiting()
    assert said(CHOL=given(2, "5.0")) == Waiting()


@pytest.mark.parametrize("state", ["cancelled", "not_performed"])
def test_without_an_input_for_good_it_is_given_up_with_the_name(state: str) -> None:
    found = said(CHOL=given(2, "5.0"), HDL=given(None, None, state))
    assert found == Unavailable("no_result", {"inputs": "HDL"})


def test_words_for_a_number_and_signs_that_leave_it_open_are_given_up() -> None:
    words = said(CHOL=given(2, None), HDL=given(1, "1.5"))
    open_ones = said(CHOL=given(2, "5.0", comparator="<"), HDL=given(1, "1.5", comparator="<"))
    assert words == Unavailable("input_not_a_number", {"input": "CHOL"})
    assert isinstance(open_ones, Unavailable)


def test_age_is_in_completed_years_in_the_zone_of_the_laboratory() -> None:
    late = datetime(2026, 3, 13, 22, 30, tzinfo=UTC)  # already the birthday in Moscow
    assert years(date(1986, 3, 14), late, "Europe/Moscow") == 40
    assert years(date(1986, 3, 14), late, "UTC") == 39
    assert years(None, late, "UTC") is None
    assert years(date(1986, 3, 14), None, "UTC") is None


@pytest.mark.parametrize(
    ("sex", "birth_date", "time_zone", "value"),
    [
        ("F", date(1966, 3, 14), "Europe/Moscow", "64"),  # sixty that day in Moscow, 1.0 mg/dL
        ("F", date(1966, 3, 14), "UTC", "65"),
        ("M", date(1966, 3, 14), "Europe/Moscow", "86"),
        ("F", date(2001, 3, 14), "Europe/Moscow", "80"),
    ],
)
def test_age_at_the_latest_collection_and_sex_go_into_the_value(
    sex: str, birth_date: date, time_zone: str, value: str
) -> None:
    late = datetime(2026, 3, 13, 22, 30, tzinfo=UTC)
    egfr = Derivation("EGFR", "mL/min/{1.73_m2}", 0, "ckd_epi_2021", {"scr": "CREA"})
    inputs = {"CREA": given(1, "88.4", unit="umol/L", collected_at=late)}
    found = compute(egfr, inputs, sex=sex, birth_date=birth_date, time_zone=time_zone)
    assert isinstance(found, Computed)
    assert found.text == value
    unknown = compute(egfr, inputs, sex=sex, birth_date=None, time_zone=time_zone)
    assert isinstance(unknown, Unavailable)


def test_the_input_collected_last_stands_for_the_value() -> None:
    early, late, unknown = (given(key, "1", collected_at=at) for key, at in ((3, AT), (1, LATER), (2, None)))
    assert latest({"A": early, "B": late, "C": unknown}) is late
    assert latest({"C": unknown}) is unknown


def test_all_inputs_that_are_given_up_are_named() -> None:
    found = said(CHOL=given(None, None, "cancelled"), HDL=given(None, None, "not_performed"))
    assert found == Unavailable("no_result", {"inputs": "CHOL, HDL"})


def test_an_input_reads_as_the_database_says_it() -> None:
    assert read_input({"state": "open"}) == given(
        None, None, "open", unit="", specimen_id=None, collected_at=None, measured_at=None
    )
    kept = {"state": "reported", "id": 3, "value": "1.50", "comparator": "<", "unit": "mmol/L"}
    found = read_input({**kept, "specimen_id": 7, "collected_at": AT.isoformat(), "measured_at": None})
    assert found == given(3, "1.50", comparator="<", measured_at=None)


def test_what_is_given_up_is_kept_in_english_and_said_in_the_readers_words() -> None:
    gone = Unavailable("age_under_18", {"age": "12"})
    words = "The equation is for adults; 12 years is under 18."
    assert gone.reason == f"Not computed: {words}"
    assert gone.facts == {"code": "age_under_18", "values": {"age": "12"}}
    assert reason_words(gone.reason, gone.facts) == gone.reason
    assert reason_words(gone.reason, gone.facts, lambda text: f"<{text}>").startswith("<Not computed: <The")
    assert reason_words("kept", {"code": "of_tomorrow"}) == reason_words("kept", {}) == "kept"


def test_an_input_keeps_when_it_was_drawn_and_when_it_was_measured() -> None:
    later = AT.replace(hour=7)
    found = read_input({"state": "open", "collected_at": AT.isoformat(), "measured_at": later.isoformat()})
    assert (found.collected_at, found.measured_at) == (AT, later)
