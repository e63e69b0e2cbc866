"""The made-up day: plausible values, patients who are alike from visit to visit, and errors that are what they say."""

from collections import defaultdict
from collections.abc import Iterable
from math import log
from random import Random
from statistics import correlation, mean, median

import pytest

from aliquot.entrypoints.backtest.seeded.control import Drift, rejects, standing_of
from aliquot.entrypoints.backtest.seeded.faults import DILUTIONS, EDTA, contaminated, dripped
from aliquot.entrypoints.backtest.seeded.measurands import MEASURANDS
from aliquot.entrypoints.backtest.seeded.population import make_population
from aliquot.entrypoints.backtest.seeded.tubes import read
from aliquot.entrypoints.backtest.seeded.visits import DAY, HOURS, Visit, make_visits
from aliquot.flow.results.rules.backtest.replay import Kept
from tests.entrypoints.backtest.seeded.days import day, facts_of
from tests.regions import Region

SERUM = {"K": 4.2, "CA": 2.4, "MG": 0.85, "ALP": 70.0, "FE": 16.0, "NA": 140.0, "CL": 103.0, "GLUS": 5.0}


@pytest.fixture(scope="module")
def visits() -> list[Visit]:
    return make_visits(20_000, Random("test"))


def values(rows: Iterable[Kept], test: int) -> list[float]:
    return [float(row.value) for row in rows if row.test_id == test and row.value is not None]


def test_values_are_plausible_and_in_the_units_of_the_catalogue(region: Region) -> None:
    facts, rows = facts_of(region), day(facts_of(region), rate=0.0).clean
    for one in MEASURANDS:
        if one.code in facts:
            found = median(values(rows, facts[one.code].test_id))
            assert 0.5 < found / mean((one.men, one.women)) < 2.0, one.code
    sodium = values(rows, facts["NA"].test_id)
    assert 115 < min(sodium) < max(sodium) < 170


def test_every_value_has_the_digits_of_the_catalogue(region: Region) -> None:
    facts = {one.test_id: one for one in facts_of(region).values()}
    for row in day(facts_of(region)).planted:
        assert row.value is not None
        assert -row.value.as_tuple().exponent == facts[row.test_id].decimals  # type: ignore[operator]
        assert row.unit == facts[row.test_id].unit


def test_analytes_of_one_patient_move_together(visits: list[Visit]) -> None:
    def both(one: str, other: str) -> float:
        drawn = [next(iter(visit.tubes.values())).content for visit in visits]
        return correlation([log(item[one]) for item in drawn], [log(item[other]) for item in drawn])

    assert both("CREA", "UREA") > 0.3
    assert both("ALT", "AST") > 0.3
    assert both("NA", "CL") > 0.3
    assert both("HDL", "TRIG") < -0.1
    assert both("CRP", "ALB") < -0.2


def test_a_patient_is_nearer_to_the_own_visit_before_than_to_a_stranger(visits: list[Visit]) -> None:
    counts = [one for one in visits if "count" in one.before]
    assert len(counts) > 300

    def apart(code: str, shift: int) -> float:
        return median(
            abs(one.tubes["count"].content[code] / other.before["count"].content[code] - 1)
            for one, other in zip(counts, counts[shift:] + counts[:shift], strict=True)
        )

    for code in ("MCV", "HGB", "PLT", "RDWCV"):
        assert apart(code, 0) < apart(code, 1) / 1.5, code


def test_what_a_counter_computes_fits_what_it_measured(visits: list[Visit]) -> None:
    for visit in visits[:300]:
        if "count" in visit.tubes:
            said = read(visit.tubes["count"])
            assert said["HCT"] == pytest.approx(said["RBC"] * said["MCV"] / 10)
            assert said["MCHC"] == pytest.approx(said["HGB"] / said["HCT"] * 100)


def test_edta_raises_potassium_as_published_and_takes_the_others() -> None:
    found = contaminated(SERUM, 0.19)
    assert found["K"] - SERUM["K"] == pytest.approx(0.54, abs=0.01)
    fallen = {code: 1 - found[code] / SERUM[code] for code in ("CA", "ALP", "MG")}
    assert fallen["CA"] == pytest.approx(0.01, abs=0.003)
    assert fallen["ALP"] == pytest.approx(0.04, abs=0.01)
    assert fallen["MG"] == pytest.approx(0.024, abs=0.006)
    assert found["NA"] == SERUM["NA"]
    strongest = contaminated(SERUM, 2.0)
    assert strongest["K"] > 9
    assert strongest["CA"] < 1


def test_a_drip_brings_its_own_salt_and_thins_the_rest() -> None:
    found = dripped(SERUM | {"HGB": 140.0, "MCV": 90.0}, 0.5, {"NA": 154.0, "CL": 154.0})
    assert (found["NA"], found["K"], found["HGB"], found["MCV"]) == (147.0, 2.1, 70.0, 90.0)


def test_all_kinds_and_sizes_are_planted_never_two_in_an_order(region: Region) -> None:
    marks = day(facts_of(region)).marks.values()
    assert {one.kind for one in marks} == {"swap", "edta", "dilution", "drift"}
    assert {one.size for one in marks if one.kind == "edta"} == {one.size for one in EDTA}
    planted = {(one.form, one.size) for one in marks if one.kind == "dilution"}
    assert planted == {(one.form, one.size) for one in DILUTIONS}
    by_order = defaultdict(set)
    for one in marks:
        by_order[one.order].add(one.kind)
    assert {len(kinds) for kinds in by_order.values()} == {1}


def test_only_what_is_marked_differs_and_only_in_its_value(region: Region) -> None:
    population = day(facts_of(region))
    touched = set()
    for clean, planted in zip(population.clean, population.planted, strict=True):
        if clean.value != planted.value:
            touched.add(clean.result_id)
        same = {"value": None, "value_text": "", "qc_state": "no_plan"}
        assert clean._replace(**same) == planted._replace(**same)  # type: ignore[arg-type]
    assert touched == set(population.marks)


def test_with_rate_nought_nothing_differs(region: Region) -> None:
    population = day(facts_of(region), rate=0.0)
    assert population.clean == population.planted
    assert population.marks == {}


def test_it_is_a_function_of_the_seed(region: Region) -> None:
    facts = facts_of(region)
    once, again, other = (make_population(seed, 500, facts) for seed in (3, 3, 4))
    assert once == again
    assert once.clean != other.clean


def test_the_two_of_a_swap_have_each_others_values(region: Region) -> None:
    population = day(facts_of(region))
    true = {(row.patient_id, row.test_id): row.value for row in population.clean if row.state == "recorded"}
    swapped: dict[int, dict[int, object]] = defaultdict(dict)
    for row in population.planted:
        if row.result_id in population.marks and population.marks[row.result_id].kind == "swap":
            swapped[row.patient_id][row.test_id] = row.value
    found = [
        patient
        for patient, said in swapped.items()
        for other in swapped.keys() - {patient}
        if (shared := [test for test in said if (other, test) in true])
        if all(said[test] == true[other, test] for test in shared) and len(shared) > 2
    ]
    assert len(found) > 0.8 * len(swapped) > 10


@pytest.mark.parametrize(
    ("run", "earlier", "rejected"),
    [
        ((3.1, 0), [], True),
        ((3.0, 0), [], False),
        ((2.1, 2.1), [], True),
        ((2.1, -2.1), [], True),
        ((2.1, 0.5), [(2.2, 0.1)], True),
        ((2.1, 0.5), [(-2.2, 0.1)], False),
        ((1.1, 1.2), [(1.3, 1.1)], True),
        ((1.1, 1.2), [(1.3, 0.9)], False),
        ((-1.1, -1.2), [(-1.3, -1.1)], True),
    ],
)
def test_control_is_judged_by_westgards_rules(
    run: tuple[float, ...], earlier: list[tuple[float, ...]], *, rejected: bool
) -> None:
    assert rejects(run, earlier) is rejected


def test_control_sees_a_drift_and_says_nothing_of_before() -> None:
    drift = Drift(DAY, DAY + HOURS, 0.1, "10 %")
    assert (drift.at(DAY - HOURS), drift.at(DAY + HOURS / 2), drift.at(DAY + 2 * HOURS)) == (0, 0.05, 0.1)
    standing = standing_of(DAY, DAY + HOURS, Random(1), lambda moment: drift.at(moment) * 100)
    assert standing.at(DAY - HOURS) == "unknown"
    assert standing.at(DAY) == "in_control"
    assert standing.at(DAY + HOURS) == "out_of_control"
