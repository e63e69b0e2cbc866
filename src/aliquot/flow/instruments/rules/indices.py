"""Units of the levels of indices: what the numbers of the rules mean, whatever an analyzer sends.

Source: CLSI C56 (haemolysis, icterus, lipaemia as interferents): free haemoglobin, bilirubin, Intralipid.
"""

from collections.abc import Mapping
from types import MappingProxyType

LEVEL_UNITS: Mapping[str, str] = MappingProxyType({"H": "g/L", "I": "umol/L", "L": "g/L"})
