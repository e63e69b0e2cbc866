"""A part is kept when nothing between its ends changed."""

import pytest

from aliquot.oversight.handover.rules.carrying import Carrying
from aliquot.oversight.handover.rules.keeping import is_kept
from tests.oversight.handover.packages import make_part


@pytest.mark.parametrize(
    ("keys", "is_whole"),
    [([], True), ([9, 21], True), ([10], False), ([15], False), ([20], False), ([3, 20], False)],
)
@pytest.mark.parametrize("how", [Carrying.CHANGED, Carrying.CHAIN])
def test_a_change_between_the_ends(how: Carrying, keys: list[int], *, is_whole: bool) -> None:
    part = make_part(low=10, high=20)
    assert is_kept(part, table="t", how=how, changed={"t": keys, "other": [15]}, settled={}) is is_whole


@pytest.mark.parametrize(("settled", "is_whole"), [({"t": 20}, True), ({"t": 19}, False), ({}, False)])
def test_what_was_settled_stays(settled: dict[str, int], *, is_whole: bool) -> None:
    part = make_part(low=10, high=20)
    assert is_kept(part, table="t", how=Carrying.ADDED, changed={}, settled=settled) is is_whole


def test_what_has_no_ends_or_no_history_is_written_again() -> None:
    assert not is_kept(
        make_part(low=None, high=None), table="t", how=Carrying.CHANGED, changed={}, settled={}
    )
    assert not is_kept(make_part(high=None), table="t", how=Carrying.CHANGED, changed={}, settled={})
    assert not is_kept(make_part(), table="t", how=Carrying.WHOLE, changed={}, settled={"t": 99})
