"""Change an analyzer that is connected: switches, and what its codes mean here."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from aliquot.flow.instruments.actions.grounds import must_stand_here
from aliquot.flow.instruments.actions.installing import map_proposals
from aliquot.flow.instruments.actions.reaching import checked_reach
from aliquot.flow.instruments.models import Analyzer, TestMapping
from aliquot.flow.instruments.queries import proposals_for
from aliquot.flow.instruments.rules.reach import Reach
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.models import Test


@dataclass(frozen=True, slots=True)
class AnalyzerFacts:
    """What may be changed of an analyzer; a suspension is an action of its own, in verification."""

    name: str
    serial: str
    listen_port: int | None
    is_active: bool
    has_qc_plan: bool
    transport: str = "listen"
    address: str = ""
    order_address: str = ""
    query_policy: str = "answer"


def change_analyzer(
    analyzer: Analyzer,
    facts: AnalyzerFacts,
    *,
    reason: str,
    by: Actor,
    at: datetime,  # noqa: ARG001 - every action says when
) -> Analyzer:
    """The analyzer with these facts; the audit keeps the reason."""
    begin_change(analyzer, reason, by)
    given = {name: getattr(facts, name) for name in Reach.__slots__}
    reach, faults = checked_reach(Reach(**given), own=analyzer.pk)
    if faults:
        raise Refused(" ".join(faults.values()), fields=faults)
    Analyzer.objects.filter(pk=analyzer.pk).update(**{**asdict(facts), **asdict(reach)})
    analyzer.refresh_from_db()
    return analyzer


def set_mapping(
    analyzer: Analyzer,
    code: str,
    *,
    test: Test,
    unit: str,
    factor: Decimal,
    reason: str,
    by: Actor,
    at: datetime,  # noqa: ARG001 - every action says when
) -> TestMapping:
    """What `code` of this analyzer means: the test, the unit it sends, the factor to the catalogue's unit."""
    begin_change(analyzer, reason, by)
    if factor <= 0:
        _refuse("factor", _("The factor is a number greater than zero."))
    facts = {"test": test, "unit": unit, "factor": factor, "source": reason.strip()}
    return TestMapping.objects.update_or_create(analyzer=analyzer, code=code, defaults=facts)[0]


def remove_mapping(
    analyzer: Analyzer,
    code: str,
    *,
    reason: str,
    by: Actor,
    at: datetime,  # noqa: ARG001 - every action says when
) -> None:
    """Forget what a code means: what the analyzer sends under it waits for a person from now on."""
    begin_change(analyzer, reason, by)
    if not TestMapping.objects.filter(analyzer=analyzer, code=code).delete()[0]:
        raise Refused(_("The code %(code)s is not mapped.") % {"code": code})


def accept_proposals(
    analyzer: Analyzer,
    codes: Iterable[str],
    *,
    by: Actor,
    at: datetime,  # noqa: ARG001 - every action says when
) -> int:
    """Map these codes as the driver proposes; returns how many. One without a fitting test is left out."""
    begin_change(analyzer, _("as the driver proposes"), by)
    wanted = set(codes)
    return len(map_proposals(analyzer, [one for one in proposals_for(analyzer) if one.code in wanted]))


def begin_change(analyzer: Analyzer, reason: str, by: Actor) -> None:
    """Keep for the audit why this analyzer is changed; refused for who may not, and without a reason."""
    by.require("manage_instruments")
    must_stand_here(analyzer, by)
    if not reason.strip():
        _refuse("reason", _("Say why."))
    state_reason(reason.strip())


def _refuse(field: str, sentence: str) -> None:
    raise Refused(sentence, fields={field: sentence})
