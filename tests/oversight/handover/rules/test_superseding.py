"""A row counts until a later package names its key or holds its table whole."""

import pytest

from aliquot.oversight.handover.rules.manifest import INCREMENT, Marks
from aliquot.oversight.handover.rules.superseding import Later, later_of
from tests.oversight.handover.packages import make_manifest, make_part, make_relation

PACKAGES = [
    make_manifest(marks=Marks({}, {"traffic": 100}, {})),
    make_manifest(kind=INCREMENT, number=1, marks=Marks({}, {"traffic": 120}, {})),
    make_manifest(kind=INCREMENT, number=2),
]
NAMED = [{}, {"patient": [5, 9]}, {"patient": [2, 5]}]


def test_what_later_packages_name() -> None:
    patient = make_relation()
    assert later_of(patient, PACKAGES, 0, NAMED) == Later((2, 5, 9), None)
    assert later_of(patient, PACKAGES, 1, NAMED) == Later((2, 5), None)
    assert later_of(patient, PACKAGES, 2, NAMED) == Later((), None)
    assert later_of(make_relation(table="test"), PACKAGES, 0, NAMED) == Later((), None)


def test_what_is_only_added_counts_up_to_the_mark() -> None:
    traffic = make_relation(name="traffic", table="traffic", how="added")
    assert later_of(traffic, PACKAGES, 0, NAMED) == Later((), 100)
    assert later_of(traffic, PACKAGES, 1, NAMED) == Later((), 120)


def test_a_table_that_is_carried_whole_counts_in_the_last_alone() -> None:
    person = make_relation(name="person", table="person", how="whole")
    assert later_of(person, PACKAGES, 1, NAMED) is None
    assert later_of(person, PACKAGES, 2, NAMED) == Later((), None)


@pytest.mark.parametrize(
    ("later", "touches"),
    [
        (Later((), None), False),
        (Later((9, 21), None), False),
        (Later((10,), None), True),
        (Later((3, 20), None), True),
        (Later((), 20), False),
        (Later((), 19), True),
    ],
)
def test_a_part_is_touched_between_its_ends(later: Later, *, touches: bool) -> None:
    assert later.touches(make_part(low=10, high=20)) is touches
    assert not later.touches(make_part(low=None, high=None))
    assert not later.touches(make_part(low=1, high=None))


def test_a_row_counts_until_it_is_named() -> None:
    assert [key for key in range(1, 9) if Later((2, 5), 7).counts(key)] == [1, 3, 4, 6, 7]
    assert Later((), None).counts(9)
