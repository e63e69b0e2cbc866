"""Two real ends: a value beyond the range goes back over the line, diluted, and no kill comes between."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from aliquot.entrypoints.simulate import SimulatedAnalyzer
from aliquot.flow.instruments.models import Analyzer, TestMapping
from aliquot.flow.instruments.rules.reading import Measurement
from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from tests.factories import make_accepted, make_result
from tests.flow.results.ruled import AGAIN_K, put_in_force
from tests.processes import LiveRegion, free_port, wait_for
from tests.regions import Region, read_region
from tests.tubes import make_analyzer

pytestmark = pytest.mark.journey
RULES = f"""
[[rule]]
code = "range-TSH"
kind = "range"
tests = ["TSH"]
high = 100
above = "dilute"
below = "hold"
dilutions = ["10"]
source = "a test"
{AGAIN_K}"""
RUNS = "SELECT value_text, dilution, state FROM result ORDER BY id"
GATE = 4711
STANDING = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = {GATE} AND NOT granted"


@pytest.fixture
def region(live_region: LiveRegion) -> Region:
    found = read_region()
    put_in_force(found, RULES)
    return found


def analyzer_on_a_port(region: Region, model: str) -> Analyzer:
    analyzer = make_analyzer(region.hub, model, "E411-R", free_port())
    with acting(system_actor("setup", frozenset({region.hub.pk}))):
        assert TestMapping.objects.filter(analyzer=analyzer, test__code="TSH").exists()
    return analyzer


def test_the_analyzer_measures_again_diluted_and_that_run_is_the_value(
    live_region: LiveRegion, region: Region
) -> None:
    analyzer = analyzer_on_a_port(region, "roche_cobas_e411")
    with acting(region.worker):
        number = make_accepted(region, "TSH").number
    assert analyzer.listen_port is not None
    live_region.start("links")
    live_region.start("work")
    asyncio.run(_measure_until_nothing_is_wanted(analyzer.listen_port, number, live_region))
    runs = live_region.look(RUNS)
    assert runs == [(">100.00", "", "kept"), ("152.00", "10", "held")], "a TSH of 152 waits for a doctor"
    assert live_region.look("SELECT kind, dilution, codes FROM work_request WHERE kind = 'rerun'") == [
        ("rerun", "10", ["10"])
    ]


async def _measure_until_nothing_is_wanted(port: int, number: str, live: LiveRegion) -> None:
    """What an operator does: put the tube on as often as the host wants something of it."""
    analyzer: list[SimulatedAnalyzer] = []

    def found(_tube: str, code: str) -> Measurement:
        diluted = analyzer[0].dilutions.get(code)
        return Measurement(code, "152" if diluted == "10" else ">100", "mIU/l")

    async with SimulatedAnalyzer("roche_cobas_e411", port, measure=found) as device:
        analyzer.append(device)
        for done in range(1, 3):
            assert await asyncio.wait_for(device.measure([number]), 30) == 1
            await _until(lambda count=done: len(live.look(RUNS)) == count)  # type: ignore[misc]
        assert await asyncio.wait_for(device.ask(number), 30) == ()


async def _until(condition: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_for, condition, "the value is a result")


@contextmanager
def stopping_at(live: LiveRegion, table: str) -> Iterator[None]:
    """Whoever writes a row of this table stands still inside its transaction meanwhile."""
    live.look(
        "CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN PERFORM pg_advisory_xact_lock({GATE}); RETURN NULL; END $$"
    )
    live.look(f"CREATE TRIGGER stand_still AFTER INSERT ON {table} EXECUTE FUNCTION stand_still()")
    with psycopg.connect(live.owner_url, autocommit=True) as session:
        session.execute(f"SELECT pg_advisory_lock({GATE})".encode())
        yield
    wait_for(lambda: not live.look(STANDING), "nobody stands there any more")
    live.look(f"DROP TRIGGER stand_still ON {table}")
    live.look("DROP FUNCTION stand_still()")


def test_killed_between_the_decision_and_the_order_both_are_undone_and_come_once(
    live_region: LiveRegion, region: Region
) -> None:
    analyzer = make_analyzer(region.hub, "roche_cobas_c311", "C311-R")
    with acting(region.worker):
        result = make_result(region, make_accepted(region, "K"), "K", "5.05", analyzer_id=analyzer.pk)
    with stopping_at(live_region, "work_request"):
        worker = live_region.start("work")
        wait_for(lambda: live_region.look(STANDING), "the worker orders the rerun")
        worker.kill()
        worker.wait()
    reruns = "SELECT count(*) FROM work_request WHERE kind = 'rerun'"
    assert live_region.look("SELECT state FROM result") == [("recorded",)]
    assert live_region.look(reruns) == [(0,)]
    live_region.start("work")
    wait_for(lambda: live_region.look("SELECT state FROM result") == [("held",)], "it is decided")
    assert live_region.look(reruns) == [(1,)]
    assert live_region.look("SELECT reasons -> -1 ->> 'code' FROM result WHERE id = %s", result.pk) == [
        ("rerun_asked",)
    ]
