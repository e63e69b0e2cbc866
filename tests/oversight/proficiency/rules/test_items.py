"""Items of a round: assigned values, groups by method, signals, what cannot be scored; whole rounds from lines."""

from dataclasses import replace
from decimal import Decimal

import pytest

from aliquot.foundation.sheets import read_table
from aliquot.oversight.proficiency.rules.entries import COLUMNS, Fault, Line, read_lines, read_number
from aliquot.oversight.proficiency.rules.items import (
    Basis,
    Entry,
    Estimator,
    Outcome,
    Reason,
    Scored,
    Target,
    acceptable_percent,
    score_item,
)
from aliquot.oversight.proficiency.rules.rounds import percent_by_participant, score_lines
from aliquot.oversight.proficiency.rules.scores import Signal
from aliquot.oversight.proficiency.rules.words import REASONS

D = Decimal
SPREAD = ["4.8", "4.9", "5.0", "5.0", "5.1", "5.2", "4.9", "5.1", "5.0", "4.95", "5.05", "5.0"]


def make_entries(*values: str, group: str = "", start: int = 0) -> list[Entry]:
    return [Entry(f"L{at}", D(one), one, group=group) for at, one in enumerate(values, start=start)]


def first(outcome: Outcome) -> Scored:
    return outcome.scored[0]


def test_a_reference_value_with_its_sigma() -> None:
    target = Target(Basis.REFERENCE, D("5.0"), D("0.02"), D("0.2"))
    found = score_item([Entry("A", D("5.6"), "5.6", D("0.1"))], target)
    assert found.assigned is not None
    assert (found.assigned.value, found.assigned.count, found.assigned.s_star) == (D(5), 1, None)
    one = first(found)
    assert (one.z, one.signal, one.judged_by, one.d_percent, one.sdi) == (
        D(3),
        Signal.ACTION,
        "z",
        D(12),
        None,
    )
    assert round(one.zeta or D(0), 4) == D("5.8835")
    assert abs((one.en or D(0)) * 2 - (one.zeta or D(0))) < D("1e-20")
    assert found.reasons == ()


def test_an_uncertain_assigned_value_counts_in_the_score() -> None:
    found = score_item(make_entries("9.0"), Target(Basis.EXPERT, D(4), D("1.5"), D(2)))
    assert first(found).judged_by == "z_prime"
    assert (first(found).z, first(found).z_prime, first(found).signal) == (D("2.5"), D(2), Signal.ACCEPTABLE)
    assert found.reasons == (Reason.UNCERTAIN,)


def test_a_consensus_of_the_participants() -> None:
    found = score_item(make_entries(*SPREAD, "9.9"), Target())
    assert found.assigned is not None
    assert abs(found.assigned.value - D("5.01")) < D("0.02")
    assert found.assigned.sigma == found.assigned.s_star
    assert found.assigned.count == 13
    assert found.scored[12].signal is Signal.ACTION
    assert {one.signal for one in found.scored[:12]} <= {Signal.ACCEPTABLE, Signal.WARNING}
    other = score_item(make_entries(*SPREAD, "9.9"), Target(estimator=Estimator.Q_HAMPEL)).assigned
    assert other is not None
    assert abs(other.value - D("5.0")) < D("0.02")


@pytest.mark.parametrize(
    ("entries", "target", "reason"),
    [
        (make_entries(*SPREAD[:11]), Target(), Reason.FEW),
        (make_entries(*["5"] * 12), Target(), Reason.NO_SPREAD),
        (make_entries("5"), Target(Basis.REFERENCE), Reason.NO_VALUE),
        (make_entries("5"), Target(Basis.REFERENCE, D(5)), Reason.NO_SIGMA),
    ],
)
def test_what_cannot_be_scored_says_why(entries: list[Entry], target: Target, reason: Reason) -> None:
    found = score_item(entries, target)
    assert found.reasons == (reason,)
    assert {(one.signal, one.reason) for one in found.scored} == {(Signal.NOT_SCORED, reason)}


def test_the_allowed_deviation_decides_and_z_warns() -> None:
    target = Target(Basis.REFERENCE, D(100), limit=D(9), limit_percent=D(6))
    signals = [
        first(score_item(make_entries(one), target)).signal for one in ("106", "107", "109", "109.1", "90")
    ]
    assert signals == [Signal.ACCEPTABLE, Signal.WARNING, Signal.WARNING, Signal.ACTION, Signal.ACTION]
    assert first(score_item(make_entries("106"), target)).z == 2
    percent = score_item(make_entries("106"), replace(target, limit=None)).assigned
    assert percent is not None
    assert (percent.allowed, percent.sigma) == (D(6), D(2))


def test_a_value_of_nothing_has_no_percentage() -> None:
    assert first(score_item(make_entries("1"), Target(Basis.REFERENCE, D(0), sigma=D(1)))).d_percent is None


def test_missing_and_unreadable_results() -> None:
    entries = [Entry("A"), Entry("B", None, "clotted"), *make_entries("5")]
    found = score_item(entries, Target(Basis.REFERENCE, D(5), sigma=D(1)))
    assert [(one.signal, one.reason) for one in found.scored] == [
        (Signal.MISSING, None),
        (Signal.NOT_SCORED, Reason.NOT_A_NUMBER),
        (Signal.ACCEPTABLE, None),
    ]


def test_a_method_is_judged_by_its_own() -> None:
    """Two methods that differ by their calibration: apart all are fit, together none can tell."""
    high = [str(D(one) + 5) for one in SPREAD]
    entries = [*make_entries(*SPREAD, group="A"), *make_entries(*high, group="B", start=12), Entry("X", D(10), "10", group="C"), Entry("Y", D(10), "10")]  # fmt: skip
    apart = score_item(entries, Target(is_grouped=True, sigma=D("0.2")))
    assert sorted(apart.groups) == ["A", "B"]
    assert {one.signal for one in apart.scored[:24]} == {Signal.ACCEPTABLE}
    assert (apart.scored[24].reason, apart.scored[25].reason) == (Reason.SMALL_GROUP, None)
    together = score_item(entries, Target(sigma=D("0.2")))
    assert Signal.ACCEPTABLE not in {one.signal for one in together.scored[:24]}
    assert abs(together.scored[12].sdi or D(0)) < 3, "peers are peers, whatever the value is judged by"
    few = score_item([*make_entries(*SPREAD[:3], group="A")], Target(is_grouped=True))
    assert first(few).reason is Reason.FEW


def test_words_are_judged_by_the_expected_or_by_most() -> None:
    said = [Entry(f"L{at}", text=one) for at, one in enumerate(["pos", "Pos", "neg", "", "pos"])]
    words = Target(is_quantitative=False, at_least=3)
    found = score_item(said, words)
    assert found.expected == "pos"
    assert [one.signal.value for one in found.scored] == [
        "acceptable",
        "acceptable",
        "action",
        "missing",
        "acceptable",
    ]
    assert score_item(said, replace(words, expected="neg")).scored[2].signal is Signal.ACCEPTABLE
    assert score_item(said, replace(words, at_least=5)).reasons == (Reason.FEW,)
    assert score_item(said[1:3], replace(words, at_least=2)).reasons == (Reason.NO_AGREEMENT,)
    unknown = score_item(said, replace(words, basis=Basis.EXPERT))
    assert (unknown.reasons, first(unknown).signal) == ((Reason.NO_VALUE,), Signal.NOT_SCORED)


def test_the_share_of_acceptable_items() -> None:
    signals = [Signal.ACCEPTABLE, Signal.WARNING, Signal.ACTION, Signal.MISSING, Signal.NOT_SCORED]
    assert acceptable_percent(signals) == 50
    assert acceptable_percent([Signal.NOT_SCORED]) is None


def read(text: str) -> tuple[list[Line], list[Fault]]:
    return read_lines(read_table(text.encode(), COLUMNS))


def test_a_round_from_its_table() -> None:
    lines, faults = read(
        "participant,sample,test,value,u,assigned,sigma_pt\n"
        "A,1,GLUS,5.4,0.1,5.0,0.2\nB,1,GLUS,5.1,,,\nA,2,HBSAG,negative,,,\nB,2,HBSAG,,,,\n"
    )
    assert faults == []
    judged = score_lines(lines, Target(at_least=1))
    assert [(one.sample, one.test, len(one.lines)) for one in judged] == [("1", "GLUS", 2), ("2", "HBSAG", 2)]
    assert [one.z for one in judged[0].outcome.scored] == [2, D("0.5")]
    assert judged[1].outcome.expected == "negative"
    assert percent_by_participant(judged) == {"A": 100, "B": 50}


def test_every_fault_names_its_cell() -> None:
    lines, faults = read(
        "Участник;Образец;Результат;u;x_pt;sigma\n"
        "A;1;5,4;0,1;5;0,2\n"
        ";1;5,1;;;\n"
        "B;1;5,2;-1;;\n"
        "C;1;5,2;big;;\n"
        "A;1;5,5;;;\n"
        "D;1;5,5;;5,1;\n"
        "E;1;5,5;;5,0;0,20\n"
    )
    assert [(one.cell, one.entry.participant) for one in lines] == [("C2", "A"), ("C8", "E")]
    assert [one.words() for one in faults] == [
        "A3: the participant is missing.",
        "D4: an uncertainty is not negative; “-1” is.",
        "D5: “big” is no number; write it with digits, without a unit.",
        "C6: A has already a result for this sample and test in C2.",
        "E7: “5,1” differs from “5” above for the same sample and test.",
    ]


def test_words_can_be_a_fault_and_a_column_can_lack() -> None:
    table = read_table(b"participant,value\nA,clotted\nB,5\nC,\n", COLUMNS)
    lines, faults = read_lines(table, are_words_allowed=False)
    assert [one.entry.value for one in lines] == [5, None]
    assert [one.code for one in faults] == ["no_number"]
    _, faults = read_lines(table, needed=("participant", "sample", "value"))
    assert [one.words() for one in faults] == ["The column “sample” is missing."]
    without_value, _ = read_lines(read_table(b"participant,z\nA,2.5\n", COLUMNS), needed=("participant",))
    assert (without_value[0].cell, without_value[0].z) == ("A2", D("2.5"))


@pytest.mark.parametrize(
    ("text", "number"), [("5,4", "5.4"), ("1 200.5", "1200.5"), ("\u22123", "-3"), ("1e3", "1000")]
)
def test_numbers_as_people_write_them(text: str, number: str) -> None:
    assert read_number(text) == D(number)


@pytest.mark.parametrize("text", ["", "5 mmol", "NaN", "Infinity", "1,000,000"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no (finite )?number"):
        read_number(text)


def test_every_reason_has_its_sentence() -> None:
    assert set(REASONS) == {*map(str, Reason), "sample_unfit", "material_uneven", "material_unstable"}
