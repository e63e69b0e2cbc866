"""Connect an analyzer: who it is, where it listens, and what its codes mean here."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from aliquot.flow.instruments.models import Analyzer, TestMapping
from aliquot.flow.instruments.queries import Proposal, proposals_for
from aliquot.flow.instruments.rules.driver import models
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.registers.network.models import Bench

LOWEST_PORT, HIGHEST_PORT = 1024, 65535


def install_analyzer(
    *,
    code: str,
    name: str,
    driver: str,
    bench: Bench,
    listen_port: int,
    by: Actor,
    at: datetime,  # noqa: ARG001 - every action says when
    serial: str = "",
) -> Analyzer:
    """Connect an analyzer and map each code whose proposal agrees with a catalogue test; others stay open.

    Idempotent by `code`. Refuses an unknown driver and a port that is taken or out of range.
    """
    by.require("manage_instruments")
    _refuse_wrong(code, driver, listen_port)
    site = bench.department.site
    facts = {
        "laboratory": site,
        "bench": bench,
        "name": name,
        "driver": driver,
        "serial": serial,
        "listen_port": listen_port,
        "time_zone": site.time_zone,
    }
    analyzer, is_new = Analyzer.objects.update_or_create(code=code, defaults=facts)
    if is_new:
        map_proposals(analyzer, proposals_for(analyzer))
    return analyzer


def _refuse_wrong(code: str, driver: str, listen_port: int) -> None:
    faults: dict[str, str] = {}
    if driver not in models():
        faults["driver"] = _("Choose one of: %(known)s.") % {"known": ", ".join(models())}
    if not LOWEST_PORT <= listen_port <= HIGHEST_PORT:
        faults["listen_port"] = _("Give a port between %(low)d and %(high)d.") % {
            "low": LOWEST_PORT,
            "high": HIGHEST_PORT,
        }
    elif other := Analyzer.objects.filter(listen_port=listen_port).exclude(code=code).first():
        faults["listen_port"] = _("The port belongs to %(name)s. Choose another.") % {"name": other.name}
    if faults:
        raise Refused(_("The analyzer cannot be connected like this."), fields=faults)


def map_proposals(analyzer: Analyzer, proposals: Iterable[Proposal]) -> list[TestMapping]:
    """Map codes as the driver proposes; a proposal without a fitting test is left out."""
    return TestMapping.objects.bulk_create(
        TestMapping(
            analyzer=analyzer,
            code=one.code,
            test=one.test,
            unit=one.unit,
            factor=one.factor,
            source=one.source,
        )
        for one in proposals
        if one.test
    )
