"""A made-up adult: their own levels, their illnesses, and what is in their blood on one day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, sqrt
from random import Random

from aliquot.entrypoints.backtest.seeded.conditions import CONDITIONS, SETTINGS, Condition, Setting
from aliquot.entrypoints.backtest.seeded.measurands import BY_CODE, MEASURANDS, SUMS

WATER = 0.025
"""How the water of the plasma varies from draw to draw, as a fraction (posture, tourniquet, drinking)."""
WOMEN = 0.54
MOST_SEVERE = 3.0
OVER = 3.0
"""An illness is over, or had not begun, at so many times its days from now."""
YEAR_DAYS = 365.25
Content = dict[str, float]


@dataclass(frozen=True, slots=True)
class Patient:
    """Who they are, their own level of everything in health, and how ill they are today."""

    number: int
    sex: str
    age_days: int
    setting: Setting
    levels: Mapping[str, float] = field(repr=False)
    illnesses: tuple[tuple[Condition, float], ...] = ()


def make_patient(number: int, random: Random) -> Patient:
    """The next patient of this random sequence."""
    sex = "F" if random.random() < WOMEN else "M"
    setting = random.choices(list(SETTINGS), weights=list(SETTINGS.values()))[0]
    age = min(max(random.gauss(46 if setting == "clinic" else 64, 17), 19), 97)
    illnesses = tuple(
        (one, min(random.expovariate(1.0) + 0.3, MOST_SEVERE))
        for one in CONDITIONS
        if random.random() < one.share(setting)
    )
    return Patient(number, sex, int(age * YEAR_DAYS), setting, _levels(sex, random), illnesses)


def _levels(sex: str, random: Random) -> Content:
    build = random.gauss(0, 1)
    found = {}
    for one in MEASURANDS:
        drawn = one.build * build + sqrt(1 - one.build**2) * random.gauss(0, 1)
        found[one.code] = (one.women if sex == "F" else one.men) * exp(one.between * drawn)
    return found


def content_on(patient: Patient, days_ago: float, random: Random) -> Content:
    """What is in the patient's blood so many days ago: every measurand, true, before any tube."""
    water = random.gauss(0, WATER)
    changes = _changes(patient, days_ago, random)
    content = {}
    for code, level in patient.levels.items():
        if code not in SUMS:
            one = BY_CODE[code]
            moved = one.within * random.gauss(0, 1) + one.water * water + changes.get(code, 0.0)
            content[code] = level * exp(moved)
    return _with_sums(content, patient.levels)


def _changes(patient: Patient, days_ago: float, random: Random) -> Content:
    """The sum of what the illnesses change, as they were then."""
    changes: Content = {}
    for condition, severity in patient.illnesses:
        if days_ago > OVER * condition.days:
            continue
        then = (
            severity * exp(random.gauss(0, 0.5 * sqrt(days_ago / condition.days))) if days_ago else severity
        )
        for code, change in condition.changes.items():
            changes[code] = changes.get(code, 0.0) + change * min(then, MOST_SEVERE)
    return changes


def _with_sums(content: Content, levels: Mapping[str, float]) -> Content:
    """What follows from parts: protein, cholesterol (Friedewald), bound calcium (Payne), red cells."""
    content["TP"] = content["ALB"] + content["GLOB"]
    content["CHOL"] = content["HDL"] + content["LDL"] + content["TRIG"] / 2.2
    content["CA"] += 0.02 * (content["ALB"] - levels["ALB"])
    content["BILD"] = min(content["BILD"], 0.9 * content["BILT"])
    content["CL"] += 0.7 * (content["NA"] - levels["NA"]) if content["NA"] < levels["NA"] else 0.0
    content["HCT"] = content["HGB"] / content["MCHC"] * 100
    content["RBC"] = content["HCT"] * 10 / content["MCV"]
    content["MCH"] = content["HGB"] / content["RBC"]
    return content
