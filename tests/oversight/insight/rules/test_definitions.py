"""What is counted, as the data state it."""

import json
from decimal import Decimal

import pytest

from aliquot.oversight.insight.queries.figures import DATA
from aliquot.oversight.insight.rules.definitions import Definitions, read_definitions
from tests.test_house import ROOT

TEXT = """
[settings]
slowest = 5
[population.blood]
containers = ["EDTA"]
[[indicator]]
code = "Pre-Clot"
phase = "pre"
family = "tubes"
population = "blood"
name_en = "Clotted"
name_ru = "Сгусток"
of_en = "tubes"
of_ru = "пробирок"
high_le = 0.08
low_ge = 0.402
[[leg]]
code = "accept"
name_en = "arrival to acceptance"
name_ru = "поступление — приём"
"""


UNCOUNTED = """
[[uncounted]]
code = "Pre-Clot"
name_en = "t"
name_ru = "t"
why_en = "t"
why_ru = "t"
"""


def shipped() -> Definitions:
    return read_definitions(DATA.read_text(encoding="utf-8"))


def test_an_indicator_is_read_with_its_tiers() -> None:
    found = read_definitions(TEXT)
    assert found.indicators["Pre-Clot"].low_ge == Decimal("0.402")
    assert found.containers == {"blood": ("EDTA",)}
    assert found.legs["accept"].test == ""
    assert found.of_family("tubes") == list(found.indicators.values())
    assert found.of_family("calls") == []


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('family = "tubes"', 'family = "tube"', "is none of"),
        ("low_ge = 0.402", "", "needs both limits"),
        ('code = "accept"', 'code = "Pre-Clot"', "defined twice: Pre-Clot"),
        ("[[leg]]", f"{UNCOUNTED}[[leg]]", "defined twice: Pre-Clot"),
    ],
)
def test_what_nobody_can_count_is_named(was: str, becomes: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_definitions(TEXT.replace(was, becomes))


def test_the_shipped_definitions_are_whole() -> None:
    found = shipped()
    assert all(one.name_ru and one.of_ru for one in found.indicators.values())
    populations = {one.population for one in found.of_family("tubes")}
    known = {"taken_in", "expected", "travelled", "outpatient", "drawn_again", *found.containers}
    assert populations <= known


def test_every_indicator_of_the_published_list_is_counted_or_says_why_not() -> None:
    path = ROOT.parent / "shared" / "data" / "ifcc_qi.json"
    if not path.exists():
        pytest.skip("the published list is not here")
    listed = json.loads(path.read_text(encoding="utf-8"))
    codes = {one["code"] for one in listed["with_tiers"]} | {code for code, _ in listed["without_tiers"]}
    found = shipped()
    counted = set(found.indicators) | {one.indicator for one in found.legs.values() if one.indicator}
    uncounted = {one.code for one in found.uncounted}
    assert codes <= counted | uncounted
    assert not counted & uncounted
    assert all(one.why_en and one.why_ru and one.name_ru for one in found.uncounted)


def test_tiers_are_those_that_were_published() -> None:
    path = ROOT.parent / "shared" / "data" / "ifcc_qi.json"
    if not path.exists():
        pytest.skip("the published table is not here")
    published = {one["code"]: one for one in json.loads(path.read_text(encoding="utf-8"))["with_tiers"]}
    for code, one in published.items():
        found = shipped().indicators[code]
        assert (float(found.high_le or 0), float(found.low_ge or 0)) == (one["high_le"], one["low_ge"])
