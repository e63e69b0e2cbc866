"""Say what a word of one analyzer means here: its driver does not know it, or a laboratory knows better."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from aliquot.flow.instruments.actions.adjusting import begin_change
from aliquot.flow.instruments.models import Adaptation, Analyzer
from aliquot.flow.instruments.queries.drivers import adapted_driver
from aliquot.flow.instruments.rules.adaptation import Term, TermKind
from aliquot.flow.instruments.rules.layout_file.sections import INDICES, NO_INDEX, POLICIES
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused

NEEDS_MEANING = frozenset({"unit", "flag", "status", "aspect", "index"})
HAVE_FACTOR = frozenset({"unit", "index"})
TERM_LIMIT = 200  # characters


def set_adaptation(
    analyzer: Analyzer,
    kind: TermKind,
    term: str,
    *,
    meaning: str = "",
    factor: Decimal | None = None,
    reason: str,
    by: Actor,
    at: datetime,
) -> Adaptation:
    """Keep what `term` of this analyzer means from now on, also for what is read again.

    A unit means a UCUM unit, times `factor` when one is given; an aspect report, keep or drop; a flag or a
    status a name of the driver's words; an index (a code as sent) H, I or L, or "-" for none. Other codes
    are mapped by `set_mapping`. Refused, naming the field, when it cannot be. The audit keeps the reason.
    """
    begin_change(analyzer, reason, by)
    said = meaning.strip()
    if faults := _faults(kind, term, said, factor):
        raise Refused(" ".join(faults.values()), fields=faults)
    try:
        adapted_driver(analyzer.driver, (Term(kind, term, said, factor),))
    except ValueError as fault:
        raise Refused(str(fault), fields={"meaning": str(fault)}) from fault
    facts = {"meaning": said, "factor": factor, "reason": reason.strip(), "at": at, "by": by.key}
    return Adaptation.objects.update_or_create(analyzer=analyzer, kind=kind, term=term, defaults=facts)[0]


def remove_adaptation(
    analyzer: Analyzer,
    kind: TermKind,
    term: str,
    *,
    reason: str,
    by: Actor,
    at: datetime,  # noqa: ARG001 - every action says when
) -> None:
    """Forget what a term means here: the driver's own meaning counts again, or it waits for a person."""
    begin_change(analyzer, reason, by)
    if not Adaptation.objects.filter(analyzer=analyzer, kind=kind, term=term).delete()[0]:
        raise Refused(_("The word %(term)s has no meaning of this laboratory.") % {"term": term})


def _faults(kind: str, term: str, meaning: str, factor: Decimal | None) -> dict[str, str]:
    faults: dict[str, str] = {}
    if kind not in Adaptation.Kind.values:
        faults["kind"] = _("Choose what kind of word it is from the list.")
    if not term.strip() or len(term) > TERM_LIMIT or "\x00" in term:
        faults["term"] = _("Give the word as the analyzer sends it.")
    if kind in NEEDS_MEANING and not meaning:
        faults["meaning"] = _("Say what the word means.")
    elif kind == "aspect" and meaning not in POLICIES:
        faults["meaning"] = _("Choose one of: %(known)s.") % {"known": ", ".join(POLICIES)}
    elif kind == "index" and meaning not in (*INDICES, NO_INDEX):
        faults["meaning"] = _("Choose one of: %(known)s.") % {"known": ", ".join((*INDICES, NO_INDEX))}
    if factor is not None and (kind not in HAVE_FACTOR or not factor.is_finite() or factor <= 0):
        faults["factor"] = _("The factor is a number greater than zero; only a unit and an index have one.")
    return faults
