"""Units that differ by a power of ten only: metric prefixes, and counts such as 10*9/L.

Source: UCUM specification, table 1 (prefixes), and 10* as the number ten. The caller converts all else.
"""

import re
from collections.abc import Mapping
from typing import Final

_PREFIXES: Final[Mapping[str, int]] = {
    "k": 3, "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15,
}  # fmt: skip
_METRIC: Final = frozenset({"mol", "g", "L", "U", "[iU]", "eq", "osm", "Pa", "s", "kat"})
_TEN: Final = re.compile(r"10[*^]([0-9]{1,2})")


def power_of_ten(source: str, target: str) -> int | None:
    """The n of 1 source = 10**n target, or None when they differ by more than prefixes and counts."""
    one, other = _measure(source), _measure(target)
    if one is None or other is None or one[1] != other[1]:
        return None
    return one[0] - other[0]


def _measure(unit: str) -> tuple[int, tuple[str, ...]] | None:
    """The power of ten of a unit "a/b", and its atoms without prefixes."""
    powers, atoms = 0, []
    for place, part in enumerate(unit.split("/")):
        found = _part(part)
        if found is None:
            return None
        powers += found[0] * (1 if place == 0 else -1)
        atoms.append(found[1])
    return powers, tuple(atoms)


def _part(part: str) -> tuple[int, str] | None:
    if ten := _TEN.fullmatch(part):
        return int(ten[1]), "1"
    if part == "1" or part in _METRIC:
        return 0, part
    prefix, atom = part[:1], part[1:]
    return (_PREFIXES[prefix], atom) if prefix in _PREFIXES and atom in _METRIC else None
