"""A rule set as a text (TOML): read, checked against the catalogue, joined with what it inherits."""

from aliquot.flow.verification.rules.document.correction_policies import corrections_in
from aliquot.flow.verification.rules.document.inheritance import Effective, Origin, Provenance, effective
from aliquot.flow.verification.rules.document.problems import PROBLEMS, Problem
from aliquot.flow.verification.rules.document.reading import (
    Deviation,
    Read,
    RuleSet,
    read_policies,
    read_rule_set,
)

__all__ = [
    "PROBLEMS",
    "Deviation",
    "Effective",
    "Origin",
    "Problem",
    "Provenance",
    "Read",
    "RuleSet",
    "corrections_in",
    "effective",
    "read_policies",
    "read_rule_set",
]
