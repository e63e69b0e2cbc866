"""No change is passed over: whatever order transactions end in, what is taken for complete is complete."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aliquot.oversight.federation.rules.progress import ALL_ROWS, Mark, Progress, advance, followed

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def mark(block: int, xmin: int, xmax: int | None, seconds: int = 0) -> Mark:
    return Mark(block, xmin, xmax, NOW + timedelta(seconds=seconds))


def test_when_nobody_is_under_way_everything_seen_is_complete() -> None:
    found = advance(Progress(), mark(7, 100, 100))
    assert (found.safe_block, found.safe_at, found.pending_block) == (7, NOW, None)
    assert found.is_behind
    assert (Progress().known_block, found.known_block) == (-1, 7)


def test_a_mark_waits_for_those_under_way_and_no_longer() -> None:
    waiting = advance(Progress(), mark(7, 98, 100))
    assert (waiting.safe_block, waiting.pending_block, waiting.pending_xmax) == (None, 7, 100)
    assert waiting.known_block == 7
    assert not waiting.is_behind
    assert advance(waiting, mark(9, 99, 105, 1)) == waiting
    assert advance(waiting, mark(7, 99, None, 1)) == waiting
    assert advance(waiting, mark(7, 100, None, 1)).safe_block == 7
    found = advance(waiting, mark(9, 100, 105, 1))
    assert (found.safe_block, found.safe_at) == (7, NOW)
    assert (found.pending_block, found.pending_xmax) == (9, 105)


def test_when_nothing_was_committed_since_it_is_complete_until_now() -> None:
    ready = advance(Progress(), mark(7, 100, 100))
    found = advance(ready, mark(7, 90, None, 5))
    assert (found.safe_block, found.safe_at) == (7, NOW + timedelta(seconds=5))


def test_a_batch_that_was_cut_goes_on_after_its_last_row() -> None:
    ready = advance(Progress(block=3, row_id=ALL_ROWS), mark(7, 100, 100))
    cut = followed(ready, (5, 12))
    assert (cut.block, cut.row_id, cut.is_behind, cut.complete_until) == (5, 12, True, None)
    done = followed(cut, None)
    assert (done.block, done.row_id, done.is_behind, done.complete_until) == (7, ALL_ROWS, False, NOW)


def test_the_youngest_may_hold_an_older_block() -> None:
    """It began last, took its block first and is alone under way: the block seen above it is not complete."""
    assert advance(Progress(), mark(2, 1, 2)).safe_block is None
    assert advance(Progress(), mark(2, 2, 3)).safe_block is None


@given(
    st.lists(st.tuples(st.integers(0, 10), st.integers(0, 30)), min_size=1, max_size=12),
    st.lists(st.integers(0, 60), max_size=30),
)
def test_nothing_that_appears_later_lies_below_what_was_complete(
    lives: list[tuple[int, int]], looks: list[int]
) -> None:
    """Transaction n begins at n, takes its block some steps later, ends some steps after that."""
    takes = [begin + delay for begin, (delay, _length) in enumerate(lives)]
    ends = [take + length for take, (_delay, length) in zip(takes, lives, strict=True)]
    in_order = sorted(range(len(lives)), key=lambda one: (takes[one], one))
    block = {one: number for number, one in enumerate(in_order, 1)}
    progress = Progress()
    for now in sorted(looks):
        begun = [one for one in block if one <= now]
        under_way = [one for one in begun if ends[one] > now]
        ended = [one for one in begun if ends[one] <= now]
        newest = max((block[one] for one in ended), default=0)
        after_last = max(ended, default=-1) + 1  # PostgreSQL's xmax: after the last one completed
        oldest = min((one for one in under_way if one < after_last), default=after_last)
        number = len(begun) if newest > progress.known_block else None
        progress = advance(progress, mark(newest, oldest, number, now))
        complete = progress.safe_block or 0
        assert [block[one] for one in block if ends[one] > now and block[one] <= complete] == []
    last = advance(progress, mark(len(lives), len(lives), len(lives), 100))
    assert last.safe_block == len(lives)
