"""A look-back whose process is killed in the middle leaves nothing behind, and can be done again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from aliquot.flow.results.actions import autoverify_batch
from aliquot.foundation.context import acting
from tests.factories import NOW, make_accepted, make_result
from tests.processes import LiveRegion, wait_for
from tests.regions import Region, read_region

RECALL = """
import django; django.setup()
from datetime import timedelta
from aliquot.flow.results.actions import open_look_back
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.foundation.context import acting
from tests.factories import NOW
from tests.regions import one_with, read_region
region = read_region()
doctor = one_with(region, "laboratory_doctor", region.hub)
criteria = Criteria(analyzer_id={analyzer}, since=NOW - timedelta(hours=1), until=NOW + timedelta(hours=1))
with acting(doctor):
    open_look_back(criteria, region.hub, reason="lamp failed", by=doctor, at=NOW + timedelta(minutes=20))
"""


@pytest.fixture
def region(live_region: LiveRegion) -> Region:
    return read_region()


def recalling(live: LiveRegion, analyzer: int | None) -> "subprocess.Popen[bytes]":
    """A process of its own that looks back for everything of this analyzer."""
    root = Path(__file__).parents[3]
    paths = {"PYTHONPATH": f"{root / 'src'}:{root}", "DJANGO_SETTINGS_MODULE": "aliquot.config.settings"}
    process = subprocess.Popen(
        [sys.executable, "-c", RECALL.format(analyzer=analyzer)],
        env={**os.environ, **live.environ, **paths},
    )
    live.processes.append(process)
    return process


def left_behind(live: LiveRegion) -> list[int]:
    """How many results are recalled, how many members, look-backs and events of them there are."""
    return [
        live.look(f"SELECT count(*) FROM {what}")[0][0]
        for what in (
            "result WHERE state = 'recalled'",
            "look_back_member",
            "look_back",
            "event WHERE kind = 'look_back_stepped'",
        )
    ]


def test_killed_in_the_middle_it_is_all_or_nothing(live_region: LiveRegion, region: Region) -> None:
    with acting(region.worker):
        made = [make_result(region, make_accepted(region, "GLUS"), "GLUS", "5.0") for _ in range(12)]
        autoverify_batch(limit=100, by=region.worker, at=NOW)
    with psycopg.connect(live_region.owner_url) as hindrance:
        hindrance.execute("LOCK TABLE look_back_step IN ACCESS EXCLUSIVE MODE")
        process = recalling(live_region, made[0].analyzer_id)
        wait_for(
            lambda: bool(
                live_region.look(
                    "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'look_back_step'::regclass"
                )
            ),
            "it has recalled the results and is about to note the step",
        )
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        hindrance.rollback()
    assert left_behind(live_region) == [0, 0, 0, 0]
    assert recalling(live_region, made[0].analyzer_id).wait(60) == 0
    assert left_behind(live_region) == [12, 12, 1, 1]
