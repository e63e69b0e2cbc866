"""Indices in three steps."""

import pytest

from aliquot.flow.verification.rules.kinds.indices import bias_at
from aliquot.flow.verification.rules.shapes import (
    Indices,
)
from tests.flow.verification.rules.evidences import (
    D,
    codes,
    decided,
)

BIAS = ((D(1), D(4)), (D(2), D(10)))
HAEMOLYSIS = Indices("h", "H", BIAS, D(3), D(12), D(10))


@pytest.mark.parametrize(
    ("level", "bias"), [("0", "0"), ("0.5", "2"), ("1", "4"), ("1.5", "7"), ("2", "10"), ("2.1", None)]
)
def test_the_bias_is_linear_between_own_measurements(level: str, bias: str | None) -> None:
    assert bias_at(BIAS, D(level)) == (None if bias is None else D(bias))


def test_a_bias_measured_at_nought_is_itself() -> None:
    assert bias_at(((D(0), D(1)), (D(1), D(2))), D(0)) == 1


@pytest.mark.parametrize(
    ("body", "level", "action", "code"),
    [
        (HAEMOLYSIS, "3", "hold", "index_beyond"),
        (Indices("h", "H", ((D(1), D(13)),), D(3), D(12)), "2", "suppress", "interference"),
        (Indices("h", "H", ((D(1), D(13)),), D(3), D(12)), "1", "suppress", "interference"),
        (HAEMOLYSIS, "10", "suppress", "index_too_high"),
        (Indices("h", "L", suppress_from=D(5)), "1", "hold", "index_missing"),
    ],
)
def test_an_index_that_forbids_release(body: Indices, level: str, action: str, code: str) -> None:
    verdict = decided(body, indices={"H": D(level)})
    assert (verdict.action, codes(verdict)) == (action, [code])
    assert verdict.comments == ()


def test_where_no_index_is_measured_a_rule_may_be_skipped() -> None:
    assert decided(Indices("h", "H", BIAS, D(3), D(12), missing="skip")).release
    assert decided(Indices("h", "H", suppress_from=D(10)), indices={"H": D(1)}).comments == ()


def test_a_noticeable_bias_is_told() -> None:
    verdict = decided(HAEMOLYSIS, indices={"H": D(1)})
    assert (verdict.action, verdict.rules) == ("release", ("h",))
    assert "falsely high by about 4 %" in verdict.comments[0].text_en
    assert "завышен" in verdict.comments[0].text_ru
