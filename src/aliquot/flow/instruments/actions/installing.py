"""Connect an analyzer: who it is, where it listens, and what its codes mean here."""

from collections import defaultdict
from datetime import datetime

from django.utils.translation import gettext as _

from aliquot.flow.instruments.models import Analyzer, TestMapping
from aliquot.flow.instruments.rules.driver import load, models
from aliquot.flow.instruments.rules.layout import TestProposal
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.models import Test
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
        _map_proposals(analyzer)
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


def _map_proposals(analyzer: Analyzer) -> None:
    proposals = load(analyzer.driver).tests
    tests: dict[tuple[str, str], list[Test]] = defaultdict(list)
    for test in Test.objects.filter(loinc__in=[p.loinc for p in proposals.values()]).order_by("id"):
        tests[test.loinc, test.unit].append(test)
    known = set(analyzer.mappings.values_list("code", flat=True))
    TestMapping.objects.bulk_create(
        _mapping(analyzer, proposal, _of_commonest_tube(tests[proposal.loinc, proposal.unit]))
        for code, proposal in proposals.items()
        if code not in known and tests[proposal.loinc, proposal.unit]
    )


def _of_commonest_tube(tests: list[Test]) -> Test:
    """Of tests that share a LOINC code, the one measured in serum: what a chemistry line is loaded with."""
    return next((test for test in tests if test.container.code == "SST"), tests[0])


def _mapping(analyzer: Analyzer, proposal: TestProposal, test: Test) -> TestMapping:
    units = load(analyzer.driver).layout.units  # a mapping names the unit as the driver reads it
    return TestMapping(
        analyzer=analyzer,
        code=proposal.code,
        test=test,
        unit=units.get(proposal.device_unit, proposal.device_unit),
        factor=proposal.factor,
        source=proposal.source,
    )
