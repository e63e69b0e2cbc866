"""What a person needs before anything changes: the analyzer stands in their laboratory, and they say why."""

from django.utils.translation import gettext as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.queries.analyzers import AnalyzerLine
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Forbidden, Refused


def must_stand_here(analyzer: Analyzer | AnalyzerLine, by: Actor) -> None:
    """Forbidden for an analyzer of a laboratory that is none of theirs."""
    if analyzer.laboratory_id not in by.sites:
        raise Forbidden(_("This analyzer stands in another laboratory."))


def must_say_why(reason: str) -> None:
    """Keep the reason of a decision for the audit; refused without one."""
    if not reason.strip():
        words = _("State the reason: it is kept with the decision.")
        raise Refused(words, fields={"reason": words})
    state_reason(reason.strip())
