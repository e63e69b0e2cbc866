"""Any question of control: which kind of inputs it is, and who answers it."""

from typing import Any

from aliquot.flow.quality.rules.given import Inputs
from aliquot.flow.quality.rules.moving import requests as moving
from aliquot.flow.quality.rules.sigma import requests as sigma
from aliquot.flow.quality.rules.westgard import requests as westgard
from aliquot.registers.catalogue.rules.calculators.quantities import InputError


def answer(inputs: Inputs) -> dict[str, Any]:
    """What the inputs ask for, recognised by their names; InputError names a field and the remedy."""
    if isinstance(inputs.get("inputs"), dict):
        inputs = inputs["inputs"]
    if westgard.is_meant(inputs):
        return westgard.answer(inputs)
    if moving.is_meant(inputs):
        return moving.answer(inputs)
    if sigma.is_meant(inputs):
        return sigma.answer(inputs)
    given = ", ".join(sorted(str(one) for one in inputs)) or "nothing"
    raise InputError(
        f"{given}: no question of control. Give control results ({', '.join(westgard.FORMS)}),"
        " patient results (results with algo), an allowable error with bias and CV (TEa_pct, bias_pct,"
        " cv_pct), or a rate of defects (defect_percent)."
    )
