"""Kept results become again what the rules saw: earlier values, other values, runs and states of then."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from aliquot.flow.results.rules.backtest.replay import Kept, Stretch, by_patient, decided, replayed
from aliquot.flow.verification.rules.book import RuleBook, compile_book
from aliquot.flow.verification.rules.evidence import Evidence, Run, Sibling
from aliquot.flow.verification.rules.shapes import Consistency, Delta, Rule
from tests.flow.results.rules.backtest.rows import DAY, HOUR, NOON, POTASSIUM, kept, released
from tests.flow.verification.rules.evidences import CATALOGUE_LIMITS, FACTS, book, rule, when

ALL = Stretch(NOON - 400 * DAY, NOON + 400 * DAY, look_back=365)
CALCIUM = replace(FACTS, test_id=7, code="CA")


def seen(
    *rows: Kept, by: RuleBook | None = None, stretch: Stretch = ALL, windows: Mapping[int, int] | None = None
) -> dict[int, Evidence]:
    """The evidence of each result that is decided again, by result id."""
    return {row.result_id: one for row, one in replayed(rows, by or book(), stretch, windows or {})}


def previous(*rows: Kept, **more: Any) -> tuple[str | None, Any]:
    """Value and moment that the last row is compared with."""
    found = seen(*rows, **more)[rows[-1].result_id]
    value = found.previous_value
    return (None if value is None else str(value)), found.previous_collected_at


def test_each_column_becomes_the_field_of_its_name() -> None:
    (found,) = seen(POTASSIUM).values()
    kept_fields = POTASSIUM._asdict()
    told = {one.name: getattr(found, one.name) for one in fields(found) if one.name in kept_fields}
    assert told == {name: kept_fields[name] for name in told} | {"indices": {}}
    assert len(told) == 30
    assert (found.is_manual, found.is_inpatient, found.is_suspended, found.is_rerun) == (False,) * 4
    assert (found.previous_value, found.previous_collected_at, found.earlier_runs) == (None, None, ())


def test_typed_computed_and_of_a_ward_is_said_so() -> None:
    typed = seen(kept(analyzer_id=None))[1]
    computed = seen(kept(analyzer_id=None, is_computed=True))[1]
    assert (typed.is_manual, typed.is_computed) == (True, False)
    assert (computed.is_manual, computed.is_computed) == (False, True)
    assert seen(kept(ward="ICU"))[1].is_inpatient


def test_indices_are_read_letter_by_letter() -> None:
    assert seen(kept(indices=["H0.7", "L12"]))[1].indices == {"H": Decimal("0.7"), "L": Decimal(12)}


@pytest.mark.parametrize(
    ("now", "then"), [("reported", "open"), ("open", "open"), ("cancelled", "cancelled")]
)
def test_a_test_was_open_before_it_was_reported(now: str, then: str) -> None:
    assert seen(kept(item_state=now))[1].item_state == then


@pytest.mark.parametrize(
    ("now", "then"), [("completed", "placed"), ("placed", "placed"), ("cancelled", "cancelled")]
)
def test_an_order_was_placed_before_it_was_completed(now: str, then: str) -> None:
    assert seen(kept(order_state=now))[1].order_state == then


def test_rows_are_parted_by_patient() -> None:
    rows = [kept(1, patient_id=1), kept(2, patient_id=1), kept(3, patient_id=2)]
    assert [[one.result_id for one in part] for part in by_patient(rows)] == [[1, 2], [3]]
    assert list(by_patient([])) == []


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({"recorded_at": NOON}, True),
        ({"recorded_at": NOON - timedelta(seconds=1)}, False),
        ({"recorded_at": NOON + HOUR}, False),
        ({"recorded_at": NOON + HOUR - timedelta(seconds=1)}, True),
        ({"supersedes_id": 9}, False),
    ],
)
def test_a_stretch_begins_with_its_first_moment_and_ends_before_its_last(
    *, changes: dict[str, Any], holds: bool
) -> None:
    assert Stretch(NOON, NOON + HOUR, 365).holds(kept(**changes)) is holds


def test_outside_the_stretch_nothing_is_decided_again() -> None:
    rows = [released(1, "4.0", NOON - DAY), kept(2, order_id=31)]
    assert list(seen(*rows, stretch=Stretch(NOON, NOON + HOUR, 365))) == [2]


def test_it_is_compared_with_the_latest_that_was_released_before_it_came() -> None:
    first, second = released(1, "4.0", NOON - 3 * DAY), released(2, "4.4", NOON - 2 * DAY, order_id=31)
    assert previous(first, second, kept(3, order_id=32)) == ("4.4", NOON - 2 * DAY - HOUR)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "held"},
        {"state": "refused"},
        {"comparator": "<"},
        {"value": None},
        {"collected_at": None},
        {"test_id": 8},
        {"unit": "mg/dL"},
        {"released_at": None},
        {"released_at": NOON + timedelta(seconds=1)},
        {"collected_at": NOON - HOUR},
    ],
)
def test_what_cannot_be_compared_with_is_passed_over(changes: dict[str, Any]) -> None:
    older = released(1, "4.0", NOON - 3 * DAY)
    other = released(2, "4.4", NOON - 2 * DAY, order_id=31)._replace(**changes)
    assert previous(older, other, kept(3, order_id=32)) == ("4.0", NOON - 3 * DAY - HOUR)


def test_a_corrected_value_was_released_and_counts_as_such() -> None:
    older = released(1, "4.0", NOON - 3 * DAY, state="superseded")
    assert previous(older, kept(2, order_id=31)) == ("4.0", NOON - 3 * DAY - HOUR)


def test_released_in_the_same_moment_it_counts() -> None:
    other = released(1, "4.4", NOON - 2 * DAY)._replace(released_at=NOON)
    assert previous(other, kept(2, order_id=31))[0] == "4.4"


@pytest.mark.parametrize(
    ("look_back", "windows", "found"),
    [(10, {}, "4.0"), (9, {}, None), (3, {4: 10}, "4.0"), (3, {4: 9}, None), (3, {5: 10}, None)],
)
def test_only_within_the_look_back_or_the_longer_window_of_the_test(
    look_back: int, windows: dict[int, int], found: str | None
) -> None:
    older = released(1, "4.0", NOON)._replace(collected_at=NOON - HOUR - 10 * DAY, released_at=NOON - DAY)
    stretch = Stretch(NOON, NOON + HOUR, look_back)
    assert previous(older, kept(2, order_id=31), stretch=stretch, windows=windows)[0] == found


def test_each_is_decided_by_the_book_with_the_catalogues_own_windows() -> None:
    facts = replace(FACTS, delta_percent=Decimal(20), delta_days=10)
    delta = rule(Delta("delta", is_from_catalogue=True), "K")
    clean: dict[str, Any] = {"analyzer_flags": [], "conditions": [], "is_reagent_valid": True}
    older = released(1, "3.0", NOON - 9 * DAY)
    rows = [older, kept(2, order_id=31, **clean), kept(3, order_id=32, patient_id=9, **clean)]
    stretch = Stretch(NOON, NOON + HOUR, look_back=3)

    def said(*rules: Rule) -> dict[int, list[str]]:
        by = compile_book([facts], {None: rules})
        return {
            row.result_id: [one.rule for one in verdict.reasons]
            for row, _, verdict in decided(rows, by, stretch)
        }

    assert said(rule(CATALOGUE_LIMITS), delta) == {2: ["delta"], 3: []}
    assert said(rule(CATALOGUE_LIMITS)) == {2: [], 3: []}
    assert list(decided([], book(), stretch)) == []


def test_the_first_too_old_ends_the_search() -> None:
    rows = [released(1, "4.0", NOON - 4 * DAY), released(2, "4.1", NOON - 30 * DAY), kept(3, order_id=31)]
    assert previous(*rows, stretch=Stretch(NOON, NOON + HOUR, 10))[0] is None


def test_without_a_time_of_collection_there_is_nothing_to_compare_with() -> None:
    assert previous(released(1, "4.0", NOON - DAY), kept(2, order_id=31, collected_at=None)) == (None, None)


def siblings(evidence: Evidence) -> dict[str, str]:
    return {code: one.value_text for code, one in evidence.siblings.values.items()}


def two_tests(*bodies: Consistency) -> RuleBook:
    rules = [rule(CATALOGUE_LIMITS), *(rule(one) for one in bodies)]
    return compile_book([FACTS, CALCIUM], {None: rules})


def test_values_of_the_order_that_had_come_are_seen_by_all_that_came_together() -> None:
    rows = [
        kept(1, "4.1"),
        kept(2, "2.2", test_id=7, order_item_id=21),
        kept(3, "4.9", order_item_id=22, recorded_at=NOON + HOUR),
    ]
    found = seen(*rows, by=two_tests())
    assert siblings(found[1]) == siblings(found[2]) == {"K": "4.1", "CA": "2.2"}
    assert found[1].siblings is found[2].siblings
    assert siblings(found[3]) == {"K": "4.9", "CA": "2.2"}
    assert list(found) == [1, 2, 3]


def test_what_came_before_the_stretch_is_seen_but_not_decided() -> None:
    rows = [kept(1, "2.2", test_id=7, order_item_id=21, recorded_at=NOON - HOUR), kept(2, "4.1")]
    found = seen(*rows, by=two_tests(), stretch=Stretch(NOON, NOON + HOUR, 365))
    assert list(found) == [2]
    assert siblings(found[2]) == {"CA": "2.2", "K": "4.1"}


@pytest.mark.parametrize(
    ("changes", "is_seen"),
    [
        ({"state": "refused", "decided_at": NOON}, False),
        ({"state": "refused", "decided_at": None}, False),
        ({"state": "refused", "decided_at": NOON + timedelta(seconds=1)}, True),
        ({"state": "held", "decided_at": NOON}, True),
    ],
)
def test_what_was_refused_by_then_is_not_seen(*, changes: dict[str, Any], is_seen: bool) -> None:
    first = kept(1, "2.2", test_id=7, order_item_id=21, recorded_at=NOON - HOUR)._replace(**changes)
    assert ("CA" in siblings(seen(first, kept(2), by=two_tests())[2])) is is_seen


def test_of_a_test_that_the_book_does_not_know_nothing_is_seen() -> None:
    found = seen(kept(1), kept(2, test_id=99, order_item_id=21))
    assert siblings(found[2]) == {"K": "4.2"}


def test_another_value_comes_with_its_earlier_one_and_without_flag_when_no_rule_asks() -> None:
    rows = [released(1, "4.0", NOON - DAY), kept(2, "7.5", order_id=31)]
    assert seen(*rows)[2].siblings.values["K"] == Sibling(
        Decimal("7.5"), "7.5", "", "mmol/L", "", None, None, NOON - HOUR, Decimal("4.0"), NOON - DAY - HOUR
    )


@pytest.mark.parametrize("recorded_at", [NOON, NOON - HOUR])
def test_flag_and_interval_come_with_it_when_a_rule_asks(recorded_at: Any) -> None:
    asks = two_tests(Consistency("flagged", when('flag(K) = "H"')))
    rows = [kept(1, "5.5", recorded_at=recorded_at), kept(2, "2.2", test_id=7, order_item_id=21)]
    found = seen(*rows, by=asks)[2].siblings.values["K"]
    assert (found.flag, found.low, found.high) == ("H", Decimal("3.5"), Decimal("5.1"))


def runs(evidence: Evidence) -> Sequence[Run]:
    return evidence.earlier_runs


def test_earlier_runs_are_those_of_the_same_test_of_the_order() -> None:
    rows = [kept(1, "4.1", dilution="5", was_sent_back=True), kept(2, "4.3"), kept(3, order_item_id=21)]
    found = seen(*rows)
    assert runs(found[1]) == runs(found[3]) == ()
    assert runs(found[2]) == (Run(1, Decimal("4.1"), "", "mmol/L", "5", "held"),)


@pytest.mark.parametrize(
    ("sent_back", "is_computed", "is_rerun"),
    [(False, False, True), (True, False, False), (False, True, False)],
)
def test_a_run_that_no_rule_asked_for_is_said_to_be_a_rerun(
    *, sent_back: bool, is_computed: bool, is_rerun: bool
) -> None:
    rows = [kept(1, was_sent_back=sent_back), kept(2, is_computed=is_computed)]
    assert seen(*rows)[2].is_rerun is is_rerun


@pytest.mark.parametrize(
    ("released_at", "item_state"),
    [(NOON, "reported"), (NOON + timedelta(seconds=1), "open"), (None, "open")],
)
def test_a_test_reported_when_this_value_came_is_said_so(released_at: Any, item_state: str) -> None:
    rows = [kept(1, recorded_at=NOON - HOUR, released_at=released_at), kept(2)]
    assert seen(*rows)[2].item_state == item_state


def test_what_a_value_corrects_is_no_earlier_run_of_it() -> None:
    rows = [kept(1, "4.0"), kept(2, "4.4", supersedes_id=1), kept(3, "4.6")]
    found = seen(*rows)
    assert list(found) == [1, 3]
    assert [one.result_id for one in runs(found[3])] == [1, 2]
