"""What a look-back looks for: its faults, its windows, and the form in which it is kept."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.results.rules.look_back import (
    LONGEST,
    Criteria,
    Span,
    covers,
    fault_of,
    kept_spans,
    parted,
    read_spans,
    spans_of,
    thinned,
)

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("criteria", "fault"),
    [
        (Criteria(), "nothing"),
        (Criteria(since=NOW), "nothing"),
        (Criteria(analyzer_id=1), "interval"),
        (Criteria(test_id=1, until=NOW), "interval"),
        (Criteria(analyzer_id=1, since=NOW, until=NOW), "backwards"),
        (Criteria(order="L1", since=NOW, until=NOW - HOUR), "backwards"),
        (Criteria(analyzer_id=1, since=NOW - LONGEST - HOUR, until=NOW), "too_long"),
        (Criteria(analyzer_id=1, since=NOW - LONGEST, until=NOW), ""),
        (Criteria(test_id=1, since=NOW), ""),
        (Criteria(specimen="7"), ""),
        (Criteria(order="L1"), ""),
        (Criteria(reagent_lot="A1"), ""),
        (Criteria(calibrator_lot="C1"), ""),
        (Criteria(failure_id=4), ""),
    ],
)
def test_what_is_too_wide_or_contradicts_itself_is_named(criteria: Criteria, fault: str) -> None:
    assert fault_of(criteria) == fault


def test_without_lots_the_interval_is_the_window() -> None:
    asked = Criteria(analyzer_id=1, test_id=2, since=NOW - HOUR)
    assert spans_of(asked, None, at=NOW) == [Span(1, 2, NOW - HOUR, NOW)]
    assert spans_of(Criteria(analyzer_id=1), None, at=NOW) == []


def test_windows_are_cut_to_what_was_asked() -> None:
    windows = [(1, 2, NOW - 4 * HOUR, None), (1, 3, NOW - 4 * HOUR, NOW - HOUR), (9, 2, NOW - 4 * HOUR, None)]
    asked = Criteria(analyzer_id=1, reagent_lot="A1", since=NOW - 2 * HOUR)
    assert spans_of(asked, windows, at=NOW) == [
        Span(1, 2, NOW - 2 * HOUR, NOW),
        Span(1, 3, NOW - 2 * HOUR, NOW - HOUR),
    ]
    late = Criteria(reagent_lot="A1", test_id=3, since=NOW - HOUR)
    assert spans_of(late, windows, at=NOW) == []
    assert spans_of(Criteria(reagent_lot="A1", test_id=2), windows, at=NOW) == [
        Span(1, 2, NOW - 4 * HOUR, NOW),
        Span(9, 2, NOW - 4 * HOUR, NOW),
    ]


@given(
    st.builds(
        Criteria,
        analyzer_id=st.none() | st.integers(1),
        test_id=st.none() | st.integers(1),
        reagent_lot=st.text(max_size=5),
        failure_id=st.none() | st.integers(1),
        since=st.none() | MOMENTS,
        until=st.none() | MOMENTS,
        order=st.text(max_size=5),
    )
)
def test_it_is_kept_and_read_as_it_was(criteria: Criteria) -> None:
    assert Criteria.from_json(criteria.as_json()) == criteria


@given(st.integers(0, 10_000), st.integers(1, 500))
def test_what_is_drawn_is_never_more_than_wanted(count: int, most: int) -> None:
    share = thinned(range(count), most)
    assert share >= 1
    assert count / share <= most


def test_results_of_one_order_are_changed_in_one_part() -> None:
    rows = [(number, number // 3, "released") for number in range(10)]
    parts = list(parted(rows[::-1], 2))
    assert [len(one) for one in parts] == [3, 3, 3, 1]
    assert sorted(row for part in parts for row in part) == rows
    assert all(len({row[1] for row in part}) == 1 for part in parts)
    assert [len(one) for one in parted(rows, 4)] == [6, 4]
    assert list(parted([], 5)) == []
    crossed = [(1, 9, "a"), (2, 8, "b"), (3, 9, "a"), (4, 8, "c")]
    assert list(parted(crossed, 2)) == [[(2, 8, "b"), (4, 8, "c")], [(1, 9, "a"), (3, 9, "a")]]


def test_what_is_measured_while_it_waits_is_not_concerned() -> None:
    assert Criteria(analyzer_id=1, since=NOW).until_now(NOW).until == NOW
    assert Criteria(analyzer_id=1, since=NOW, until=NOW + HOUR).until_now(NOW).until == NOW + HOUR
    assert Criteria(order="L1").until_now(NOW).until is None


def test_it_is_kept_as_what_was_said_with_times_in_iso_8601() -> None:
    asked = Criteria(analyzer_id=1, reagent_lot="A1", since=NOW, until=NOW + HOUR)
    kept = {
        "analyzer_id": 1,
        "reagent_lot": "A1",
        "since": "2026-11-22T06:00:00+00:00",
        "until": "2026-11-22T07:00:00+00:00",
    }
    assert asked.as_json() == kept
    assert Criteria.from_json(kept) == asked
    assert Criteria().as_json() == {}
    assert Criteria.from_json({}) == Criteria()


def test_what_waits_to_begin_has_an_end_unless_it_is_of_one_order() -> None:
    assert Criteria(test_id=1).until_now(NOW) == Criteria(test_id=1, until=NOW)
    assert Criteria(test_id=1, until=NOW - HOUR).until_now(NOW) == Criteria(test_id=1, until=NOW - HOUR)
    assert Criteria(order="L1").until_now(NOW) == Criteria(order="L1")
    assert Criteria(specimen="7").until_now(NOW) == Criteria(specimen="7")


@pytest.mark.parametrize(
    ("count", "most", "share"), [(0, 5, 1), (5, 5, 1), (6, 5, 2), (10, 5, 2), (11, 5, 3)]
)
def test_a_picture_draws_one_of_so_many(count: int, most: int, share: int) -> None:
    assert thinned(range(count), most) == share


@pytest.mark.parametrize(
    ("analyzer", "test", "minutes", "windows"),
    [
        (1, 2, 0, 1),
        (1, 2, 59, 1),
        (1, 2, 60, 0),
        (1, 2, -1, 0),
        (1, 3, 0, 0),
        (None, 2, 0, 0),
        (9, 9, 125, 1),
        (1, 2, None, 0),
    ],
)
def test_a_window_covers_what_was_measured_in_it(
    analyzer: int | None, test: int, minutes: int | None, windows: int
) -> None:
    spans = [Span(1, 2, NOW, NOW + HOUR), Span(None, None, NOW + 2 * HOUR, NOW + 3 * HOUR)]
    moment = None if minutes is None else NOW + timedelta(minutes=minutes)
    assert covers(spans, analyzer_id=analyzer, test_id=test, moment=moment) is bool(windows)
    assert read_spans(kept_spans(spans)) == tuple(spans)
