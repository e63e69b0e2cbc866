"""A study as it is kept: said again in another language, drawn, and summed up in figures to read first."""

import json
import math
from collections.abc import Mapping
from typing import Any

import pytest

from aliquot.oversight.studies.rules.evaluating import evaluate
from aliquot.oversight.studies.rules.findings import Criterion, Decision, decided, reason
from aliquot.oversight.studies.rules.given import given
from aliquot.oversight.studies.rules.highlights import Figure, highlights
from aliquot.oversight.studies.rules.pictures import pictures
from aliquot.oversight.studies.rules.record import record_of
from aliquot.oversight.studies.rules.saying import as_tree, said

X = [3 + 0.5 * place for place in range(20)]
Y = [round(one * 1.02 + 0.05 * (-1) ** place, 3) for place, one in enumerate(X)]
PAIRS = {"x": X, "y": Y}
DAYS = [str(place // 5) for place in range(25)]
VALUES = [5 + 0.1 * math.sin(7.0 * place) for place in range(25)]
GIVEN: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "comparison": ("comparison", {**PAIRS, "allowable_bias_percent": 5, "decision_levels": [0, 5, 7]}),
    "comparison by ranks": ("comparison", {**PAIRS, "method": "theil_sen", "decision_levels": [5]}),
    "differences": ("bland-altman", {"a": X, "b": Y, "allowable_bias": 1}),
    "percent": ("bland-altman", {"a": X, "b": Y, "mode": "percent"}),
    "ratios": ("bland-altman", {"a": X, "b": Y, "mode": "ratio"}),
    "logarithms": ("bland-altman", {"a": X, "b": Y, "mode": "log"}),
    "equivalence": ("equivalence", {**PAIRS, "allowable_bias_percent": 6, "decision_levels": [5]}),
    "precision": ("precision", {"day": DAYS, "y": VALUES, "claim_sd_repeatability": 0.1}),
    "precision by level": ("precision", {"day": DAYS * 2, "y": VALUES * 2, "level": ["1"] * 25 + ["2"] * 25}),
    "linearity": ("linearity", {"expected": [0, 1, 2, 3, 4] * 2, "y": [0, 1, 2.1, 3, 4, 0.1, 1, 2, 3.1, 4], "adl_percent": 9}),
    "linearity without limits": ("linearity", {"expected": [0, 1, 2, 3, 4], "y": [0, 1, 2.1, 3, 4]}),
    "detection": (
        "detection",
        {"sample": ["blank"] * 10 + ["a"] * 10, "value": [0.1 * one for one in range(10)] + [1 + 0.1 * one for one in range(10)]},
    ),
    "blanks alone": ("detection", {"blank": [0.1 * one for one in range(10)], "claim_lob": 2}),
    "interval verified": ("interval", {"value": [4 + 0.1 * one for one in range(20)], "low": 3.9, "high": 6.1}),
    "interval established": ("interval", {"value": [4 + 0.01 * one for one in range(120)]}),
    "lot": ("lot", {"current": X, "candidate": Y, "critical_difference": 1}),
    "lot by level": ("lot", {"current": X, "candidate": Y, "level": ["1"] * 10 + ["2"] * 10}),
    "carry-over": ("carry-over", {"sequence": list("HHHLLL") * 2, "value": [9, 9.1, 9, 1.1, 1, 1] * 2}),
    "carry-over without runs": ("carry-over", {"sequence": list("HLHLLHL"), "value": [9, 1, 9, 1.1, 1, 9, 1]}),
    "uncertainty": ("uncertainty", {"value": VALUES, "allowable_expanded_percent": 9}),
    "uncertainty at levels": ("uncertainty", {"value": VALUES, "decision_levels": [5]}),
    "interference": ("interference", {"control": [5, 5.1, 4.9], "test": [5.2, 5.3, 5.1], "allowable_bias": 1}),
    "interference by dose": ("interference", {"dose": [0, 1, 2, 3], "value": [5, 5.1, 5.2, 5.4]}),
}  # fmt: skip


def recorded(name: str) -> dict[str, Any]:
    kind, inputs = GIVEN[name]
    return record_of(evaluate(kind, given(inputs)))


@pytest.mark.parametrize("name", GIVEN)
def test_every_study_is_plain_values(name: str) -> None:
    found = recorded(name)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for one in (*found["reasons"], *found["remarks"], *(each["what"] for each in found["criteria"])):
        assert said(one, str)


@pytest.mark.parametrize(
    "name", sorted(set(GIVEN) - {"logarithms", "equivalence", "carry-over without runs"})
)
def test_every_kind_has_its_picture(name: str) -> None:
    for one in recorded(name)["pictures"]:
        assert one["form"] in {"plot", "bars"}
        assert one["rows"] if one["form"] == "bars" else one["points"] or one["strokes"]
        assert not (one["form"] == "plot" and any(high < low for _, low, high in one["whiskers"]))
    assert recorded(name)["pictures"]


def test_logarithms_are_not_drawn_and_parts_draw_their_own() -> None:
    assert recorded("logarithms")["pictures"] == []
    assert recorded("carry-over without runs")["pictures"] == []
    found = recorded("equivalence")
    assert found["pictures"] == []
    titles = [one["title"] for part in found["parts"] for one in part["pictures"]]
    assert titles == ["Differences over the level", "Regression", "Differences over the level"]


def test_a_regression_is_drawn_with_its_band_and_what_is_allowed() -> None:
    regression, differences = recorded("comparison")["pictures"]
    names = [(one["name"], one["words"]) for one in regression["strokes"]]
    assert names == [
        ("equal", "no difference"), ("fitted", "line"), ("limit", "allowed"), ("limit", ""), ("limit", ""),
    ]  # fmt: skip
    (band,) = regression["bands"]
    assert all(low < high for _, low, high in band)
    allowed = [one["points"] for one in regression["strokes"][2:]]
    assert allowed == [[[0, 0], [0, 0]], [[5, 4.75], [5, 5.25]], [[7, 6.65], [7, 7.35]]]
    assert [name for name, _, _ in differences["levels"]] == ["zero", "mean", "limit", "limit"]
    (ranks, _) = recorded("comparison by ranks")["pictures"]
    assert ranks["bands"] == []
    assert len(ranks["strokes"]) == 2


def test_figures_to_read_first() -> None:
    found = {one.what: one for one in highlights(recorded("comparison")) if not one.level}
    assert found["Pairs"] == Figure("Pairs", 20)
    slope = found["Slope"]
    assert slope.value == pytest.approx(1.02, abs=0.01)
    assert slope.low is not None
    assert slope.low < 1.02 < (slope.high or 0)
    biases = [one for one in highlights(recorded("comparison")) if one.what == "Bias"]
    assert [one.level for one in biases] == ["0", "5", "7"]
    shares = [one.level for one in highlights(recorded("comparison")) if one.what == "Bias, %"]
    assert shares == ["5", "7"]  # of nothing there is no share


def test_levels_and_parts_have_figures_of_their_own() -> None:
    levels = {one.level for one in highlights(recorded("precision by level"))}
    assert levels == {"1", "2"}
    assert {one.level for one in highlights(recorded("lot by level"))} == {"", "1", "2"}
    assert highlights(recorded("uncertainty"))[0] == Figure("Coverage factor", 2.0)
    words = [one.what for one in highlights(recorded("equivalence"))]
    assert "Mean difference" in words
    assert words.count("Pairs") == 1, "what two parts say alike is said once"
    assert [one.what for one in highlights(recorded("interval verified"))] == ["People", "Values outside"]
    assert highlights({"kind": "unheard", "figures": {}, "parts": []}) == []


def test_sentences_within_sentences_are_said_in_another_language() -> None:
    tree = as_tree(reason("%(what)s: %(value)s", what=reason("Bias at %(level)s", level=5.5), value=0.25))
    words = {"%(what)s: %(value)s": "%(what)s — %(value)s", "Bias at %(level)s": "Смещение при %(level)s"}
    assert said(tree, str) == "Bias at 5.5: 0.25"
    assert said(tree, words.__getitem__, lambda one: one.replace(".", ",")) == "Смещение при 5,5 — 0,25"


def test_what_is_not_finite_is_kept_as_nothing() -> None:
    criterion = Criterion(reason("Bias"), 1.0, 2.0, Decision.ACCEPTED, -math.inf, math.inf)
    (kept,) = record_of(decided("lot", {}, [criterion]))["criteria"]
    assert (kept["value"], kept["low"], kept["high"]) == (1.0, None, None)
    assert pictures(decided("lot", {}, [criterion])) == []
