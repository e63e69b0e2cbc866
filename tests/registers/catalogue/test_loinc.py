import json
from pathlib import Path

import pytest

from aliquot.registers.catalogue.rules import loinc

ORACLE = Path(__file__).parents[4] / "shared" / "oracles" / "identifiers.json"


@pytest.mark.parametrize("code", ["2345-7", "2823-3", "2951-2", "33914-3", "1742-6", "777-3", "14749-6"])
def test_codes_in_public_use_are_valid(code: str) -> None:
    assert loinc.is_valid(code)


@pytest.mark.parametrize(
    "code", ["2345-8", "2823-30", "14749-7", "37854-8", "", "2345", "-7", "02345-7", "2345-7 ", "٢345-7"]
)
def test_anything_else_is_not(code: str) -> None:
    assert not loinc.is_valid(code)


@pytest.mark.skipif(not ORACLE.exists(), reason="the shared oracle is not at hand")
def test_oracle_cases() -> None:
    cases = [
        case for case in json.loads(ORACLE.read_text(encoding="utf-8"))["cases"] if "code" in case["inputs"]
    ]
    assert cases
    for case in cases:
        assert loinc.is_valid(case["inputs"]["code"]) is case["expected"]["valid"], case["id"]
