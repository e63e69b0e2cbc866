"""The strips of comparability: what is told beside them fits, and the rest is counted and shown on hover."""

from aliquot.entrypoints.web.quality.comparability.picture import _fitting

LONG = "TUL-HUB ATELLICA \u22127.7 % \u00b1 3.3"


def test_as_many_are_told_as_there_is_room_for() -> None:
    assert _fitting(["A +3 %", "B \u22123 %"]) == "A +3 %; B \u22123 %"
    assert _fitting([LONG, LONG, LONG]) == f"{LONG} +2"
    assert _fitting([LONG * 3]) == LONG * 3
