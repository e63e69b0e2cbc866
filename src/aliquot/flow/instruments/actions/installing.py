"""Connect an analyzer: who it is, where it listens, and what its codes mean here."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from django.utils.translation import gettext as _

from aliquot.flow.instruments.actions.reaching import checked_reach
from aliquot.flow.instruments.models import Analyzer, TestMapping
from aliquot.flow.instruments.queries import Proposal, proposals_for
from aliquot.flow.instruments.rules.driver import models
from aliquot.flow.instruments.rules.reach import Reach
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.network.models import Bench


def install_analyzer(
    *,
    code: str,
    name: str,
    driver: str,
    bench: Bench,
    by: Actor,
    at: datetime,  # noqa: ARG001 - every action says when
    listen_port: int | None = None,
    transport: str = "listen",
    address: str = "",
    order_address: str = "",
    query_policy: str = "answer",
    serial: str = "",
) -> Analyzer:
    """Connect an analyzer and map each code whose proposal agrees with a catalogue test; others stay open.

    Idempotent by `code`. Refuses an unknown driver, another driver for a code that is connected (what its
    codes mean was said of that one), a code or bench of another laboratory, and a port or address that is
    taken or cannot be one.
    """
    by.require("manage_instruments")
    _check_place(code, bench, by)
    reach = _checked(code, driver, Reach(transport, listen_port, address, order_address, query_policy))
    site = bench.department.site
    facts = {
        "laboratory": site,
        "bench": bench,
        "name": name,
        "driver": driver,
        "serial": serial,
        "time_zone": site.time_zone,
        **asdict(reach),
    }
    analyzer, is_new = Analyzer.objects.update_or_create(code=code, defaults=facts)
    if is_new:
        map_proposals(analyzer, proposals_for(analyzer))
    return analyzer


def _check_place(code: str, bench: Bench, by: Actor) -> None:
    """Refuse what a person at another laboratory connects, or takes over; processes serve all of them."""
    if by.person_id is None:
        return
    if bench.department.site_id not in by.sites:
        raise Forbidden(_("This bench stands in another laboratory."))
    if Analyzer.objects.filter(code=code).exclude(laboratory__in=by.sites).exists():
        words = _("The code %(code)s belongs to an analyzer of another laboratory. Choose another.")
        raise Refused(words % {"code": code}, fields={"code": words % {"code": code}})


def _checked(code: str, driver: str, reach: Reach) -> Reach:
    known = Analyzer.objects.filter(code=code).first()
    reach, faults = checked_reach(reach, own=known.pk if known else None)
    if known and known.driver != driver:
        sentence = _("The code %(code)s belongs to an analyzer with the driver %(driver)s. Choose another.")
        faults["code"] = sentence % {"code": code, "driver": known.driver}
    if driver not in models():
        faults["driver"] = _("Choose one of: %(known)s.") % {"known": ", ".join(models())}
    if faults:
        raise Refused(_("The analyzer cannot be connected like this."), fields=faults)
    return reach


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
