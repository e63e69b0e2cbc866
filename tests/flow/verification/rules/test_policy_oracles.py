"""The shown cases of policy (HIL, autoverification, stability) through the real decide, and variants of each."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aliquot.flow.verification.rules.book import RuleBook, compile_book
from aliquot.flow.verification.rules.decision import Verdict, decide
from aliquot.flow.verification.rules.document import read_rule_set
from aliquot.flow.verification.rules.evidence import Evidence, Sibling
from tests.flow.verification.rules.evidences import NOW, TYPES, evidence, facts, with_siblings

CASES = Path(__file__).resolve().parents[5] / "shared" / "oracles" / "policy_rules.json"
HEAD = '[rule_set]\ncode = "network"\ntitle_en = "t"\ntitle_ru = "t"\nsource = "oracle"\n'
EDTA = """
[[rule]]
code = "edta"
kind = "consistency"
tests = ["K"]
source = "oracle"
when = "K > 6.0 and CA < 1.9 and ALP < 40"
call = false
text_en = "K-EDTA"
text_ru = "К-ЭДТА"
"""
FLAGS = """
[[rule]]
code = "flags"
kind = "flags"
tests = "*"
source = "oracle"
on.SHORT_SAMPLE = "rerun"
"""


def shown(beginning: str) -> list[Any]:
    """The shown cases of a topic; none where the oracles are not at hand."""
    if not CASES.exists():
        return []
    cases = json.loads(CASES.read_text(encoding="utf-8"))["cases"]
    return [pytest.param(one, id=one["id"]) for one in cases if one["id"].startswith(beginning)]


def book_of(text: str, **changes: Any) -> RuleBook:
    read = read_rule_set(HEAD + text, TYPES)
    assert read.rule_set is not None, [str(one) for one in read.problems]
    return compile_book([facts(**changes)], {None: read.rule_set.rules})


def number(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


# --- HIL -----------------------------------------------------------------------------------------------------


def hil(inputs: dict[str, Any]) -> str:
    bias, level = inputs["h_bias_pct"], inputs.get("free_hb_g_l")
    measured = f"[[{level}, {bias}]]" if bias is not None else "[[1, 5]]"
    rules = f"""
[[rule]]
code = "limits"
kind = "limits"
tests = "*"
from = "catalogue"
source = "oracle"
[[rule]]
code = "H"
kind = "indices"
tests = ["K"]
source = "oracle"
index = "H"
bias = {measured}
analytical_percent = {inputs.get("analytical_limit_pct", 2.4)}
rcv_percent = {inputs.get("rcv_pct", 12)}
suppress_from = 10
"""
    indices = {} if level is None else {"H": Decimal(str(level))}
    verdict = decide(evidence(indices=indices), book_of(rules))
    if verdict.action == "hold":
        assert [one.code for one in verdict.reasons] == ["index_missing"]
        return "hold_for_review"
    if verdict.action == "suppress":
        return "suppress_and_recollect"
    return "release_with_comment" if verdict.comments else "release"


@pytest.mark.parametrize("case", shown("hil:"))
def test_shown_cases_of_haemolysis(case: dict[str, Any]) -> None:
    assert hil(case["inputs"]) == case["expected"]["action"]


@pytest.mark.parametrize(
    ("bias", "level", "expected"),
    [
        (2.39, 0.3, "release"),
        (-2.39, 0.3, "release"),
        (2.4, 0.3, "release_with_comment"),
        (5.0, 1.0, "release_with_comment"),
        (-5.0, 1.0, "release_with_comment"),
        (12.0, 2.0, "release_with_comment"),
        (12.01, 2.0, "suppress_and_recollect"),
        (-12.01, 2.0, "suppress_and_recollect"),
        (0.1, 10.0, "suppress_and_recollect"),
        (0.1, 9.99, "release"),
        (None, None, "hold_for_review"),
    ],
)
def test_the_three_steps_of_haemolysis(bias: float | None, level: float | None, expected: str) -> None:
    assert hil({"h_bias_pct": bias, "free_hb_g_l": level}) == expected


def test_the_comment_names_the_direction() -> None:
    rules = """
[[rule]]
code = "H"
kind = "indices"
tests = ["K"]
source = "oracle"
index = "H"
bias = [[1, -5]]
analytical_percent = 2.4
rcv_percent = 12
"""
    verdict = decide(evidence(indices={"H": Decimal(1)}), book_of(rules))
    assert [one.text_en for one in verdict.comments] == [
        "Haemolysis (index 1): the value may be falsely low by about 5 %."
    ]


# --- Autoverification ----------------------------------------------------------------------------------------


def limits_text(inputs: dict[str, Any]) -> str:
    if inputs["autover_limits"] is None:
        return ""
    low, high = inputs["amr"]
    return f"""
[[rule]]
code = "K-limits"
kind = "limits"
tests = ["K"]
source = "oracle"
autoverification = {inputs["autover_limits"]}
critical = {inputs["critical"]}
[[rule]]
code = "K-range"
kind = "range"
tests = ["K"]
source = "oracle"
low = {low}
high = {high}
above = "dilute"
dilutions = ["5"]
[[rule]]
code = "K-delta"
kind = "delta"
tests = ["K"]
source = "oracle"
limit = 20
window = "3d"
"""


def seen_of(inputs: dict[str, Any]) -> Evidence:
    value = Decimal(str(inputs["value"]))
    seen = evidence(
        value=value,
        value_text=str(value),
        unit=inputs["unit"],
        analyzer_flags=inputs["analyzer_flags"],
        qc_state=inputs["qc"] if inputs["pbrtqc"] == "ok" else "out_of_control",
        is_calibrated=inputs["calibration_valid"],
        is_reagent_valid=not inputs["reagent_expired"],
        conditions=[] if inputs["id_ok"] else ["MISID"],
        collected_at=NOW - timedelta(hours=1 if inputs["stability_ok"] else 30),
        spun_at=None,
        indices={"H": Decimal("0.1" if inputs["hil"] == "ok" else "11")},
        previous_value=value if inputs["delta"] == "ok" else value * 2,
        previous_collected_at=NOW - timedelta(hours=48),
    )
    low = inputs["consistency"] != "ok"
    of_others = {"CA": ("1.2" if low else "2.4", "mmol/L"), "ALP": ("9" if low else "80", "U/L")}
    return with_siblings(
        seen, [(code, Sibling(Decimal(text), text, "", unit)) for code, (text, unit) in of_others.items()]
    )


def autoverified(inputs: dict[str, Any]) -> Verdict:
    gross = (
        '[[rule]]\ncode = "H"\nkind = "indices"\ntests = "*"\nindex = "H"\nsuppress_from = 10\nsource = "o"\n'
    )
    return decide(seen_of(inputs), book_of(limits_text(inputs) + EDTA + FLAGS + gross))


def action_of(verdict: Verdict) -> str:
    if verdict.action == "release":
        return "auto_release"
    return "hold_and_notify" if verdict.action == "hold" and verdict.critical else verdict.action


CLEAN: dict[str, Any] = {
    "value": 4.2,
    "unit": "mmol/L",
    "qc": "in_control",
    "analyzer_flags": [],
    "hil": "ok",
    "delta": "ok",
    "amr": [1.0, 10.0],
    "critical": [2.8, 6.2],
    "autover_limits": [3.0, 5.8],
    "id_ok": True,
    "stability_ok": True,
    "consistency": "ok",
    "calibration_valid": True,
    "reagent_expired": False,
    "pbrtqc": "ok",
}


@pytest.mark.parametrize("case", shown("av:"))
def test_shown_cases_of_autoverification(case: dict[str, Any]) -> None:
    assert action_of(autoverified(case["inputs"])) == case["expected"]["action"]


@pytest.mark.parametrize(
    ("changes", "expected", "code"),
    [
        ({}, "auto_release", None),
        ({"value": 3.0}, "auto_release", None),
        ({"value": 5.8}, "auto_release", None),
        ({"value": 2.99}, "hold", "outside_autoverification"),
        ({"value": 5.81}, "hold", "outside_autoverification"),
        ({"value": 6.2}, "hold", "outside_autoverification"),
        ({"value": 2.8}, "hold", "outside_autoverification"),
        ({"value": 6.21}, "hold_and_notify", "critical"),
        ({"value": 2.79}, "hold_and_notify", "critical"),
        ({"value": 12.0, "critical": [2.8, 20], "autover_limits": [3.0, 20]}, "rerun", "dilute"),
        ({"value": 0.5, "critical": [0.1, 6.2], "autover_limits": [0.1, 5.8]}, "hold", "below_range"),
        ({"qc": "out_of_control"}, "hold", "out_of_control"),
        ({"qc": "unknown"}, "hold", "qc_unknown"),
        ({"pbrtqc": "fail"}, "hold", "out_of_control"),
        ({"analyzer_flags": ["CLOT_DETECTED"]}, "hold", "analyzer_flag"),
        ({"analyzer_flags": ["SHORT_SAMPLE"], "qc": "out_of_control"}, "hold", "analyzer_flag"),
        ({"hil": "fail"}, "suppress", "index_too_high"),
        ({"delta": "fail"}, "hold", "delta"),
        ({"id_ok": False}, "hold", "specimen_spoilt"),
        ({"stability_ok": False}, "hold", "unspun_too_long"),
        ({"calibration_valid": False}, "hold", "calibration_expired"),
        ({"reagent_expired": True}, "hold", "reagent_expired"),
        ({"autover_limits": None}, "hold", "no_rule"),
        ({"unit": "mg/dL"}, "hold", "unit_differs"),
        ({"value": 7.4, "consistency": "fail"}, "hold", "inconsistent"),
        ({"value": 7.4}, "hold_and_notify", "critical"),
    ],
)
def test_variants_of_autoverification(changes: dict[str, Any], expected: str, code: str | None) -> None:
    verdict = autoverified({**CLEAN, **changes})
    assert action_of(verdict) == expected
    assert code is None or code in {one.code for one in verdict.reasons}


# --- Stability -----------------------------------------------------------------------------------------------

STABILITIES = {"glucose": (60, 480), "potassium": (240, 480), "sodium": (1440, 2880)}
"""Minutes unspun and after the centrifuge at 15-25 °C, as the catalogue has them for serum."""


def kept(analyte: str, hours: float | None, *, is_spun: bool = False) -> Verdict:
    unspun, stable = STABILITIES[analyte]
    collected = None if hours is None else NOW - timedelta(hours=hours)
    seen = evidence(collected_at=collected, spun_at=collected if is_spun else None)
    rules = '[[rule]]\ncode = "l"\nkind = "limits"\ntests = "*"\nfrom = "catalogue"\nsource = "o"\n'
    return decide(seen, book_of(rules, unspun_room_minutes=unspun, stable_room_minutes=stable))


@pytest.mark.parametrize("case", shown("stab:"))
def test_shown_cases_of_stability(case: dict[str, Any]) -> None:
    """A specimen in the cold counts as at room temperature: without a record nobody may count on the cold."""
    inputs, expected = case["inputs"], case["expected"]
    verdict = kept(inputs["analyte"], inputs.get("hours"))
    codes = [one.code for one in verdict.reasons]
    assert verdict.action == "hold"
    assert codes == (["collection_unknown"] if expected["action"] == "hold" else ["unspun_too_long"])
    if expected.get("others_unaffected"):
        assert kept("sodium", inputs["hours"]).action == "release"


@pytest.mark.parametrize(
    ("analyte", "hours", "is_spun", "expected"),
    [
        ("glucose", 1, False, []),
        ("glucose", 1.01, False, ["unspun_too_long"]),
        ("glucose", 6, True, []),
        ("glucose", 9, True, ["stability_exceeded"]),
        ("potassium", 4, False, []),
        ("potassium", 4.01, False, ["unspun_too_long"]),
        ("sodium", 24, False, []),
        ("sodium", 49, False, ["unspun_too_long", "stability_exceeded"]),
        ("sodium", None, False, ["collection_unknown"]),
    ],
)
def test_variants_of_stability(
    analyte: str, hours: float | None, expected: list[str], *, is_spun: bool
) -> None:
    assert [one.code for one in kept(analyte, hours, is_spun=is_spun).reasons] == expected
