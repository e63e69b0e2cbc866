"""Amounts and masses by the molar mass of a substance."""

from decimal import Decimal

import pytest

from aliquot.foundation.units import UnitError
from aliquot.registers.catalogue.rules.substances import convert_substance, molar_masses


def test_an_amount_becomes_a_mass_by_the_table() -> None:
    mass = molar_masses()["glucose"]
    assert Decimal("180.1") < mass < Decimal("180.2")
    assert convert_substance(Decimal(1), "mmol/L", "mg/dL", "glucose") == mass / 10


def test_units_of_one_kind_need_no_substance() -> None:
    assert convert_substance(Decimal(1), "g/L", "mg/dL", "") == 100
    with pytest.raises(UnitError, match="molar mass"):
        convert_substance(Decimal(1), "mmol/L", "mg/dL", "")


def test_a_substance_without_a_molar_mass_is_refused_by_name() -> None:
    with pytest.raises(
        UnitError, match=r"^kryptonite stands in no table of molar masses: add it with its source\."
    ):
        convert_substance(Decimal(1), "g/L", "mg/dL", "kryptonite")
