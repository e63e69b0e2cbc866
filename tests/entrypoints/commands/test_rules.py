"""`aliquot rules`: sets checked, exported, explained; a back-test in several processes; a validation run beside."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from aliquot.entrypoints.backtest.processes import run_validation
from aliquot.entrypoints.commands.rules import Command
from aliquot.flow.results.actions import autoverify_batch
from aliquot.flow.verification.actions import draft_rule_set, request_validation
from aliquot.flow.verification.models import RuleSetValidation
from aliquot.flow.verification.queries import shipped_rules
from aliquot.foundation.context import acting
from tests.factories import NOW, make_accepted, make_result
from tests.processes import MAIN, LiveRegion
from tests.regions import Region, read_region


def told(*arguments: str) -> str:
    out = StringIO()
    call_command(Command(), *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    file = tmp_path / "network.toml"
    file.write_text(shipped_rules(), encoding="utf-8")
    return file


def test_a_sound_set_is_said_to_be_sound(region: Region, shipped: Path) -> None:
    assert "are sound" in told("check", str(shipped))


def test_mistakes_are_named_with_their_line(region: Region, shipped: Path) -> None:
    broken = shipped_rules().replace('index = "H"', 'index = "X"', 1)
    shipped.write_text(broken, encoding="utf-8")
    line = broken[: broken.index('code = "haemolysis-gross"')].count("\n") + 1
    out = StringIO()
    with pytest.raises(CommandError, match="1 mistakes"):
        call_command(Command(), "check", str(shipped), stdout=out)
    assert f"{shipped}:{line}: haemolysis-gross index: X is not known here" in out.getvalue()


def test_a_failing_case_is_named(region: Region, shipped: Path) -> None:
    case = '[[case]]\nrule = "limits-catalogue"\ntest = "K"\nvalue = "4.2"\nfires = true\n'
    shipped.write_text(f"{shipped_rules()}\n{case}", encoding="utf-8")
    out = StringIO()
    with pytest.raises(CommandError, match="1 cases fail"):
        call_command(Command(), "check", str(shipped), stdout=out)
    assert "case of limits-catalogue: K 4.2: release" in out.getvalue()


def test_versions_are_listed_and_exported(region: Region) -> None:
    (row,) = json.loads(told("list", "--json"))
    assert (row["scope"], row["version"], row["state"]) == ("network", 1, "active")
    assert "network" in told("list")
    assert told("export") == told("export", "--version-number", "1") == shipped_rules()
    with pytest.raises(CommandError, match="no such version"):
        told("export", "--version-number", "9")


def test_what_applies_to_a_test_and_a_patient_is_explained(region: Region) -> None:
    said = told("explain", "--test", "K", "--sex", "F", "--age", "34a", "--laboratory", "TUL-HUB")
    assert "haemolysis-K" in said
    assert "limits-catalogue" in said
    assert "haemolysis-LDH" not in said


@pytest.mark.parametrize("arguments", [["check", "nowhere.toml"], ["export", "--laboratory", "NOWHERE"]])
def test_what_does_not_exist_is_said(region: Region, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        told(*arguments)


def test_planted_errors_are_told_as_lines_and_as_json(region: Region, shipped: Path) -> None:
    few = ("--results", "600", "--seed", "5", "--rate", "10")
    assert "edta in serum 0.1 mmol/L" in told("seeded", *few)
    report = json.loads(told("seeded", *few, "--json"))
    assert {one["kind"] for one in report["kinds"]} == {"dilution", "drift", "edta", "swap"}
    assert (report["seed"], report["rate_percent"]) == (5, 10.0)
    shipped.write_text(shipped_rules().replace('kind = "swap"', 'kind = "swop"', 1), encoding="utf-8")
    with pytest.raises(CommandError, match="swop"):
        told("seeded", *few, "--rules", str(shipped))
    without = shipped_rules()[: shipped_rules().index("# --- Tubes of two patients")]
    shipped.write_text(without, encoding="utf-8")
    other = json.loads(told("seeded", *few, "--rules", str(shipped), "--json"))
    assert other["rules"] != report["rules"]
    assert other["results"] == report["results"]
    assert "swap-" not in json.dumps(other)


@pytest.mark.parametrize(
    "asked", [("--results", "0"), ("--results", "x"), ("--rate", "-1"), ("--rate", "21")]
)
def test_a_day_that_nobody_can_make_is_refused(region: Region, asked: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match=asked[0]):
        told("seeded", *asked)


def measured(region: Region) -> int:
    with acting(region.worker):
        for value in ("4.2", "6.9", "5.0", "2.0"):
            make_result(region, make_accepted(region, "K"), "K", value)
        return autoverify_batch(limit=100, by=region.worker, at=NOW)


def aliquot(live: LiveRegion, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", MAIN, "rules", *arguments]
    return subprocess.run(
        command, env={**os.environ, **live.environ}, capture_output=True, text=True, check=False, timeout=120
    )


def test_several_processes_say_what_would_change(live_region: LiveRegion, shipped: Path) -> None:
    assert measured(read_region()) == 4
    stricter = '\n[[rule]]\ncode = "K-narrow"\nkind = "limits"\ntests = ["K"]\nautoverification = [3.5, 4.5]\nsource = "t"\n'
    shipped.write_text(shipped_rules() + stricter, encoding="utf-8")
    since = (NOW - timedelta(days=1)).isoformat()
    until = (max(NOW, timezone.now()) + timedelta(days=1)).isoformat()
    found = aliquot(
        live_region, "backtest", "--rules", str(shipped), "--since", since, "--until", until, "--json"
    )
    assert found.returncode == 0, found.stderr
    report: dict[str, Any] = json.loads(found.stdout)
    assert report["history"]["before"] == {"hold": 2, "release": 2}
    assert report["history"]["after"] == {"hold": 3, "release": 1}
    (change,) = report["history"]["changed"]
    assert (change["from"], change["to"], change["cause"], change["count"]) == (
        "release",
        "hold",
        "K-narrow",
        1,
    )


def test_a_validation_runs_in_a_process_of_its_own_and_only_once(live_region: LiveRegion) -> None:
    region = read_region()
    measured(region)
    doctor = region.people["doctor"]
    with acting(doctor):
        version = draft_rule_set(shipped_rules(), laboratory=None, note="try", by=doctor, at=NOW)
        until = max(NOW, timezone.now()) + timedelta(days=1)
        asked = request_validation(
            version, since=NOW - timedelta(days=1), until=until, by=doctor, at=timezone.now()
        )
    assert aliquot(live_region, "validate", str(asked.pk)).returncode == 0
    with acting(doctor):
        found = RuleSetValidation.objects.get(pk=asked.pk)
    assert (found.state, found.decided, found.total) == ("finished", 4, 4)
    assert found.report is not None
    assert found.report["digest"] == version.digest
    assert not run_validation(asked.pk)
