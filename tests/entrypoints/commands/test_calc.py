"""`aliquot calc`: one JSON object in, one out, or an error that names the field."""

import io
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError

from aliquot.entrypoints.commands.calc import Command, as_json

ORACLES = Path(__file__).parents[4] / "shared" / "oracles"
NEEDS_ORACLES = pytest.mark.skipif(not ORACLES.is_dir(), reason="the shared oracles are not at hand")
TOPICS = ["calculators", "ucum", "rcv_delta", "identifiers"]
POLICIES = "policy_rules"  # of these only turnaround is a question to a calculator


def calc(text: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    output = io.StringIO()
    Command(stdout=output).handle(file="-")
    found: dict[str, Any] = json.loads(output.getvalue(), parse_float=Decimal)
    return found


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda **inputs: calc(as_json(inputs), monkeypatch)


def cases() -> list[Any]:
    return [
        pytest.param(case, id=case["id"])
        for topic in [*TOPICS, POLICIES]
        if (ORACLES / f"{topic}.json").exists()
        for case in json.loads((ORACLES / f"{topic}.json").read_text("utf-8"), parse_float=Decimal)["cases"]
        if topic != POLICIES or case["id"].startswith("tat:")
    ]


@NEEDS_ORACLES
@pytest.mark.parametrize("case", cases())
def test_every_oracle_case(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    found = calc(as_json(case["inputs"]), monkeypatch)
    tolerance = case.get("tolerance", {})
    for key, expected in case["expected"].items():
        if key == "note" or key.startswith("must"):
            continue
        if isinstance(expected, bool) or expected is None:
            assert found[key] is expected
            continue
        least = Decimal(str(tolerance.get("abs", 0)))
        least += abs(Decimal(expected)) * Decimal(str(tolerance.get("rel", 0)))
        assert abs(Decimal(found[key]) - Decimal(expected)) <= least


@pytest.mark.parametrize(
    ("inputs", "key", "expected"),
    [
        ({"creatinine_umol_l": 88.4, "age_years": 60, "gender": "female", "calculator": "eGFR"}, "egfr", "64.50"),
        ({"scr_mg_dl": "1.0", "age": 60, "sex": "f"}, "egfr", "64.50"),
        ({"scr": {"value": 88.4, "unit": "umol/L"}, "age": 60, "sex": "F"}, "egfr", "64.50"),
        ({"calculator": "Cockcroft-Gault", "scr_mg_dl": 1, "age": 40, "sex": "M", "weight_kg": 72}, "crcl", "100.00"),
        ({"calculator": "MDRD", "scr_mg_dl": 1, "age": 60, "sex": "M", "race": "black"}, "egfr", "92.38"),
        ({"calculator": "Schwartz", "scr_mg_dl": 0.5, "height_cm": 100}, "egfr", "82.60"),
        ({"tc_mmol_l": 5, "hdl_mmol_l": 1, "tg_mmol_l": "2.2"}, "friedewald", "3.00"),
        ({"calculator": "LDL mmol/L", "tc": 5, "hdl": 1, "tg": 2.2}, "friedewald", "3.00"),
        ({"calculator": "anion gap with K", "na": 140, "cl": 100, "hco3": 24, "k": 4}, "ag", "20.00"),
        ({"calculator": "Corrected calcium", "ca_mmol_l": 2.1, "albumin_g_l": 30}, "ca_corr_mmol_l", "2.30"),
        ({"calculator": "Osmolality", "na": 140, "urea_mmol_l": 5, "glucose_mmol_l": 5}, "osm", "290.00"),
        ({"calculator": "Osmolality", "na_mmol_l": 140, "urea_mg_dl": "30.028", "glucose_mg_dl": 90}, "osm", "290.00"),
        ({"measured_osm": 310, "na": 140, "bun_mg_dl": 14, "glucose_mg_dl": 90}, "osm_gap", "20.00"),
        ({"calculator": "HOMA-IR", "insulin_miu_l": 10, "glucose_mmol_l": 4.5}, "homa_ir", "2.00"),
        ({"calculator": "QUICKI", "insulin_uiu_ml": 10, "glucose_mg_dl": 100}, "quicki", "0.33"),
        ({"calculator": "MELD", "bilirubin_mg_dl": 1, "inr": 1, "scr_mg_dl": 1}, "meld", "6.43"),
        ({"calculator": "FIB-4", "age": 50, "ast": 40, "alt": 25, "platelets": 200}, "fib4", "2.00"),
        ({"calculator": "Transferrin saturation", "iron_umol_l": 15, "tibc_umol_l": 60}, "tsat", "25.00"),
        ({"calculator": "ACR", "urine_albumin_mg_l": 30, "urine_creatinine_mmol_l": 10}, "acr_mg_mmol", "3.00"),
        ({"calculator": "non-HDL", "tc": 200, "hdl": 50}, "non_hdl", "150.00"),
        ({"calculator": "INR", "pt": 24, "mnpt": 12, "isi": 1}, "inr", "2.00"),
        ({"calculator": "AST/ALT", "ast": 40, "alt": 20}, "ast_alt", "2.00"),
        ({"calculator": "free PSA ratio", "free_psa": 1, "total_psa": 4}, "psa_ratio", "25.00"),
        ({"hba1c_pct": 7}, "hba1c_ifcc", "53.00"),
        ({"calculator": "Delta ratio", "na": 140, "cl": 100, "hco3": 16}, "delta_ratio", "1.50"),
        ({"cva": 3, "cvi": 4, "probability": 95, "sides": 1}, "rcv_sym", "11.63"),
        ({"prev": 100, "curr": 90, "mode": "rate_percent", "limit": 4, "days": 2}, "delta", "-5.00"),
        ({"minutes": [30, 60, 61, 90], "target": 60}, "within_target_pct", "50.00"),
        ({"minutes": [30, 60, 61, 90], "target": 60}, "median", "60.50"),
        ({"minutes": [90, 30], "percentile_method": "nearest rank", "percentiles": 50}, "p50", "30.00"),
        ({"minutes": [10, 20, 30, 40], "percentile_method": "linear"}, "p90", "37.00"),
        ({"minutes": [5], "percentiles": [97.5]}, "p97.5", "5.00"),
        ({"inputs": {"na": 140, "cl": 100, "hco3": 25}}, "ag", "15.00"),
    ],
)  # fmt: skip
def test_names_and_units_as_people_write_them(
    ask: Any, inputs: dict[str, Any], key: str, expected: str
) -> None:
    found = ask(
        **{name: Decimal(str(one)) if isinstance(one, float) else one for name, one in inputs.items()}
    )
    assert Decimal(found[key]).quantize(Decimal("0.01")) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("[1]", "no JSON object"),
        ("{}", "no calculation takes exactly nothing"),
        ('{"na": 1, "na": 2}', "twice"),
        ('{"na": NaN, "cl": 1, "hco3": 2}', "NaN is no number"),
        ('{"na": "x", "cl": 1, "hco3": 2}', "na: 'x' is no number"),
        ('{"na": true, "cl": 1, "hco3": 2}', "na: True is no number"),
        ('{"na": 140, "cl": 100, "hco3": 24, "zz": 1}', "zz: no calculation knows this input"),
        ('{"na": 140, "sodium": 141, "cl": 100, "hco3": 24}', "na: given twice"),
        (
            '{"na_mg_l": 3219, "cl": {"value": 1, "unit": "m"}, "hco3": 24}',
            "cl: m does not convert into mmol/L",
        ),
        ('{"calculator": "Gamma", "na": 140}', "'Gamma' is none of CKD-EPI 2021"),
        ('{"calculator": "MDRD", "scr_mg_dl": 1, "age": 60}', "MDRD-175 lacks sex"),
        ('{"scr_mg_dl": 1, "age": 60, "sex": "x"}', "sex: 'x' is neither"),
        ('{"prev": 1, "curr": 2, "limit": 1}', "mode lacks"),
        ('{"prev": 1, "curr": 2, "limit": 1, "mode": "jump"}', "'jump' is none of absolute"),
        ('{"prev": 1, "curr": 2, "mode": "absolute"}', "needs a limit"),
        ('{"cva": -1, "cvi": 2}', "not negative"),
        ('{"cva": 1, "cvi": 2, "colour": 3}', "colour: not known beside cva, cvi"),
        ('{"value": "1", "src": "mmol/L", "dst": "mg/dL"}', "molar mass"),
        ('{"value": "1", "src": "mmHg", "dst": "Pa"}', "not a valid UCUM unit"),
        (
            '{"value": "1", "src": "g", "dst": "mol", "substance": "kryptonite"}',
            "kryptonite stands in no table",
        ),
        ('{"digits_without_check": "12a"}', "only the digits"),
        ('{"data": "é", "code_set": "B"}', "not in code set"),
        ('{"data": "12", "code_set": "D"}', "Code 128 has A, B and C"),
        ('{"unit": 5}', "unit: 5 is no text"),
        ('{"minutes": 5}', "minutes: 5 is no list"),
        ('{"minutes": [5, null]}', "minutes: None is no number"),
        ('{"minutes": [5], "percentiles": [101]}', "percentiles: each lies from 0 to 100"),
        ('{"minutes": [5], "percentile_method": "guess"}', "'guess' is none of nearest-rank"),
        ('{"minutes": [5], "goal": 6}', "goal: not known beside minutes"),
    ],
)
def test_what_is_malformed_ends_with_2_and_names_the_field(
    text: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError) as caught:
        calc(text, monkeypatch)
    assert words in str(caught.value)
    assert caught.value.returncode == 2


def test_outside_its_validity_a_formula_refuses_by_name_and_gives_no_number(ask: Any) -> None:
    child = ask(scr_mg_dl=Decimal(1), age=12, sex="M")
    assert (child["egfr"], child["refused"]["egfr"]["code"]) == (None, "age_under_18")
    fat = ask(calculator="LDL mg/dL", tc=300, hdl=40, tg=500)
    assert (fat["friedewald"], fat["martin_hopkins"], fat["mh_factor"]) == (None, None, None)
    assert fat["sampson"] > 0
    assert {one["code"] for one in fat["refused"].values()} == {"triglycerides_high"}


def test_units_that_were_not_said_and_fields_that_were_not_used_are_shown(ask: Any) -> None:
    found = ask(calculator="MDRD", scr_mg_dl=1, age=60, sex="M", weight_kg=70)
    assert found["unused"] == ["weight_kg"]
    assert found["assumed_units"] == {"age": "a"}


def test_no_times_have_no_percentile(ask: Any) -> None:
    found = ask(minutes=[], target=60)
    assert (found["within_target_pct"], found["median"], found["p90"]) == (None, None, None)
    assert found["refused"]["p90"]["code"] == "no_times"


def test_an_amount_becomes_a_mass_by_its_substance(ask: Any) -> None:
    assert ask(value="100", src="mg/dL", dst="umol/L", substance="creatinine")["value"].startswith(
        "8840.1697"
    )
    assert ask(value="5.5", src="mmol/L", dst="mg/dL", substance="Glucose") == {
        "value": "99.0858",
        "exact": "99.0858",
    }


def test_delta_outside_the_window_and_from_zero(ask: Any) -> None:
    late = ask(prev=4, curr=9, mode="absolute", limit=1, days=31, window_days=30)
    assert (late["flag"], late["reason"]) == (False, "outside_window")
    zero = ask(prev=0, curr=9, mode="percent", limit=1, days=1, window_days=30)
    assert (zero["delta"], zero["flag"], zero["reason"]) == (None, True, "previous_zero")


def test_rcv_as_a_delta(ask: Any) -> None:
    fell = ask(prev=100, curr=90, mode="rcv", cva="1.5", cvi="4.1", z="1.96", lognormal=True)
    assert (fell["delta"], fell["flag"]) == (Decimal(-10), False)
    assert ask(prev=100, curr=88, mode="rcv", cva="1.5", cvi="4.1", lognormal=True)["flag"] is True
    assert ask(prev=100, curr=88, mode="rcv", cva="1.5", cvi="4.1")["flag"] is False


@pytest.mark.parametrize(
    ("value", "source", "target", "shown", "exact"),
    [
        ("6.30", "[in_i]", "m", "0.160", "0.16002"),
        ("6.3", "s/mm", "s/m", "6300", "6300"),
        ("1", "S", "g-1.m-2.C2.s", "0.001", "0.001"),
        ("7", "[in_i]", "cm", "17.78", "17.78"),
        ("36.6", "Cel", "K", "309.75", "309.75"),  # a scale with another zero keeps what it has
        ("0.0", "m", "mm", "0", "0"),
    ],
)
def test_a_conversion_says_as_many_digits_as_it_was_given(  # noqa: PLR0917 - a case has five parts
    ask: Any, value: str, source: str, target: str, shown: str, exact: str
) -> None:
    assert ask(value=value, src=source, dst=target) == {"value": shown, "exact": exact}


def test_without_a_previous_value_nothing_is_compared(ask: Any) -> None:
    assert ask(prev=None, curr=88, mode="percent", limit=5) == {
        "delta": None,
        "flag": False,
        "reason": "no_previous",
    }


def test_a_reference_change_may_be_given_as_it_is(ask: Any) -> None:
    assert ask(prev=100, curr=88, mode="rcv", rcv_percent=11)["flag"] is True
    assert ask(prev=100, curr=90, mode="rcv", rcv_percent=11)["flag"] is False


def test_a_whole_gs1_number_is_judged(ask: Any) -> None:
    assert ask(gtin="6291041500213") == {"valid": True, "check_digit": 3}
    assert ask(gtin="6291041500214") == {"valid": False, "check_digit": 3}


def test_the_program_itself_reads_a_file_and_ends_with_2(tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    program = [
        sys.executable,
        "-c",
        "from aliquot.entrypoints.commands import main; main()",
        "calc",
        str(file),
    ]
    file.write_text('{"unit": "mmol/L"}', "utf-8")
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"valid": True}
    file.write_text('{"unit": 1}', "utf-8")
    assert subprocess.run(program, capture_output=True, text=True, check=False).returncode == 2
    file.unlink()
    gone = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (gone.returncode, "cannot be read" in gone.stderr) == (2, True)
