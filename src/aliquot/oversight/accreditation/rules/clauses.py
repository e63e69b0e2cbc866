"""Clauses of ISO 15189:2022 with the kinds of record that are evidence, and how a clause stands.

The clauses stand in ../data/clauses.toml; 4 to 6.6 as in the contents of the standard, 6.7 to 8.9 general
knowledge. A record is evidence, not conformity: that is for an assessor to say.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """All kinds of record are there, some, or none; PARTLY also where the software does not hold all."""

    HELD = "held"
    PARTLY = "partly"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Clause:
    """`evidence` names kinds of record; `missing_*` says what this software does not hold."""

    number: str
    name_en: str
    name_ru: str
    evidence: tuple[str, ...] = ()
    missing_en: str = ""
    missing_ru: str = ""


def read_clauses(text: str, known: Collection[str]) -> list[Clause]:
    """The clauses of a TOML document, in its order; ValueError for a kind of record that nobody counts."""
    found = [
        Clause(**{**one, "evidence": tuple(one.get("evidence", ()))}) for one in tomllib.loads(text)["clause"]
    ]
    for one in found:
        if unknown := sorted(set(one.evidence) - set(known)):
            raise ValueError(f"{one.number}: nobody counts {', '.join(unknown)}")
    return found


def standing_of(clause: Clause, counts: Mapping[str, int]) -> Standing:
    """How a clause stands by the counts of its kinds of record."""
    there = [name for name in clause.evidence if counts[name]]
    if not there:
        return Standing.NONE
    return Standing.HELD if len(there) == len(clause.evidence) and not clause.missing_en else Standing.PARTLY
