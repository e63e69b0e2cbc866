"""Every kind of study by name: how its plan and data are read, and what judges them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aliquot.oversight.studies.rules.equivalence import equivalence, read_equivalence
from aliquot.oversight.studies.rules.findings import Study, Unusable, reason
from aliquot.oversight.studies.rules.given import Given, normalised
from aliquot.oversight.studies.rules.kinds import SINGLE, Kind

UNKNOWN = "%(kind)s is no kind of study; choose one of %(known)s."
UNUSED = "Not known to this kind of study, and left aside: %(names)s."


KINDS: Mapping[str, Kind] = {**SINGLE, "equivalence": Kind(read_equivalence, equivalence)}


def study(kind: str, plan: Any, data: Any) -> Study:
    """The study of typed plan and data; Unusable for an unknown kind and for data no study can be made of."""
    return kind_named(kind).judge(plan, data)


def evaluate(kind: str, inputs: Given) -> Study:
    """The study of named inputs, as they come from JSON, a table, or a form.

    Names nobody knows are remarked on.
    """
    found = kind_named(kind)
    result = found.judge(*found.read(inputs))
    unused = inputs.unused()
    if not unused:
        return result
    return replace(result, remarks=(*result.remarks, reason(UNUSED, names=", ".join(unused))))


def kind_named(kind: str) -> Kind:
    """The kind by its name, however it is written; Unusable when there is none."""
    found = KINDS.get(normalised(kind).replace("_", "-"))
    if found is None:
        raise Unusable(UNKNOWN, kind=kind, known=", ".join(KINDS))
    return found
