"""Rounds evaluated: scores by the rules, shares, cases of failures, who sees what then; trends over rounds."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import ProgrammingError

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.queries import due_subjects
from aliquot.oversight.proficiency.actions import (
    ItemPlan,
    SamplePlan,
    answer_step,
    check_homogeneity_of,
    check_stability_of,
    close_case,
    close_round,
    receive_sample,
    submit_results,
)
from aliquot.oversight.proficiency.models import (
    FailureCase,
    Participation,
    ProficiencyResult,
    ProficiencyRound,
    ProficiencySample,
    ProficiencyScore,
    ProficiencyTarget,
    SampleReceipt,
)
from aliquot.oversight.proficiency.queries import (
    cases_of,
    method_groups,
    pairs_of,
    participants_of,
    participation_in,
    progress,
    scores_of,
    signals_before,
    steps_of,
    trend,
    worksheet,
)
from aliquot.oversight.proficiency.rules.items import Basis, Target
from tests.factories import NOW
from tests.oversight.proficiency.made import (
    AFTERWARDS,
    GLUCOSE,
    Stage,
    items_of,
    make_returned,
    make_round,
    make_stage,
)
from tests.regions import Region

D = Decimal


@pytest.fixture
def stage(region: Region) -> Stage:
    return make_stage(region)


def close(stage: Stage, found: ProficiencyRound, *, days: int = 0) -> ProficiencyRound:
    with acting(stage.manager):
        return close_round(found, by=stage.manager, at=AFTERWARDS + timedelta(days=days))


def make_closed(stage: Stage, text: str, *, days: int = 0, **changes: Any) -> ProficiencyRound:
    """An evaluated round in which the spoke returned `text` for glucose and the hub 5.0."""
    found = make_round(stage, **changes)
    (item,) = items_of(found)
    make_returned(stage, item, text)
    make_returned(stage, item, "5.0", site=stage.hub)
    return close(stage, found, days=days)


def score_of(stage: Stage, found: ProficiencyRound) -> ProficiencyScore:
    with acting(stage.at_spoke):
        return ProficiencyScore.objects.get(round=found, laboratory=stage.spoke)


def test_every_participant_is_scored_by_the_rules(stage: Stage) -> None:
    found = make_closed(stage, "5.7")
    score = score_of(stage, found)
    assert (score.z, score.signal, score.judged_by, score.d_percent) == (D("3.5"), "action", "z", D(14))
    assert score.z_prime == round(D("0.7") / D("0.0404").sqrt(), 6)
    assert (found.state, found.closed_at, found.closed_by) == ("closed", AFTERWARDS, stage.manager.key)
    with acting(stage.manager):
        shares = {one.code: (one.score_percent, one.is_satisfactory) for one in participants_of(found.pk)}
        assert shares == {"01": (D(100), True), "02": (D(0), False)}
        assert [(one.code, one.returned, one.failed) for one in progress(found.pk)] == [
            ("01", 1, 0),
            ("02", 1, 1),
        ]
        assert {one.laboratory_id for one in scores_of(found.pk)} == {stage.hub.pk, stage.spoke.pk}


def test_a_closed_round_shows_its_assigned_values_and_to_each_its_own_scores(stage: Stage) -> None:
    found = make_closed(stage, "5.1")
    with acting(stage.at_spoke):
        (line,) = worksheet(found.pk, stage.spoke.pk)
        assert line.target is not None
        assert (line.target.x_pt, line.target.sigma_pt, line.target.count) == (D(5), D("0.2"), 2)
        assert line.score is not None
        assert line.score.z == D("0.5")
        assert [one.laboratory_id for one in scores_of(found.pk)] == [stage.spoke.pk]


def test_what_was_evaluated_stands_as_it_was(stage: Stage) -> None:
    """The database refuses, whoever writes past the actions."""
    found = make_closed(stage, "5.1")
    item = items_of(found)[0]
    whose: dict[str, Any] = {"organiser": stage.hub, "laboratory": stage.spoke}
    received = SampleReceipt(sample=item.sample, condition="good", received_at=NOW, received_by="t", **whose)
    late = ProficiencySample(round=found, organiser=stage.hub, code="S9")
    for who, change in (
        (stage.at_spoke, lambda: ProficiencyResult.objects.filter(item=item).update(value=5)),
        (stage.at_spoke, received.save),
        (stage.manager, late.save),
        (stage.manager, lambda: ProficiencyTarget.objects.filter(item=item).update(assigned=6)),
    ):
        with pytest.raises(ProgrammingError, match="row-level security"), acting(who):
            change()


def test_a_round_waits_for_all_or_for_its_deadline(stage: Stage) -> None:
    found = make_round(stage)
    (item,) = items_of(found)
    make_returned(stage, item, "5.0")
    with acting(stage.at_spoke):
        submit_results(found, stage.spoke, by=stage.at_spoke, at=NOW)
        with pytest.raises(Forbidden):
            close_round(found, by=stage.at_spoke, at=AFTERWARDS)
    with acting(stage.manager), pytest.raises(Refused, match="1 of 2 laboratories have not submitted"):
        close_round(found, by=stage.manager, at=NOW)
    make_returned(stage, item, "5.0", site=stage.hub)
    with acting(stage.technologist):
        submit_results(found, stage.hub, by=stage.technologist, at=NOW)
    with acting(stage.manager):
        close_round(found, by=stage.manager, at=NOW)
        with pytest.raises(Refused, match="over already"):
            close_round(found, by=stage.manager, at=NOW)


def test_what_was_not_returned_fails_unless_the_sample_was_unfit(stage: Stage) -> None:
    found = make_round(stage)
    (item,) = items_of(found)
    with acting(stage.technologist):
        receive_sample(item.sample, stage.hub, "leaking", note="empty", by=stage.technologist, at=NOW)
    close(stage, found)
    with acting(stage.manager):
        said = {one.laboratory_id: (one.signal, one.reason) for one in scores_of(found.pk)}
        assert said == {stage.spoke.pk: ("missing", ""), stage.hub.pk: ("not_scored", "sample_unfit")}
        assert [one.why for one in cases_of({stage.spoke.pk, stage.hub.pk})] == ["missing"]
        assert Participation.objects.get(laboratory=stage.hub).is_satisfactory is None


def test_an_uneven_material_widens_what_is_judged_by(stage: Stage) -> None:
    found = make_round(stage)
    (item,) = items_of(found)
    uneven = [[D("5.0"), D("5.0")]] * 8 + [[D("5.5"), D("5.5")], [D("4.5"), D("4.5")]]
    with acting(stage.manager):
        check = check_homogeneity_of(item, uneven, by=stage.manager, at=NOW)
    make_returned(stage, item, "5.7")
    close(stage, found)
    with acting(stage.manager):
        target = ProficiencyTarget.objects.get(item=item)
    assert check.s_between is not None
    assert target.sigma_pt is not None
    assert abs(target.sigma_pt**2 - D("0.04") - check.s_between**2) < D("1e-5")
    assert target.reasons == ["material_uneven"]
    assert score_of(stage, found).signal == "warning"


def test_a_doubtful_material_is_told_with_the_scores(stage: Stage) -> None:
    """Also where a limit judges, which nothing widens; the last check of a kind counts."""
    by_limit = replace(GLUCOSE, sigma=None, limit=D("0.6"))
    found = make_round(stage, samples=(SamplePlan("S1", (ItemPlan("GLUS", by_limit),)),))
    (item,) = items_of(found)
    uneven = [[D("5.0"), D("5.0")]] * 8 + [[D("5.5"), D("5.5")], [D("4.5"), D("4.5")]]
    with acting(stage.manager):
        check_homogeneity_of(item, uneven, by=stage.manager, at=NOW)
        for after in ("5.9", "5.0"):
            pair = [D("5.0"), D("5.0")]
            check_stability_of(item, pair, [D(after), D(after)], by=stage.manager, at=NOW)
    make_returned(stage, item, "5.7")
    close(stage, found)
    with acting(stage.manager):
        target = ProficiencyTarget.objects.get(item=item)
        assert (target.reasons, target.sigma_pt) == (["material_uneven"], D("0.2"))
        assert score_of(stage, found).signal == "action"


def test_words_of_a_round(stage: Stage) -> None:
    target = Target(Basis.EXPERT, expected="positive")
    found = make_round(stage, samples=(SamplePlan("S1", (ItemPlan("HBSAG", target),)),))
    (item,) = items_of(found)
    make_returned(stage, item, "Positive")
    make_returned(stage, item, "negative", site=stage.hub)
    close(stage, found)
    with acting(stage.manager):
        signals = {one.laboratory_id: (one.signal, one.judged_by) for one in scores_of(found.pk)}
    assert signals == {stage.spoke.pk: ("acceptable", "words"), stage.hub.pk: ("action", "words")}


def test_a_consensus_of_enough(stage: Stage) -> None:
    found = make_round(stage, samples=(SamplePlan("S1", (ItemPlan("GLUS", Target(at_least=2)),)),))
    (item,) = items_of(found)
    make_returned(stage, item, "5.0")
    make_returned(stage, item, "5.4", site=stage.hub)
    close(stage, found)
    with acting(stage.manager):
        target = ProficiencyTarget.objects.get(item=item)
        assert (target.x_pt, target.count, target.reasons) == (D("5.2"), 2, ["assigned_value_uncertain"])
        assert {one.judged_by for one in scores_of(found.pk)} == {"z_prime"}


def test_a_failure_becomes_a_case_and_an_event(stage: Stage) -> None:
    make_closed(stage, "5.7")
    with acting(stage.at_spoke):
        (case,) = cases_of({stage.spoke.pk})
        assert (case.why, case.state, case.score.test.code) == ("action", "open", "GLUS")
    assert due_subjects("eqa_failed", limit=10) == [case.pk]


def test_a_second_warning_in_a_row_becomes_a_case(stage: Stage) -> None:
    make_closed(stage, "5.5", code="1")
    with acting(stage.manager):
        assert not FailureCase.objects.exists()
    make_closed(stage, "5.0", code="2", days=1)
    make_closed(stage, "5.5", code="3", days=2)
    with acting(stage.manager):
        assert not FailureCase.objects.exists(), "the round between was fine"
    last = make_closed(stage, "4.5", code="4", days=3)
    with acting(stage.manager):
        assert FailureCase.objects.get().why == "two_warnings"
        assert FailureCase.objects.get().score.round_id == last.pk
        assert signals_before([]) == {}


def test_what_the_provider_says_opens_a_case_too(stage: Stage) -> None:
    found = make_round(stage)
    (item,) = items_of(found)
    kept = make_returned(stage, item, "5.0")
    with acting(stage.at_spoke):
        ProficiencyResult.objects.filter(pk=kept.pk).update(provider_z=D("3.2"))
    make_returned(stage, item, "5.0", site=stage.hub)
    close(stage, found)
    with acting(stage.manager):
        assert [one.why for one in cases_of({stage.spoke.pk})] == ["action"]


@pytest.fixture
def case(stage: Stage) -> FailureCase:
    make_closed(stage, "5.7")
    with acting(stage.manager):
        (found,) = cases_of({stage.spoke.pk})
    return found


def answer(stage: Stage, case: FailureCase, step: str, finding: str, note: str = "looked at") -> None:
    with acting(stage.at_spoke):
        answer_step(case, step, finding, note, by=stage.at_spoke, at=AFTERWARDS)


def test_a_case_is_worked_off_step_by_step(stage: Stage, case: FailureCase) -> None:
    with pytest.raises(Refused, match="this step first: clerical"):
        answer(stage, case, "analyzer", "cause")
    for wrong, words in (
        (("clerical", "impact"), "Choose what"),
        (("clerical", "excluded", " "), "looked at"),
    ):
        with pytest.raises(Refused, match=words):
            answer(stage, case, *wrong)
    answer(stage, case, "clerical", "excluded")
    answer(stage, case, "sample", "excluded")
    answer(stage, case, "method_group", "excluded")
    with acting(stage.manager), pytest.raises(Refused, match="this step first: analyzer"):
        close_case(case, "calibrated", by=stage.manager, at=AFTERWARDS)
    answer(stage, case, "analyzer", "cause", "calibration of the day before")
    answer(stage, case, "patient_impact", "impact", "41 results looked back")
    with pytest.raises(Refused, match="All steps are answered"):
        answer(stage, case, "patient_impact", "impact")
    with acting(stage.manager):
        with pytest.raises(Refused, match="what was found"):
            close_case(case, " ", by=stage.manager, at=AFTERWARDS)
        closed = close_case(case, "recalibrated", by=stage.manager, at=AFTERWARDS)
        assert (closed.state, closed.cause, closed.closed_by) == ("closed", "analyzer", stage.manager.key)
        assert [(one.step, one.finding, one.by) for one in steps_of(case.pk)][-1] == (
            "patient_impact",
            "impact",
            stage.at_spoke.key,
        )
        with pytest.raises(Refused, match="This case is closed"):
            answer_step(case, "analyzer", "cause", "again", by=stage.manager, at=AFTERWARDS)
        assert [one.pk for one in cases_of({stage.spoke.pk}, is_open=False)] == [case.pk]
        assert list(cases_of({stage.spoke.pk})) == []


def test_a_cause_leaves_only_the_impact_on_patients(stage: Stage, case: FailureCase) -> None:
    answer(stage, case, "clerical", "cause", "two samples were mixed up")
    with pytest.raises(Refused, match="this step first: patient impact"):
        answer(stage, case, "sample", "excluded")
    answer(stage, case, "patient_impact", "no_impact")
    with acting(stage.manager):
        assert close_case(case, "labels", by=stage.manager, at=AFTERWARDS).cause == "clerical"


def test_a_case_without_a_cause_says_so(stage: Stage, case: FailureCase) -> None:
    for step in ("clerical", "sample", "method_group", "analyzer"):
        answer(stage, case, step, "excluded")
    answer(stage, case, "patient_impact", "no_impact")
    with acting(stage.manager):
        assert close_case(case, "watched", by=stage.manager, at=AFTERWARDS).cause == "unexplained"


def test_a_case_is_of_its_laboratory_and_of_who_organises(stage: Stage, case: FailureCase) -> None:
    with acting(stage.technologist), pytest.raises(Forbidden, match="another laboratory"):
        answer_step(case, "clerical", "excluded", "x", by=stage.technologist, at=AFTERWARDS)
    with acting(stage.at_spoke), pytest.raises(Forbidden):
        close_case(case, "x", by=stage.at_spoke, at=AFTERWARDS)


def test_the_trend_of_a_test_over_rounds(stage: Stage) -> None:
    for at, text in enumerate(("5.0", "5.7", "5.2", "4.2")):
        make_closed(stage, text, code=str(at), days=at)
    with acting(stage.at_spoke):
        test = items_of(ProficiencyRound.objects.first())[0].test_id  # type: ignore[arg-type]
        points = trend(stage.spoke.pk, test)
        assert [(one.round, one.z, one.signal) for one in points] == [
            ("0", D(0), "acceptable"),
            ("1", D("3.5"), "action"),
            ("2", D(1), "acceptable"),
            ("3", D(-4), "action"),
        ]
        assert [one.text for one in trend(stage.spoke.pk, test, limit=2)] == ["5.2", "4.2"]
        followed = participation_in(points)
        assert followed.satisfactory == (True, False, True, False)
        assert followed.is_unsuccessful
        assert trend(stage.hub.pk, test) == [], "another laboratory's are not seen"


def test_methods_and_samples_side_by_side(stage: Stage) -> None:
    samples = tuple(SamplePlan(code, (ItemPlan("GLUS", GLUCOSE),)) for code in ("S1", "S2"))
    found = make_round(stage, samples=samples)
    first, second = items_of(found)
    make_returned(stage, first, "5.4", method="hexokinase")
    make_returned(stage, second, "5.2", method="hexokinase")
    make_returned(stage, first, "5.0", site=stage.hub, method="hexokinase")
    close(stage, found)
    with acting(stage.manager):
        (group,) = method_groups(first.pk)
        assert (group.method, group.count, group.median) == ("hexokinase", 2, D("5.2"))
        assert (group.least, group.most) == (D("5.0"), D("5.4"))
        assert [(one.laboratory_id, one.first, one.second) for one in pairs_of(first.pk, second.pk)] == [
            (stage.spoke.pk, D(2), D(1))
        ]


def test_what_was_not_scored_counts_for_no_round(stage: Stage) -> None:
    target = replace(GLUCOSE, sigma=None)
    make_closed(stage, "9.0", samples=(SamplePlan("S1", (ItemPlan("GLUS", target),)),))
    with acting(stage.at_spoke):
        score = ProficiencyScore.objects.get(laboratory=stage.spoke)
        assert (score.signal, score.reason, score.d_percent) == ("not_scored", "no_sigma", D(80))
        assert participation_in(trend(stage.spoke.pk, score.test_id)).satisfactory == ()
