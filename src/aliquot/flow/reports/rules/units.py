"""Units as a person reads them."""

import re
from functools import lru_cache
from typing import Final

_POWER: Final = re.compile(r"10(?:\*|\^)(-?\d+)")
_SUPERSCRIPT: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MICRO: Final = re.compile(r"\bu(?=(?:mol|g|L|m|U|kat|s)\b)")
_PLAIN: Final = {
    "1": "",
    "[pH]": "",
    "{INR}": "",
    "{ratio}": "",
    "[IU]": "IU",
    "[arb'U]": "AU",
    "[GPL'U]": "GPL-U",
    "mm[Hg]": "mmHg",
    "/[HPF]": "/HPF",
    "/[LPF]": "/LPF",
    "(24.h)": "24 h",
    "{1.73_m2}": "1.73 m²",
    "{FEU}": " FEU",
    "{copies}": "copies",
}


@lru_cache(maxsize=1024)
def printable_unit(unit: str) -> str:
    """A UCUM unit as it is printed: `10*9/L` is 10⁹/L, `umol/L` is µmol/L; pH and ratios have none.

    Source: UCUM 2.1, annotations and arbitrary units; the printed forms are those in common laboratory use.
    """
    if unit in _PLAIN:
        return _PLAIN[unit]
    for code, printed in _PLAIN.items():
        if len(code) > 1 and printed:
            unit = unit.replace(code, printed)
    unit = _POWER.sub(lambda match: f"10{match[1].translate(_SUPERSCRIPT)}", unit)
    return _MICRO.sub("µ", unit)
