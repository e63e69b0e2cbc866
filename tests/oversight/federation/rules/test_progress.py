"""No change is passed over: whatever order transactions end in, what is taken for complete is complete."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aliquot.oversight.federation.rules.progress import ALL_ROWS, Mark, Progress, advance, followed

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def mark(block: int, xmin: int, xmax: int, seconds: int = 0) -> Mark:
    return Mark(block, xmin, xmax, NOW + timedelta(seconds=seconds))


def test_when_nobody_is_under_way_everything_seen_is_complete() -> None:
    found = advance(Progress(), mark(7, 100, 100))
    assert (found.safe_block, found.safe_at, found.pending_block) == (7, NOW, None)
    assert found.is_behind


def test_a_mark_waits_for_those_under_way_and_no_longer() -> None:
    waiting = advance(Progress(), mark(7, 98, 100))
    assert (waiting.safe_block, waiting.pending_block, waiting.pending_xmax) == (None, 7, 100)
    assert not waiting.is_behind
    assert advance(waiting, mark(9, 99, 105, 1)) == waiting
    found = advance(waiting, mark(9, 100, 105, 1))
    assert (found.safe_block, found.safe_at) == (7, NOW)
    assert (found.pending_block, found.pending_xmax) == (9, 105)


def test_a_batch_that_was_cut_goes_on_after_its_last_row() -> None:
    ready = advance(Progress(block=3, row_id=ALL_ROWS), mark(7, 100, 100))
    cut = followed(ready, (5, 12))
    assert (cut.block, cut.row_id, cut.is_behind, cut.complete_until) == (5, 12, True, None)
    done = followed(cut, None)
    assert (done.block, done.row_id, done.is_behind, done.complete_until) == (7, ALL_ROWS, False, NOW)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12), st.lists(st.integers(0, 40), max_size=30))
def test_nothing_that_appears_later_lies_below_what_was_complete(ends: list[int], looks: list[int]) -> None:
    """Transaction n begins at n and takes block n + 1 at once; it ends after `ends[n]` more steps."""
    begins = list(range(len(ends)))
    until = [begin + length for begin, length in zip(begins, ends, strict=True)]
    progress, complete = Progress(), 0
    for now in sorted(looks):
        begun = [one for one in begins if one <= now]
        under_way = [one for one in begun if until[one] > now]
        seen = [one + 1 for one in begun if until[one] <= now]
        next_one = len(begun)
        progress = advance(
            progress, mark(max(seen, default=0), min(under_way, default=next_one), next_one, now)
        )
        complete = progress.safe_block or 0
        assert [one + 1 for one in under_way if one + 1 <= complete] == []
    last = max(until) + 1
    end = mark(len(ends), len(ends), len(ends), last)
    assert advance(progress, end).safe_block == len(ends)
