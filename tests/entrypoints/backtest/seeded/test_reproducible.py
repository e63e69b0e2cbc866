"""Another process, with another order of sets, makes the same day."""

import os
import subprocess
import sys

import pytest

DAY = """
import django
django.setup()
from hashlib import sha256
from aliquot.entrypoints.backtest.seeded.measurands import MEASURANDS
from aliquot.entrypoints.backtest.seeded.population import make_population
from aliquot.flow.verification.rules.facts import TestFacts
facts = {one.code: TestFacts(place, one.code, unit="1", decimals=2) for place, one in enumerate(MEASURANDS)}
found = make_population(11, 3000, facts, rate=8.0)
print(sha256(repr((found.planted, sorted(found.marks.items()))).encode()).hexdigest())
"""


def made(order: str) -> str:
    environ = {**os.environ, "PYTHONHASHSEED": order, "DJANGO_SETTINGS_MODULE": "aliquot.config.settings"}
    command = [sys.executable, "-c", DAY]
    found = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert found.returncode == 0, found.stderr
    return found.stdout


@pytest.mark.parametrize("order", ["1", "2"])
def test_the_day_does_not_depend_on_the_process(order: str) -> None:
    assert made(order) == made("0")
