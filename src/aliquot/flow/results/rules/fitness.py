"""Which waiting results of an order may be released together, after a person has seen them all.

Source: ISO 15189:2022, 7.4.1.2: the authorised person reviews before release. What points at one value
(a critical one, a change, a flag, a spoilt tube, a finding that is not that of health, a value outside the
interval without a limit beyond it) is decided alone; a missing interval is not.
"""

from collections.abc import Iterable, Mapping
from typing import Any

ABSENT_KNOWLEDGE = frozenset(
    {
        "autorelease_off",
        "collection_unknown",
        "manual",
        "measured_unknown",
        "no_expected_finding",
        "no_interval",
        "stability_unknown",
    }
)
"""Reasons that say nothing about the value itself."""


def is_fit_together(reasons: Iterable[Mapping[str, Any]], *, flag: str) -> bool:
    """Whether a waiting result may be released with the others of its order: nothing speaks against it."""
    codes = {str(one.get("code", "")) for one in reasons}
    return flag not in {"LL", "HH"} and codes <= ABSENT_KNOWLEDGE
