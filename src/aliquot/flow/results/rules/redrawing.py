"""Why a tube is drawn again when the rules suppressed what was measured in it.

Source: EFLM working group for the preanalytical phase (Lippi et al., 2018): suppress and recollect.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

OF_INDEX: Mapping[str, str] = MappingProxyType({"H": "HAEM", "I": "ICT", "L": "LIPA"})
OF_FLAG: Mapping[str, str] = MappingProxyType({"haemolysis": "HAEM", "icterus": "ICT", "lipaemia": "LIPA"})
CONTAMINATED = "CONT"
"""Of a specimen whose values contradict each other so that it cannot be the patient's, e.g. EDTA."""


def is_suppressed(reasons: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the rules keep this value from ever being reported, so that another specimen is needed."""
    return any(one.get("action") == "suppress" for one in reasons)


def rejection_code(reasons: Iterable[Mapping[str, Any]]) -> str:
    """The rejection reason of a suppressed value by its code, after the first cause that suppresses."""
    for one in reasons:
        if one.get("action") == "suppress":
            found = OF_INDEX.get(str(one.get("index", "")))
            return found or OF_FLAG.get(str(one.get("flag", "")), CONTAMINATED)
    return CONTAMINATED
