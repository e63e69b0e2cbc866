"""Molar masses of what the catalogue measures: from amounts of substance to masses and back."""

import csv
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from aliquot.foundation.units import UnitError, convert

_TABLE = Path(__file__).parents[1] / "data" / "molar_masses.csv"


@lru_cache(maxsize=1)
def molar_masses() -> dict[str, Decimal]:
    """Grams of one mole by the code of the substance; sources stand in the table."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {line["substance"]: Decimal(line["molar_mass"]) for line in csv.DictReader(file)}


def convert_substance(value: Decimal, source: str, target: str, substance: str) -> Decimal:
    """`value` of the unit `source` in `target`, by the molar mass of `substance` where one is needed.

    `substance` may be empty: then only units of one kind convert. Raises UnitError for a substance that the
    table does not have, and as `convert` does.
    """
    if substance and substance not in molar_masses():
        raise UnitError(f"{substance} stands in no table of molar masses: add it with its source.")
    return convert(value, source, target, molar_mass=molar_masses().get(substance))
