"""A span holds from its first moment up to its end, which is no longer inside."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aliquot.registers.network.rules.spans import holds, overlap

START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 12).map(lambda hours: START + timedelta(hours=hours))


@dataclass(frozen=True)
class Span:
    since: datetime
    until: datetime | None


SPANS = st.builds(Span, MOMENTS, st.none() | MOMENTS).filter(
    lambda one: one.until is None or one.until > one.since
)


def test_the_first_moment_is_inside_and_the_end_is_not() -> None:
    span = Span(START, START + timedelta(hours=1))
    assert holds(span, START)
    assert not holds(span, START + timedelta(hours=1))
    assert not holds(span, START - timedelta(microseconds=1))
    assert holds(Span(START, None), START + timedelta(days=40_000))


def test_a_span_without_an_end_overlaps_all_that_is_later() -> None:
    later = START + timedelta(days=40_000)
    assert overlap(Span(START, None), later, None)
    assert not overlap(Span(START, START + timedelta(hours=1)), later, None)
    assert not overlap(Span(later, None), START, later)


@given(SPANS, SPANS)
def test_two_spans_overlap_when_a_moment_is_in_both(one: Span, other: Span) -> None:
    moments = (START + timedelta(hours=hours) for hours in range(14))
    shared = any(holds(one, at) and holds(other, at) for at in moments)
    assert overlap(one, other.since, other.until) == shared


@given(SPANS, MOMENTS)
def test_what_follows_at_the_end_does_not_overlap(one: Span, until: datetime) -> None:
    end = one.until or START + timedelta(days=1)
    if until > end and one.until is not None:
        assert not overlap(one, end, until)
