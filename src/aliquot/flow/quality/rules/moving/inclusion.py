"""Which patients a monitor counts: those whose values would move it although nothing is wrong are left out.

Source: IFCC, Loh et al., CCLM 2020 (cclm-2019-1024): inclusion by location, age and analytical flags.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aliquot.foundation.quick import quickly_made

NEUTRAL = frozenset({"normal", "low", "high"})
"""Flags by which an analyzer says no more than the value itself."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Patient:
    """Whose result it is, as far as a monitor may ask; age in days at collection, None where not known."""

    ward: str = ""
    urgency: str = "R"
    age_days: int | None = None
    flags: tuple[str, ...] = ()


def counts(inclusion: Mapping[str, Any], patient: Patient) -> bool:
    """Whether this patient's result moves the monitor; with an empty `inclusion` every result does.

    `without_wards`: names; `urgencies`: codes; `least_age_days` and `most_age_days`, both inclusive: an age
    that is not known does not count where one is asked; `is_flagged` false: no result that the analyzer
    flagged.
    """
    if not inclusion:
        return True
    return (
        patient.ward not in inclusion.get("without_wards", ())
        and patient.urgency in inclusion.get("urgencies", (patient.urgency,))
        and _is_of_age(inclusion, patient.age_days)
        and (inclusion.get("is_flagged", True) or NEUTRAL.issuperset(patient.flags))
    )


def _is_of_age(inclusion: Mapping[str, Any], age_days: int | None) -> bool:
    least, most = inclusion.get("least_age_days"), inclusion.get("most_age_days")
    if least is None and most is None:
        return True
    if age_days is None:
        return False
    return (least is None or age_days >= least) and (most is None or age_days <= most)
