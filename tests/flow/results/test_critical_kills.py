"""A worker killed in the middle loses no critical call and takes no step of a ladder twice."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from aliquot.foundation.context import acting
from tests.factories import NOW, make_accepted, make_result
from tests.processes import LiveRegion, wait_for
from tests.regions import Region, read_region

pytestmark = pytest.mark.journey
STATE = "SELECT r.state FROM result r"
CALLS = "SELECT result_id, state FROM critical_call"
STEPS = "SELECT call_id, step FROM critical_escalation ORDER BY call_id, step"
ASLEEP = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711"


@pytest.fixture
def region(live_region: LiveRegion) -> Region:
    return read_region()


@contextmanager
def falling_asleep_at(live: LiveRegion, table: str) -> Iterator[None]:
    """Whoever writes a row of this table sleeps three seconds in its transaction, and can be killed there."""
    live.look(
        "CREATE FUNCTION fall_asleep() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_advisory_xact_lock(4711), pg_sleep(3); RETURN NULL; END $$"
    )
    live.look(f"CREATE TRIGGER fall_asleep AFTER INSERT ON {table} EXECUTE FUNCTION fall_asleep()")
    yield
    live.look(f"DROP TRIGGER fall_asleep ON {table}")
    live.look("DROP FUNCTION fall_asleep()")


def kill_in(live: LiveRegion, table: str) -> None:
    """Start a worker and kill it at its first row of this table; its session ends without a commit."""
    with falling_asleep_at(live, table):
        worker = live.start("work")
        wait_for(lambda: live.look(ASLEEP), f"a worker writes {table}")
        worker.kill()
        worker.wait()
        wait_for(lambda: not live.look(ASLEEP), "its session is gone")


def test_killed_between_decision_and_opening(live_region: LiveRegion, region: Region) -> None:
    with acting(region.worker):
        results = {make_result(region, make_accepted(region, "K"), "K", value).pk for value in ("7.8", "8.1")}
    kill_in(live_region, "critical_call")
    assert live_region.look(STATE) == [("recorded",)] * 2
    assert live_region.look(CALLS) == []
    live_region.start("work")
    wait_for(lambda: len(live_region.look(CALLS)) == len(results), "every critical value has its call")
    assert set(live_region.look(CALLS)) == {(result, "open") for result in results}
    assert live_region.look(STATE) == [("held",)] * 2


def test_killed_while_it_climbs(live_region: LiveRegion, region: Region) -> None:
    with acting(region.worker):
        make_result(region, make_accepted(region, "K"), "K", "7.8")
    kill_in(live_region, "critical_escalation")
    assert [state for _, state in live_region.look(CALLS)] == ["open"]
    assert live_region.look(STEPS) == []
    live_region.look("UPDATE critical_call SET opened_at = %s, next_step_at = %s", NOW, NOW)
    ladder = live_region.look("SELECT jsonb_array_length(ladder) FROM critical_call")[0][0]
    for _ in range(2):
        live_region.start("work")
    wait_for(lambda: len(live_region.look(STEPS)) >= ladder, "the whole ladder is climbed")
    assert [step for _, step in live_region.look(STEPS)] == list(range(ladder))
