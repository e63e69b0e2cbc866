"""Monitors tried in a process beside: the worker begins it and stays small, the person who asked gets the draft."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from django.utils import timezone

from aliquot.entrypoints.designing.processes import run_design
from aliquot.flow.quality.actions import DesignAsked, ask_design
from aliquot.flow.quality.models import MonitorDesign
from aliquot.foundation.context import acting
from tests.factories import make_accepted, make_decided
from tests.flow.quality.histories import write_history
from tests.processes import LiveRegion, wait_for
from tests.regions import Region, one_with, read_region

DAYS, EACH = 45, 60
HEAVY = ("numpy", "scipy")


@pytest.fixture
def region(live_region: LiveRegion) -> Region:
    return read_region()


def asked(region: Region, *, alarms_per_day: float = 0.1, error: str = "proportional") -> int:
    """A trial on six weeks of potassium."""
    draw = Random(3)
    with acting(region.worker):
        like = make_decided(region, make_accepted(region, "K"), "K", "4.2")
        morning = timezone.now().replace(hour=5, minute=0)
        times = [
            morning - timedelta(days=day, minutes=-5 * place)
            for day in range(DAYS, 0, -1)
            for place in range(EACH)
        ]
        write_history(like, [draw.gauss(4.3, 0.25) for _ in times], times)
    manager = one_with(region, "quality_manager")
    wanted = DesignAsked(days=DAYS + 5, tea=0.06, alarms_per_day=alarms_per_day, error=error)
    with acting(manager):
        assert like.analyzer is not None
        return int(ask_design(like.analyzer, like.test, wanted, by=manager, at=timezone.now()).pk)


def test_the_worker_begins_it_and_the_person_gets_a_draft(live_region: LiveRegion, region: Region) -> None:
    key = asked(region)
    worker = live_region.start("work")
    seen: set[tuple[str, int]] = set()

    def done() -> bool:
        seen.update(live_region.look("SELECT state, total FROM monitor_design"))
        return any(state in {"finished", "failed"} for state, _ in seen)

    wait_for(done, "the trial is done", seconds=120)
    assert ("finished", 30) in seen
    mapped = Path(f"/proc/{worker.pid}/maps").read_text("ascii")
    assert not [name for name in HEAVY if f"/{name}/" in mapped]
    manager = one_with(region, "quality_manager")
    with acting(manager):
        design = MonitorDesign.objects.select_related("monitor").get(pk=key)
        draft = design.monitor
        assert draft is not None
        assert (draft.state, draft.drafted_by) == ("draft", manager.key)
        assert draft.design == design.candidates[0]
        assert draft.design["results"] == DAYS * EACH + 1  # the first of today
        assert draft.design["days"] == DAYS + 1
        assert draft.design["shortfalls"] == []
        assert len(draft.design["curve"]) == 9
        below, above = draft.settings["limits"]
        assert 4.0 < below < 4.3 < above < 4.6


def test_too_few_results_are_said_in_the_words_of_who_asked(live_region: LiveRegion, region: Region) -> None:
    key = asked(region, alarms_per_day=0.01)
    assert run_design(key)
    assert not run_design(key)
    [(state, fault)] = live_region.look("SELECT state, fault FROM monitor_design")
    assert state == "failed"
    assert str(DAYS + 1) in fault
    assert "мало" in fault


def test_the_worker_and_the_web_load_no_numerics() -> None:
    """NumPy and SciPy take more memory than the whole worker: nothing that runs all day imports them."""
    code = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'aliquot.config.settings'; django.setup();"
        "import aliquot.config.reactions, aliquot.config.urls, aliquot.entrypoints.commands.work;"
        "import aliquot.entrypoints.commands.links;"
        f"print(sorted(set({HEAVY}) & set(sys.modules)))"
    )
    given = {"ALIQUOT_SECRET_KEY": "x", "ALIQUOT_APP_URL": "postgresql://nobody@localhost/none"}
    given |= {"ALIQUOT_OWNER_URL": given["ALIQUOT_APP_URL"]}
    ended = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **given}, capture_output=True, text=True, check=False
    )
    assert (ended.stdout.strip(), ended.stderr) == ("[]", "")


def test_results_that_scatter_more_are_found_by_a_moving_sd(live_region: LiveRegion, region: Region) -> None:
    assert live_region
    key = asked(region, error="imprecision")
    assert run_design(key)
    with acting(one_with(region, "quality_manager")):
        design = MonitorDesign.objects.select_related("monitor").get(pk=key)
        draft = design.monitor
        assert draft is not None
        assert {one["monitor"]["procedure"] for one in design.candidates} == {"moving_sd"}
        assert (draft.procedure, draft.design["error"], len(design.candidates)) == (
            "moving_sd",
            "imprecision",
            9,
        )
        assert draft.settings["limits"][0] < 0.25 < draft.settings["limits"][1]
