"""Every line and branch of every rule is reached by a test that needs no database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import aliquot

PACKAGE = Path(aliquot.__file__).parent
ROOT = PACKAGE.parents[1]
RULES = sorted(
    one
    for stratum in ("oversight", "flow", "registers", "foundation")
    for one in (PACKAGE / stratum).glob("*/rules")
)
STRATA = [
    "tests/oversight",
    "tests/flow",
    "tests/registers",
    "tests/foundation/months",
    "tests/foundation/test_units.py",
]


def test_every_branch_of_every_rule_is_reached(tmp_path: Path) -> None:
    """By named examples alone: what a property test happens to try counts for nothing here.

    A test that fails is no matter of this one: it fails on its own, and what it no longer reaches is named below.
    """
    environ = {**os.environ, "COVERAGE_FILE": str(tmp_path / "coverage")}
    sources = ",".join(str(one) for one in RULES)  # so that a module nobody imports counts, too
    chosen = [
        "--source",
        sources,
        "-m",
        "pytest",
        "-p",
        "tests.pure",
        "-m",
        "not hypothesis",
        "-q",
        "--no-header",
        *STRATA,
    ]
    ran = run("run", *chosen, environ=environ)
    assert ran.returncode in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}, ran.stdout + ran.stderr
    told = run("report", environ=environ)
    assert told.returncode == 0, told.stdout + told.stderr


def run(*words: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "coverage", *words]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
