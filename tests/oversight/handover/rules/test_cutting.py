"""Rows are cut between keys, bounded, and nothing is lost."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aliquot.oversight.handover.rules.cutting import GREATEST, LEAST, Chunk, cut, gaps, key_of, recut


def row(key: int, text: str = "x") -> bytes:
    return f"{key},{text}\n".encode()


def test_a_chunk_ends_where_it_is_large_enough() -> None:
    rows = [row(1), row(2), row(3)]
    assert list(cut(rows, has_key=True, limit=8)) == [
        Chunk(row(1) + row(2), 2, 1, 2),
        Chunk(row(3), 1, 3, 3),
    ]


def test_rows_of_one_key_stay_together() -> None:
    rows = [row(1), row(1), row(1), row(2)]
    assert [one.rows for one in cut(rows, has_key=True, limit=1)] == [3, 1]


def test_without_a_key_a_chunk_has_no_ends() -> None:
    assert list(cut([b"a,1\n", b"b,2\n"], has_key=False, limit=1)) == [
        Chunk(b"a,1\n", 1, None, None),
        Chunk(b"b,2\n", 1, None, None),
    ]


def test_no_rows_make_no_chunk() -> None:
    assert list(cut([], has_key=True)) == []


@given(st.lists(st.tuples(st.integers(0, 20), st.text(max_size=5))), st.integers(1, 60))
def test_nothing_is_lost_and_no_key_is_in_two_chunks(facts: list[tuple[int, str]], limit: int) -> None:
    rows = [row(key, text.replace("\n", " ")) for key, text in sorted(facts)]
    chunks = list(cut(rows, has_key=True, limit=limit))
    assert b"".join(one.content for one in chunks) == b"".join(rows)
    assert sum(one.rows for one in chunks) == len(rows)
    for earlier, later in pairwise(chunks):
        assert earlier.high is not None and later.low is not None and earlier.high < later.low  # noqa: PT018 - one fact
    assert list(recut(rows, [one.rows for one in chunks])) == [one.content for one in chunks]


def test_what_no_part_holds_comes_last() -> None:
    assert list(recut([b"a", b"b", b"c"], [1])) == [b"a", b"bc"]
    assert list(recut([b"a"], [1, 1])) == [b"a", b""]


def test_a_key_may_be_negative() -> None:
    assert key_of(b'-7,"a,b"\n') == -7


def test_gaps_between_spans() -> None:
    assert gaps([]) == [(LEAST, GREATEST)]
    assert gaps([(5, 9), (1, 2)]) == [(LEAST, 1), (2, 5), (9, GREATEST)]
