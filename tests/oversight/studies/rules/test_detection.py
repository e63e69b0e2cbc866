"""Limits of blank, detection and quantitation, by normal values and by ranks."""

import numpy as np
import pytest

from aliquot.oversight.studies.rules.detection import corrected, limit_of_blank
from tests.oversight.studies.rules.asked import ask, figures, refusal, remarks

CHANCE = np.random.default_rng(8)
BLANK = [float(one) for one in CHANCE.normal(1, 0.3, 60)]
LOW = [float(one) for one in CHANCE.normal(3, 0.4, 60)]
HIGHER = [float(one) for one in CHANCE.normal(8, 0.4, 30)]


def rows(**groups: list[float]) -> dict[str, list[object]]:
    named = [(name.replace("_", " "), one) for name, values in groups.items() for one in values]
    return {"sample": [name for name, _ in named], "value": [one for _, one in named]}


def test_normal_values_by_the_formulas_of_ep17() -> None:
    found = figures("detection", blank=BLANK, low={"L1": LOW[:30], "L2": LOW[30:]})
    lob = float(np.mean(BLANK)) + 1.6449 / (1 - 1 / (4 * 59)) * float(np.std(BLANK, ddof=1))
    assert found["lob"] == pytest.approx(lob, rel=1e-4)
    pooled = ((np.var(LOW[:30], ddof=1) + np.var(LOW[30:], ddof=1)) / 2) ** 0.5
    assert found["lod"] == pytest.approx(lob + 1.6449 / (1 - 1 / (4 * 58)) * pooled, rel=1e-4)
    assert found["sd_low"] == pytest.approx(pooled)
    assert corrected(0.95, 59) == pytest.approx(1.652, abs=5e-4)


def test_ranks_as_in_ep17() -> None:
    """Of 60 blanks the rank is 0.5 + 57 = 57.5: between the 57th and the 58th."""
    ordered = [float(one) for one in range(1, 61)]
    assert limit_of_blank(ordered, 0.05, by_rank=True) == 57.5
    assert limit_of_blank(ordered[:5], 0.05, by_rank=True) == 5
    found = figures("detection", blank=ordered, low=[one + 60 for one in ordered], procedure="rank")
    assert (found["lob"], found["lod"]) == (57.5, 90.5)


def test_blanks_that_are_not_normal_are_ranked() -> None:
    skew = [float(one) for one in np.exp(CHANCE.normal(0, 1, 60))]
    study = ask("detection", blank=skew, low=LOW)
    assert study.figures.lob_procedure == "rank"
    assert "not normally distributed" in study.remarks[0].message
    assert ask("detection", blank=[0] * 60, low=LOW).figures.lob == 0
    assert ask("detection", blank=skew, low=LOW, procedure="parametric").figures.lob_procedure == "parametric"


def test_claims_decide() -> None:
    given = {"blank": BLANK, "low": LOW}
    study = ask("detection", claim_lob=2, claim_lod=3, **given)
    assert study.decision == "accepted"
    assert study.figures.blanks_within_claim == 1
    assert ask("detection", claim_lob=1, **given).decision == "rejected"
    assert ask("detection", **given).decision == "undetermined"
    lacking = ask("detection", blank=BLANK, claim_lod=3)
    assert lacking.decision == "rejected"
    assert "there are blanks alone" in lacking.remarks[-1].message
    none = ask("detection", blank=BLANK, low=[0.5, 0.6, 0.7, 0.8, 0.9], procedure="rank")
    assert none.figures.lod is None
    assert any("limit of blank; measure" in one.message for one in none.remarks)


def test_quantitation_by_cv_and_by_total_error() -> None:
    both = rows(blank=BLANK, L1=LOW, L2=HIGHER)
    profile = figures("detection", goal_cv=10, **both)
    cvs = {one["sample"]: (one["mean"], one["cv"]) for one in profile["profile"]}
    (m1, c1), (m2, c2) = cvs["L1"], cvs["L2"]
    assert profile["loq"] == pytest.approx(m2 + (10 - c2) / (c1 - c2) * (m1 - m2))
    assert figures("detection", goal_cv=20, **both)["loq"] == pytest.approx(m1)
    assert figures("detection", goal_cv=1, **both)["loq"] is None
    assert any("No measured level" in one for one in remarks("detection", goal_cv=1, **both))
    truth = {**both, "assigned": [None] * 60 + [3.0] * 60 + [8.0] * 30}
    assert figures("detection", goal_total_error=15, **truth)["loq"] == pytest.approx(m2)
    assert figures("detection", claim_loq=9, goal_cv=10, **both)["decision"] == "accepted"


def test_lots_keep_apart_up_to_three_and_the_greatest_counts() -> None:
    shifted = [one + 0.5 for one in BLANK]
    two = {
        "sample": ["blank"] * 120 + ["L1"] * 120,
        "value": [*BLANK, *shifted, *LOW, *LOW],
        "lot": (["a"] * 60 + ["b"] * 60) * 2,
    }
    found = figures("detection", **two, procedure="parametric")
    assert found["lob"] == found["lots"]["b"]["lob"] == pytest.approx(found["lots"]["a"]["lob"] + 0.5)
    assert found["lod"] == found["lots"]["b"]["lod"]
    four = {**two, "lot": [str(index % 4) for index in range(240)]}
    assert figures("detection", **four, procedure="parametric")["lots"].keys() == {""}


def test_low_specimens_of_unlike_spread_are_remarked() -> None:
    unlike = rows(blank=BLANK, L1=LOW[:20], L2=[float(one) for one in np.linspace(1, 9, 20)])
    assert any("Cochran" in one for one in remarks("detection", **unlike))
    same = rows(blank=BLANK, L1=[3.0] * 5, L2=[4.0] * 5)
    assert not any("Cochran" in one for one in remarks("detection", **same))
    single = rows(blank=BLANK, L1=[3.0])
    assert figures("detection", **single, procedure="parametric")["lod"] is None
    assert figures("detection", **rows(blank=BLANK, L1=[-1.0, 1]))["profile"][0]["cv"] is None


def test_unusable_data_are_refused() -> None:
    assert refusal("detection", value=[1] * 5).startswith("sample lacks")
    assert (
        refusal("detection", **rows(L1=LOW))
        == "sample: no row is named blank; name the rows of blank specimens so."
    )
    assert "give at least 5" in refusal("detection", blank=[1, 2])
    assert "blank: 4 complete rows are too few" in refusal("detection", **rows(blank=BLANK[:4], L1=LOW))
    assert "20 measurements of blanks; EP17 asks for at least 60." in remarks("detection", blank=BLANK[:20])
    assert "give at least 5" in refusal("detection", blank=BLANK, low=[1, 2])
