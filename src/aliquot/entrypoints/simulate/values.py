"""Plausible values: what the catalogue calls usual, in the device's units by its driver's proposals."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from random import Random

from aliquot.flow.instruments.rules.driver import Driver
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.flow.instruments.rules.simulation import finding, index_measurements, measurement

SHARE_ABNORMAL = 0.15
SHARE_HAEMOLYSED = 0.03  # of tubes; Croatian and EFLM surveys report 1 to 3 %
DIGITS = (4, 3, 2, 1)  # significant, as many as fit
WIDTH = 5  # characters of a value on the narrowest devices
TESTS_OF_A_TUBE = 6
NOTHING_FOUND = "Negative"
INVENTED = ("T1", "T2", "T3")  # what a driver without tests of its own measures


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual values of a test in the catalogue's unit; `is_number` False for findings in words."""

    low: float
    high: float
    is_number: bool = True


SPAN = (1.0, 2.0)  # of a test without interval
WITHOUT_INTERVAL = Usual(*SPAN)


@cache
def usual_values() -> Mapping[tuple[str, str], Usual]:
    """Usual values of grown-ups by LOINC code and unit, from the project's own catalogue."""
    spans: dict[str, tuple[float, float]] = {}
    for line in _lines("intervals"):
        if line["high"] and line["sex"] in {"", "M"}:
            high = float(line["high"])
            # the last interval of a test is that of grown-ups
            spans[line["test"]] = (float(line["low"]) if line["low"] else high * 0.2, high)
    return {
        (line["loinc"], line["unit"]): Usual(*spans.get(line["code"], SPAN), line["scale"] == "Qn")
        for line in _lines("tests")
        if line["loinc"]
    }


def usual_for(driver: Driver, code: str) -> Usual:
    """What is usual for a test code of a model, in the catalogue's unit."""
    proposal = driver.tests.get(code)
    if proposal is None:
        return WITHOUT_INTERVAL
    return usual_values().get((proposal.loinc, proposal.unit), WITHOUT_INTERVAL)


def measured(driver: Driver, code: str, draw: Random) -> Measurement:
    """One plausible result of a model for a code; a share lies outside the usual values."""
    if code not in driver.tests:
        return Measurement(code, f"{draw.uniform(*SPAN):.3f}")
    usual = usual_for(driver, code)
    if not usual.is_number:
        return finding(driver, code, draw.choice(sorted(driver.layout.value.words) or [NOTHING_FOUND]))
    width = usual.high - usual.low
    found = draw.uniform(usual.low + 0.05 * width, usual.high - 0.05 * width)
    if draw.random() < SHARE_ABNORMAL:
        found = draw.choice((usual.low * draw.uniform(0.6, 0.95), usual.high * draw.uniform(1.05, 1.6)))
    tried = (measurement(driver, code, Decimal(repr(found)), digits=digits) for digits in DIGITS)
    return next(
        (one for one in tried if len(one.value) <= WIDTH), measurement(driver, code, Decimal(1), places=0)
    )


def indices_of_tube(draw: Random) -> dict[str, Decimal]:
    """Haemolysis, icterus and lipaemia of one tube in the unit of the rules; a share is haemolysed."""
    haemolysis = draw.uniform(0, 0.3)
    if draw.random() < SHARE_HAEMOLYSED:
        haemolysis = draw.choice((draw.uniform(0.5, 1.5), draw.uniform(2, 5), draw.uniform(10, 12)))
    found = {"H": haemolysis, "I": draw.uniform(2, 20), "L": draw.uniform(0, 0.3)}
    return {index: Decimal(f"{level:.3f}") for index, level in found.items()}


def measured_run(
    driver: Driver,
    specimen: str,
    draw: Random,
    *,
    codes: tuple[str, ...] | None = None,
    count: int | None = None,
    control: bool = False,
    has_indices: bool = False,
) -> Run:
    """One tube with a plausible result for each of these codes, or for `count` of the model's tests.

    With `has_indices` the model says its indices of the tube before them, if it measures any.
    """
    if codes is None:
        menu = sorted(driver.tests) or list(INVENTED)
        wanted = count or draw.randint(1, TESTS_OF_A_TUBE)
        codes = tuple(sorted(draw.sample(menu, min(len(menu), wanted))))
    own = index_measurements(driver, indices_of_tube(draw)) if has_indices and not control else ()
    return Run(specimen, (*own, *(measured(driver, code, draw) for code in codes)), control)


def _lines(name: str) -> list[dict[str, str]]:
    table = files("aliquot.registers.catalogue") / "data" / f"{name}.csv"
    return list(csv.DictReader(table.read_text("utf-8").splitlines()))
