"""Two real ends: a haemolysed tube is suppressed, a slight one released with words, a late index frees a value."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from aliquot.entrypoints.simulate import SimulatedAnalyzer
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.flow.instruments.rules.simulation import index_measurements
from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.models import Test
from tests.factories import make_accepted, make_order
from tests.flow.results.ruled import put_in_force
from tests.processes import LiveRegion, free_port, wait_for
from tests.regions import Region, read_region
from tests.tubes import make_analyzer

pytestmark = pytest.mark.journey
MODEL, MOSCOW = "roche_cobas_c311", ZoneInfo("Europe/Moscow")
RULES = """
[[rule]]
code = "NA-needs-index"
kind = "indices"
tests = ["NA"]
index = "H"
suppress_from = 8
missing = "hold"
source = "a test"
"""
SAID = """
SELECT t.code, r.state, r.reasons -> 0 ->> 'code', r.comment <> ''
  FROM result r JOIN specimen s ON s.id = r.specimen_id JOIN test t ON t.id = r.test_id
 WHERE s.number = %s ORDER BY t.code
"""
K, NA = Measurement("K", "4.2", "mmol/L"), Measurement("NA", "140", "mmol/L")


@pytest.fixture
def region(live_region: LiveRegion) -> Region:
    found = read_region()
    put_in_force(found, RULES)
    return found


def indices(**levels: str) -> tuple[Measurement, ...]:
    return index_measurements(load(MODEL), {index: Decimal(level) for index, level in levels.items()})


def test_indices_go_over_the_line_and_decide(live_region: LiveRegion, region: Region) -> None:
    port = free_port()
    analyzer = make_analyzer(region.hub, MODEL, "C311-I", port)
    with acting(system_actor("setup", frozenset({region.hub.pk}))):
        for code in ("K", "NA"):
            analyzer.mappings.create(code=code, test=Test.objects.get(code=code), unit="mmol/L")
    with acting(region.worker):
        bad, slight, late = (_drawn_lately(region) for _ in range(3))
    live_region.start("links")
    live_region.start("work")

    def become(number: str, *expected: tuple[str, str, str | None, bool]) -> None:
        wait_for(lambda: live_region.look(SAID, number) == list(expected), f"{number} is {expected}")

    haemolysed, pale = (*indices(H="3", I="10"), K, NA), (K, *indices(H="0.7"), NA)
    asyncio.run(_upload(port, Run(bad, haemolysed), Run(slight, pale)))
    become(bad, ("K", "held", "interference", False), ("NA", "released", None, False))
    become(slight, ("K", "released", None, True), ("NA", "released", None, False))
    asyncio.run(_upload(port, Run(late, (K, NA))))
    become(late, ("K", "released", None, False), ("NA", "held", "index_missing", False))
    asyncio.run(_upload(port, Run(late, indices(H="0.1"))))
    become(late, ("K", "released", None, False), ("NA", "released", None, False))
    kept = "SELECT index, level, unit, grade FROM specimen_index ORDER BY index, id LIMIT 3"
    assert live_region.look(kept) == [
        ("H", Decimal(3), "g/L", "300"),
        ("H", Decimal("0.7"), "g/L", "70"),
        ("H", Decimal("0.1"), "g/L", "10"),
    ]


def _drawn_lately(region: Region) -> str:
    """The number of a tube drawn a moment ago: the analyzer's clock is the real one."""
    now = timezone.now()
    order = make_order(region, "K", "NA", at=now - timedelta(minutes=30))
    return make_accepted(region, order=order, collected_at=now - timedelta(minutes=20), at=now).number


async def _upload(port: int, *runs: Run) -> None:
    async with SimulatedAnalyzer(MODEL, port, zone=MOSCOW) as analyzer:
        for run in runs:
            await asyncio.wait_for(analyzer.upload(run), 30)
