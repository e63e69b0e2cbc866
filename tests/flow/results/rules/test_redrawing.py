"""Why a tube is drawn again: the first cause that suppresses names the reason of rejection."""

import pytest

from aliquot.flow.results.rules.redrawing import is_suppressed, rejection_code

HELD = {"code": "delta", "action": "hold", "index": "L"}


@pytest.mark.parametrize(
    ("reasons", "code"),
    [
        ([{"action": "suppress", "index": "H"}], "HAEM"),
        ([{"action": "suppress", "index": "I"}], "ICT"),
        ([{"action": "suppress", "index": "L"}], "LIPA"),
        ([{"action": "suppress", "flag": "haemolysis"}], "HAEM"),
        ([{"action": "suppress", "flag": "icterus"}], "ICT"),
        ([{"action": "suppress", "flag": "lipaemia"}], "LIPA"),
        ([{"action": "suppress", "flag": "dust"}], "CONT"),
        ([{"action": "suppress"}], "CONT"),
        ([HELD, {"action": "suppress", "index": "H"}], "HAEM"),
        ([{"action": "suppress"}, {"action": "suppress", "index": "H"}], "CONT"),
        ([HELD], "CONT"),
        ([], "CONT"),
    ],
)
def test_the_first_cause_that_suppresses_names_it(reasons: list[dict[str, str]], code: str) -> None:
    assert rejection_code(reasons) == code


def test_one_cause_is_enough_to_suppress() -> None:
    assert is_suppressed([HELD, {"action": "suppress"}])
    assert not is_suppressed([HELD, {"code": "delta"}])
    assert not is_suppressed([])
