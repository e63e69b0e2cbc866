"""Whether a reading may be filed, and the number that is filed: pure."""

from dataclasses import replace
from decimal import Decimal

import pytest

from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.matching import Asked, Mapping, Match, Verdict, judge_reading
from aliquot.flow.instruments.rules.reading import Reading

ASKED = Asked("1", 1, "accepted", 1, 1, None, 1, "accepted", 1, "open", 1, 1, "R", "placed")
MAPPING = Mapping(1, "HGB", "g/dL", Decimal(10), 1, "g/L", 0, is_quantity=True)
MESSAGE = "H|\\^&\rP|1\rO|1|T||^^^HGB\rR|1|^^^HGB|{value}|{unit}||||F\rL|1\r"


def judged(value: str, unit: str, mapping: Mapping = MAPPING) -> Verdict:
    return judge_reading(reading(value, unit), Match(mapping, ASKED, ASKED), laboratory_id=1)


def reading(value: str, unit: str) -> Reading:
    content = MESSAGE.format(value=value, unit=unit).encode()
    (found,) = load("generic_astm").read(content).readings
    return found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("14.26", "143"),
        ("<0.5", "<5"),  # nothing is lost by the test's decimals
        ("<0.04", "<0.4"),  # a limit is not rounded to <0
        (">99.96", ">999.6"),
        ("<=0.10", "<=1"),
        ("> 1234", ">12340"),
    ],
)
def test_a_number_is_rounded_and_a_limit_is_not(value: str, text: str) -> None:
    verdict = judged(value, "g/dL")
    assert (verdict.state, verdict.text) == ("filed", text)


def test_a_factor_is_that_of_the_unit_it_was_given_with() -> None:
    bare = replace(MAPPING, unit="")
    assert judged("14.2", "", bare).text == "142"
    (reason,) = judged("142", "g/L", bare).reasons
    assert reason["code"] == "unit_differs"
    assert judged("142", "g/L", replace(bare, factor=Decimal(1))).text == "142"
