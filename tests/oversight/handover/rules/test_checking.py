"""What is not as it was signed is named: file, count, row, order of increments."""

import pytest

from aliquot.oversight.handover.rules.checking import (
    ADDED,
    ALTERED,
    COUNT,
    GAP,
    MISSING,
    NO_BASE,
    ORIGIN,
    SCHEMA_CHANGED,
    SIGNER,
    Finding,
    Seen,
    check_counts,
    check_files,
    check_following,
    check_order,
    differing_rows,
)
from aliquot.oversight.handover.rules.manifest import INCREMENT, MANIFEST, SIGNATURE, Manifest
from tests.oversight.handover.packages import make_manifest, make_part, make_relation

OWN = dict.fromkeys((MANIFEST, SIGNATURE), Seen(1, "own"))
PATH = "tables/patient/1.csv.zst.age"


def test_a_whole_package_has_no_findings() -> None:
    assert check_files(make_manifest(), {PATH: Seen(100, "aa"), **OWN}) == []
    assert check_counts(make_manifest()) == []


def test_a_missing_file_is_named_with_what_it_holds() -> None:
    assert check_files(make_manifest(), OWN) == [Finding(MISSING, PATH, "patient: 2, 1..9")]


@pytest.mark.parametrize(
    ("seen", "how"), [(Seen(100, "ab"), ""), (Seen(99, "aa"), "99 bytes instead of 100")]
)
def test_an_altered_file_is_named(seen: Seen, how: str) -> None:
    assert check_files(make_manifest(), {PATH: seen}) == [Finding(ALTERED, PATH, "patient: 2, 1..9", how)]


def test_an_added_file_is_named() -> None:
    seen = {PATH: Seen(100, "aa"), "tables/extra": Seen(1, "x"), **OWN}
    assert check_files(make_manifest(), seen) == [Finding(ADDED, "tables/extra")]


def test_a_part_without_keys_is_told_by_its_kind() -> None:
    part = make_part(path="schema/pre", kind="schema", about="", rows=0, low=None, high=None)
    assert check_files(make_manifest(parts=(part,)), {}) == [Finding(MISSING, "schema/pre", "schema: 0")]


def test_a_relation_with_too_few_rows_is_named() -> None:
    relations = (make_relation(rows=3), make_relation(name="test", table="test", rows=0))
    assert check_counts(make_manifest(relations=relations)) == [Finding(COUNT, "patient", "3", "2")]


def test_an_increment_does_not_hold_all_rows() -> None:
    assert check_counts(make_manifest(kind=INCREMENT, number=1, relations=(make_relation(rows=3),))) == []


def test_rows_that_differ_are_counted_from_one() -> None:
    assert differing_rows([(1,), (2,), (3,)], [(1,), (9,), (3,)]) == [2]
    assert differing_rows([(1,)], [(1,), (2,)]) == [2]
    assert differing_rows([(1,), (2,)], []) == [1, 2]
    assert differing_rows([(1,)], [(1,)]) == []


def increment(number: int, predecessor: str, **changes: object) -> Manifest:
    return make_manifest(kind=INCREMENT, number=number, predecessor=predecessor, **changes)


def test_increments_that_follow_one_another() -> None:
    packages = [("a", make_manifest()), ("b", increment(1, "a")), ("c", increment(2, "b"))]
    assert check_order(packages) == []


@pytest.mark.parametrize(
    ("later", "finding"),
    [
        (increment(2, "b"), Finding(GAP, "2", "1", "2")),
        (increment(1, "x"), Finding(GAP, "1", "a", "x")),
        (increment(1, "a", series="t"), Finding(ORIGIN, "1", "s", "t")),
        (increment(1, "a", signer="other"), Finding(SIGNER, "1", "key", "other")),
        (increment(1, "a", schema="0054"), Finding(SCHEMA_CHANGED, "1", "0053_comparability", "0054")),
    ],
)
def test_an_increment_that_does_not_follow_is_named(later: Manifest, finding: Finding) -> None:
    assert check_order([("a", make_manifest()), ("b", later)]) == [finding]


def test_increments_need_the_full_package_first() -> None:
    assert check_order([("b", increment(1, "a"))]) == [Finding(NO_BASE, "s")]
    assert check_order([]) == [Finding(NO_BASE, "")]


def test_increments_may_follow_what_stands_here() -> None:
    assert check_following([("b", increment(1, "a")), ("c", increment(2, "b"))]) == []
    assert check_following([("b", increment(1, "a")), ("d", increment(3, "c"))]) == [
        Finding(GAP, "3", "2", "3")
    ]
