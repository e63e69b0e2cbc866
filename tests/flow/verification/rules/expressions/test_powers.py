import pytest

from aliquot.flow.verification.rules.expressions.powers import power_of_ten


@pytest.mark.parametrize(
    ("source", "target", "power"),
    [
        ("mmol/L", "mmol/L", 0),
        ("umol/L", "mmol/L", -3),
        ("mol/L", "nmol/L", 9),
        ("g/dL", "g/L", 1),
        ("mg/dL", "g/L", -2),
        ("ng/mL", "ug/L", 0),
        ("k[iU]/L", "[iU]/mL", 0),
        ("10*9/L", "10*6/L", 3),
        ("10*3/uL", "10*9/L", 0),
        ("10^9/L", "10*9/L", 0),
        ("1", "10*2", -2),
        ("g", "mg", 3),
        ("mmol/L", "mg/L", None),
        ("mmol/L", "mmol", None),
        ("mmol/L/s", "mmol/L", None),
        ("%", "%", None),
        ("mmol/h", "mmol/min", None),
        ("xmol/L", "mmol/L", None),
        ("", "mmol/L", None),
        ("mmol/L", "", None),
    ],
)
def test_units_that_differ_by_prefixes_and_counts(source: str, target: str, power: int | None) -> None:
    assert power_of_ten(source, target) == power
