"""Names, numbers and faults of what is given; findings as plain values."""

import math
from decimal import Decimal
from typing import Any

import pytest

from aliquot.oversight.studies.rules.evaluating import KINDS, kind_named, study
from aliquot.oversight.studies.rules.findings import (
    Decision,
    Reason,
    Unusable,
    as_mapping,
    at_most,
    decided,
    reason,
    within,
)
from aliquot.oversight.studies.rules.given import given, significance
from aliquot.oversight.studies.rules.lot import LotData, LotPlan
from tests.oversight.studies.rules.asked import remarks


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (5, 5),
        ("5.3", 5.3),
        ("5,3", 5.3),
        (" 1 234,5 ", 1234.5),
        ("7 %", 7),
        (Decimal("0.1"), 0.1),
        ("1e3", 1000),
    ],
)
def test_numbers_as_people_write_them(written: Any, meant: float) -> None:
    assert given({"TEa": written}).number("tea") == meant


@pytest.mark.parametrize("written", [None, "", "NA", "n/a", "нет", math.nan, "nan"])
def test_what_stands_for_no_value(written: Any) -> None:
    assert given({"y": [written, 1]}).column("y", wanted="values") == (None, 1)


@pytest.mark.parametrize("written", [1e51, -1e-51])
def test_what_no_measurement_can_be_is_out_of_range(written: float) -> None:
    with pytest.raises(Unusable, match=r"^y\[1\]: -?1e.51 is out of range"):
        given({"y": [written]}).column("y", wanted="values")


@pytest.mark.parametrize("written", ["<5", "1,2,3", True, math.inf, [1], {}])
def test_what_is_no_number_is_named_with_its_place(written: Any) -> None:
    with pytest.raises(Unusable, match=r"^y\[2\]: .* is not a number; correct the cell or leave it empty\.$"):
        given({"y": [1, written]}).column("y", wanted="values")


def test_numbers_keep_their_bounds() -> None:
    plan = given({"tea": 0, "alpha": 2, "low": ""})
    with pytest.raises(Unusable, match=r"^tea: 0 is out of range; give a value > 0\.$"):
        plan.number("tea", above=0)
    with pytest.raises(Unusable, match=r"^alpha: 2 is out of range; give a value > 0 < 1\.$"):
        plan.number("alpha", above=0, below=1)
    with pytest.raises(Unusable, match="low"):
        plan.number("low")
    assert plan.number("high", default=3) == 3
    with pytest.raises(Unusable, match=r"^tea: 'half' is not a number"):
        given({"tea": "half"}).number("tea")


def test_lists_in_a_plan() -> None:
    assert given({"levels": "5; 7,5 ;"}).listed("levels") == (5, 7.5)
    assert given({"levels": 4}).listed("levels") == (4,)
    assert given({"levels": [4, "5"]}).listed("levels") == (4, 5)
    assert given({}).listed("levels") == ()


def test_switches_and_whole_numbers() -> None:
    assert given({"a": "да"}).flag("a")
    assert not given({"a": False}).flag("a")
    assert not given({}).flag("a")
    assert given({"seed": "7"}).whole("seed", default=1) == 7
    with pytest.raises(Unusable, match="choose one of"):
        given({"a": "perhaps"}).flag("a")


def test_columns_that_are_none() -> None:
    with pytest.raises(Unusable, match="give a list of numbers"):
        given({"y": 5}).column("y", wanted="values")
    assert given({}).maybe("y") is None
    assert given({"day": [1.0, "2 ", 3]}).labels("day") == ("1", "2", "3")


@pytest.mark.parametrize(
    ("stated", "alpha"),
    [({}, 0.05), ({"alpha": 0.1}, 0.1), ({"confidence": 0.9}, 0.1), ({"confidence": 90}, 0.1)],
)
def test_confidence_and_alpha(stated: dict[str, float], alpha: float) -> None:
    assert significance(given(stated)) == pytest.approx(alpha)


def test_names_that_nobody_knows_are_remarked() -> None:
    said = remarks("lot", current=[1, 2, 3], candidate=[1, 2, 3.1], colour="red", cd=1)
    assert said == ["Not known to this kind of study, and left aside: colour."]


def test_kinds_by_name() -> None:
    assert kind_named("Bland Altman") is KINDS["bland-altman"]
    with pytest.raises(Unusable, match="magic is no kind of study; choose one of precision, comparison"):
        kind_named("magic")
    found = study("lot", LotPlan(), LotData((1.0, 2, 3), (1.0, 2, 3.5)))
    assert found.decision is Decision.UNDETERMINED


def test_a_sentence_is_translated_with_those_in_it() -> None:
    russian = {"Bias of %(what)s": "Смещение: %(what)s", "glucose": "глюкоза"}
    assert reason("Bias of %(what)s", what=reason("glucose")).said(russian.__getitem__) == "Смещение: глюкоза"
    assert reason("%(a)s %(b)s", a=1 / 3, b=2).message == "0.333333 2"


def test_criteria_with_and_without_an_interval() -> None:
    what = Reason("Bias")
    assert at_most(what, 1, 2).decision is Decision.ACCEPTED
    assert at_most(what, 3, 2).decision is Decision.REJECTED
    assert at_most(what, 1.5, 2, low=1, high=2.5).decision is Decision.UNDETERMINED
    assert within(what, -3, 2, low=-4, high=-2.5).decision is Decision.REJECTED
    assert within(what, 3, 2, low=2.5, high=4).decision is Decision.REJECTED
    study = decided("x", None, [within(what, -1.5, 2, low=-2.5, high=-1)])
    assert (
        study.reasons[0].message == "Bias: the interval of -1.5, -2.5 to -1, holds the limit 2; measure more."
    )


def test_plain_values() -> None:
    assert as_mapping({"a": (1, math.inf, math.nan, "b", None)}) == {"a": [1, None, None, "b", None]}
    assert as_mapping(at_most(Reason("Bias"), 1, 2))["what"] == "Bias"
