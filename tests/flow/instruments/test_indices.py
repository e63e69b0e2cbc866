"""Indices of specimens in drivers: which codes they are, and the level that a number or a grade says."""

from decimal import Decimal

import pytest

from aliquot.flow.instruments.rules.adaptation import Term
from aliquot.flow.instruments.rules.driver import load, models
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.layout import DriverError
from aliquot.flow.instruments.rules.matching import Asked, Match, judge_reading
from aliquot.flow.instruments.rules.reading import Measurement, Reading, Run
from aliquot.flow.instruments.rules.simulation import index_measurements
from tests.flow.instruments.driver_ends import over_the_link
from tests.flow.instruments.driver_texts import AT, astm, driver, only

INDICES = """
map = {991 = "H", 992 = "I"}
factors = {H = "0.01"}
grades = {H = {"++" = "2"}}
"""
TUBE = Asked("77", 5, "accepted", 1, 1, None, None, None, None, None, 9, 1, "R", "placed")
WITH_INDICES = {
    "abbott_alinity_ci",
    "abbott_alinity_ci_law",
    "abbott_architect",
    "biosystems_ba400",
    "roche_cobas_8000",
    "roche_cobas_c111",
    "roche_cobas_c311",
    "roche_cobas_pro",
    "roche_cobas_pure",
    "siemens_advia1800",
    "siemens_atellica_solution",
    "siemens_dimension_exl",
}


def read(text: str, code: str = "991", **changes: str) -> Reading:
    one = driver(**{"indices": INDICES, **changes})
    return only(astm(one, f"R|1|^^^{code}|{text}|||||F"))


@pytest.mark.parametrize(
    ("text", "level"),
    [("150", "1.5"), ("0", "0"), ("++", "2"), (" ++ ", "2"), ("<5", "0.05"), ("-3", None), ("+++", None)],
)
def test_a_number_or_a_grade_says_a_level(text: str, level: str | None) -> None:
    reading = read(text)
    assert reading.index == "H"
    assert reading.level == (None if level is None else Decimal(level))
    assert reading.unknown == ()


def test_an_index_without_factor_is_sent_in_the_unit_of_the_rules() -> None:
    assert read("17", "992").level == Decimal(17)


def test_a_number_beyond_the_grades_says_nothing_without_a_factor() -> None:
    graded = 'map = {991 = "I"}\ngrades = {I = {"1" = "34.2", "6" = "1368"}}\n'
    for text, level in (("6", Decimal(1368)), ("7", None), ("1.0", None), ("150", None)):
        assert read(text, indices=graded).level == level
    own = driver(indices=graded).adapted((Term("index", "991", "I", Decimal(2)),))
    assert only(astm(own, "R|1|^^^991|7|||||F")).level == Decimal(14)


def test_a_word_that_the_driver_does_not_know_is_no_unknown_word_of_an_index() -> None:
    words = {"value": 'words = {"POS" = "positive"}'}
    assert read("++", **words).unknown == ()
    assert read("++", "5", **words).unknown == ("word '++'",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('map = {991 = "X"}', "indices.map.991: must be one of H, I, L"),
        ('map = {991 = "H"}\nfactors = {I = "1"}', "indices.I: is no index of this file"),
        ('map = {991 = "H"}\nfactors = {H = "0"}', "indices.factors.H: must be greater than 0"),
        ('map = {991 = "H"}\ngrades = {L = {"+" = "1"}}', "indices.L: is no index of this file"),
        ('map = {991 = "H"}\ngrades = {H = {"+" = "-1"}}', "indices.grades.H.+: must be a number from 0"),
        ('map = {991 = "H"}\ngrades = {H = {"+" = "NaN"}}', "indices.grades.H.+: must be a number from 0"),
        ('map = {991 = "H"}\nfoo = 1', "indices.foo: is not a key this program knows"),
        ("", "indices.map: is missing"),
    ],
)
def test_what_is_wrong_in_the_section_is_named(text: str, words: str) -> None:
    with pytest.raises(DriverError) as fault:
        driver(indices=text)
    assert str(fault.value) == f"x.toml: {words}"


def test_a_laboratory_says_which_code_is_an_index_and_which_is_none() -> None:
    own = driver(indices=INDICES).adapted(
        (Term("index", "7", "L"), Term("index", "991", "H", Decimal("0.1")), Term("index", "992", "-"))
    )
    found = astm(own, "R|1|^^^7|4|||||F", "R|2|^^^991|5|||||F", "R|3|^^^992|5|||||F")
    assert [(one.index, one.level) for one in found] == [("L", Decimal(4)), ("H", Decimal("0.5")), ("", None)]


def test_an_index_belongs_to_a_tube_and_needs_no_ordered_test() -> None:
    verdict = judge_reading(read("150"), Match(tube=TUBE), laboratory_id=1)
    assert (verdict.state, verdict.text, verdict.number) == ("filed", "150", Decimal("1.50"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("+++", "index_not_understood"),
        ("", "no_value"),
        ("9" * 15, "index_not_understood"),
        ("1" * 201, "value_too_long"),
    ],
)
def test_an_index_that_says_nothing_waits(text: str, code: str) -> None:
    verdict = judge_reading(read(text), Match(tube=TUBE), laboratory_id=1)
    assert (verdict.state, [one["code"] for one in verdict.reasons]) == ("quarantined", [code])


def test_an_index_of_no_tube_of_ours_waits() -> None:
    for match, laboratory, code in (
        (Match(), 1, "unknown_specimen"),
        (Match(tube=TUBE), 2, "other_laboratory"),
    ):
        verdict = judge_reading(read("150"), match, laboratory_id=laboratory)
        assert [one["code"] for one in verdict.reasons] == [code]


def test_an_index_that_was_not_measured_and_one_of_control_material_are_kept() -> None:
    failed = only(astm(driver(indices=INDICES), "R|1|^^^991||||||X"))
    assert judge_reading(failed, Match(tube=TUBE), laboratory_id=1).state == "kept"
    one = driver('[[controls]]\nat = "O-12"\nequals = ["Q"]\nsource = "test"', indices=INDICES)
    control = only(astm(one, "R|1|^^^991|150|||||F", order="O|1|77||^^^T|||||||Q"))
    assert judge_reading(control, Match(tube=TUBE), laboratory_id=1).state == "control"


def test_the_models_that_measure_indices_say_which() -> None:
    assert {model for model in models() if load(model).layout.indices.codes} == WITH_INDICES
    assert all(set(load(model).layout.indices.codes.values()) == {"H", "I", "L"} for model in WITH_INDICES)


@pytest.mark.parametrize("model", sorted(WITH_INDICES))
def test_what_a_model_sends_as_index_is_read_as_one(model: str) -> None:
    one = load(model)
    layout = one.layout.indices
    for code, index in layout.codes.items():
        text = max(layout.grades[index]) if index in layout.grades else "100"
        run = Run("10023", (Measurement(code, text),))
        understood = over_the_link(one, one.result_message([run], Header(AT)))
        (reading,) = [each for each in understood.readings if not each.dropped]
        assert (reading.specimen_code, reading.index, reading.reported) == ("10023", index, True)
        assert reading.level is not None
        assert reading.level > 0


@pytest.mark.parametrize("model", sorted(WITH_INDICES))
@pytest.mark.parametrize("level", ["0.26", "2.00", "9.00"])
def test_a_simulated_index_is_read_back_and_never_too_low(model: str, level: str) -> None:
    one, wanted = load(model), Decimal(level)
    run = Run("10023", index_measurements(one, {"H": wanted}))
    (reading,) = [
        each for each in over_the_link(one, one.result_message([run], Header(AT))).readings if each.index
    ]
    assert reading.index == "H"
    assert reading.level is not None
    assert reading.level >= wanted
    assert index_measurements(load("sysmex_xn"), {"H": wanted}) == ()
