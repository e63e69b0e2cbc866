"""Where the standards put the facts: the places a driver need not name (LIS02-A2 6-14, HL7 v2.5.1 7.4)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Defaults:
    """Places by key of [result], [value] and others."""

    sender: tuple[str, ...]
    value: tuple[str, ...]
    unit: tuple[str, ...]
    range: tuple[str, ...]
    flags: tuple[str, ...]
    status: tuple[str, ...]
    instrument: tuple[str, ...]
    operator: tuple[str, ...]
    measured_at: tuple[str, ...]
    tests: str | None
    charset: str
    between: str
    failures: tuple[tuple[str, tuple[str, ...]], ...]
    accepted: tuple[tuple[str, tuple[str, ...]], ...] = ()
    refused: tuple[tuple[str, tuple[str, ...]], ...] = ()
    reason: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()


_ASTM = Defaults(
    sender=("H-5.1",),
    value=("R-4",),
    unit=("R-5",),
    range=("R-6",),
    flags=("R-7",),
    status=("R-9",),
    instrument=("R-14",),
    operator=("R-11",),
    measured_at=("R-13", "R-12"),
    tests="Q-5",
    charset="latin-1",
    between="\\",
    failures=(("O-26", ("X",)),),  # LIS02-A2 9.4.26
)
_HL7 = Defaults(
    sender=("MSH-3.1",),
    value=("OBX-5.1", "OBX-5.2"),
    unit=("OBX-6.1", "OBX-6.2"),
    range=("OBX-7",),
    flags=("OBX-8.1",),
    status=("OBX-11.1",),
    instrument=("OBX-18.1",),
    operator=("OBX-16.1",),
    measured_at=("OBX-19", "OBX-14", "OBR-8", "OBR-7"),
    tests=None,
    charset="declared",
    between="",
    failures=(("ORC-5.1", ("CA",)),),  # HL7 table 0038; IHE LAW LAB-29
    accepted=(("ORC-1", ("OK", "CR", "DR", "XR")),),  # HL7 table 0119
    refused=(  # HL7 tables 0119 and 0008
        ("ORC-1", ("UA", "UC", "UD", "UX", "UM")),
        ("MSA-1", ("AE", "AR", "CE", "CR")),
    ),
    reason=("ERR-8", "ERR-3.2", "ERR-3.1", "MSA-3", "NTE-3"),
    answered=("MSA-2",),
)
DEFAULTS: Mapping[str, Defaults] = {"hl7": _HL7}


def defaults_of(grammar: str) -> Defaults:
    """Return the places of a grammar; native ones are translated into the records of LIS02-A2."""
    return DEFAULTS.get(grammar, _ASTM)
