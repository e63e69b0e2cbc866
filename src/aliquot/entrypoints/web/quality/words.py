"""What control found, as a person reads it."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from aliquot.entrypoints.web.shell.wording import number_text
from aliquot.flow.quality.models import ControlRun
from aliquot.flow.quality.rules.reasons import Reason
from aliquot.flow.quality.rules.westgard.definitions import Error, checks_named
from aliquot.flow.quality.rules.westgard.meanings import meaning, where_to_look
from aliquot.registers.catalogue.rules.calculators.quantities import InputError

VERDICTS = {
    ControlRun.Verdict.ACCEPTED.value: ("good", _("in control")),
    ControlRun.Verdict.WARNING.value: ("notice", _("warning")),
    ControlRun.Verdict.REJECTED.value: ("danger", pgettext_lazy("quality", "rejected")),
    ControlRun.Verdict.ESTABLISHING.value: ("neutral", _("no target yet")),
    "": ("neutral", _("never measured")),
}
"""Badge and words of each verdict on a run."""


@dataclass(frozen=True, slots=True)
class Said:
    """A badge: its kind and words."""

    kind: str
    words: object


def verdict_said(verdict: str) -> Said:
    """How a run was judged."""
    return Said(*VERDICTS[verdict])


def sentence(found: Reason) -> str:
    """A sentence of a rule in the reader's language, numbers with its decimal sign."""
    return gettext(found.text) % {name: _localised(value) for name, value in found.values}


def rule_meaning(rule: str, variant: str) -> str:
    """A broken rule in words; "" for one that is no longer known."""
    try:
        checks = checks_named(f"{rule}({variant})" if variant else rule)
    except InputError:
        return ""
    return sentence(meaning(checks[0]))


def causes(error: str) -> str:
    """Where to look first for an error of this kind."""
    return sentence(where_to_look(Error(error)))


HOW_LEFT_OUT = {"beyond 3 SD": _("beyond 3 SD"), "Grubbs' test": _("Grubbs' test")}
"""How a rule says that values were left out."""


def _localised(value: str) -> str:
    if ", " in value:
        return "; ".join(_localised(part) for part in value.split(", "))
    try:
        number = Decimal(value)
    except ArithmeticError:
        return str(HOW_LEFT_OUT.get(value, value))
    return number_text(number)
