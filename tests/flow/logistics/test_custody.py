"""The rules of custody: every step of a box, every tube at the door."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.logistics.models import Box
from aliquot.flow.logistics.rules.custody import Arrival, ScanFacts, judge_scan, next_state
from aliquot.flow.specimens.models import Specimen

GOING = {
    ("open", "close"): "closed",
    ("closed", "pick_up"): "in_transit",
    ("in_transit", "receive"): "received",
}
FORGOTTEN = {("closed", "receive"): "received"}

outcomes = st.sampled_from([None, "expected", "received", "missing", "extra"])
scans = st.builds(
    ScanFacts,
    tube_state=st.sampled_from([None, *Specimen.State.values]),
    is_bound_here=st.booleans(),
    is_of_another_region=st.booleans(),
    item_outcome=outcomes,
    expected_in=st.sampled_from(["", "B71030000018"]),
)


def test_a_box_takes_these_steps_and_no_other() -> None:
    found = {
        (state, step): after
        for state, step in product(Box.State.values, ("close", "pick_up", "receive"))
        if (after := next_state(state, step))
    }
    assert found == GOING | FORGOTTEN


@pytest.mark.parametrize(
    ("scan", "kind"),
    [
        (ScanFacts(None), Arrival.UNKNOWN),
        (ScanFacts(None, is_of_another_region=True), Arrival.OTHER_REGION),
        (ScanFacts("packed", is_bound_here=False, item_outcome="expected"), Arrival.OTHER_LABORATORY),
        (ScanFacts("in_transit", item_outcome="expected"), Arrival.RECEIVED),
        (ScanFacts("missing", item_outcome="missing"), Arrival.RECEIVED),
        (ScanFacts("arrived", item_outcome="received"), Arrival.ALREADY),
        (ScanFacts("accepted"), Arrival.ALREADY),
        (ScanFacts("labelled"), Arrival.NOT_COLLECTED),
        (ScanFacts("cancelled", item_outcome="expected"), Arrival.CANCELLED),
        (ScanFacts("packed", expected_in="B1"), Arrival.OTHER_BOX),
        (ScanFacts("packed", item_outcome="expected", expected_in="B1"), Arrival.RECEIVED),
        (ScanFacts("collected"), Arrival.EXTRA),
    ],
)
def test_each_case_has_its_name(scan: ScanFacts, kind: Arrival) -> None:
    assert judge_scan(scan) is kind


@given(scans)
def test_only_a_tube_that_is_on_its_way_here_changes_hands(scan: ScanFacts) -> None:
    if judge_scan(scan) in {Arrival.RECEIVED, Arrival.EXTRA, Arrival.OTHER_BOX}:
        assert scan.is_bound_here
        assert scan.tube_state in {"collected", "packed", "in_transit", "missing", "cancelled"}


@given(scans)
def test_an_unseen_tube_is_never_received(scan: ScanFacts) -> None:
    strangers = {Arrival.UNKNOWN, Arrival.OTHER_REGION}
    assert (judge_scan(scan) in strangers) == (scan.tube_state is None)
