"""A laboratory with two analyzers: one result is returned, the other analyzer's is scored beside it."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.oversight.proficiency.actions import (
    ItemPlan,
    Returned,
    SamplePlan,
    close_round,
    import_report,
    receive_sample,
    record_eqa_result,
    record_further_result,
    submit_results,
    take_measured_results,
)
from aliquot.oversight.proficiency.models import (
    FailureCase,
    Participation,
    ProficiencyItem,
    ProficiencyResult,
    ProficiencyRound,
    ProficiencyScore,
    ProficiencyTarget,
)
from aliquot.oversight.proficiency.queries import (
    method_groups,
    pairs_of,
    participation_in,
    progress,
    returned_values,
    rounds_of,
    standing_by_test,
    trend,
    with_further,
    worksheet,
)
from aliquot.oversight.proficiency.rules.items import Basis, Target
from tests.factories import NOW, make_accepted, make_decided
from tests.oversight.proficiency.made import (
    AFTERWARDS,
    Stage,
    items_of,
    make_returned,
    make_round,
    make_stage,
)
from tests.regions import Region
from tests.tubes import make_analyzer

D = Decimal


@pytest.fixture
def stage(region: Region) -> Stage:
    return make_stage(region)


@pytest.fixture
def analyzers(region: Region) -> tuple[Analyzer, Analyzer]:
    first, second = (make_analyzer(region.hub, "roche_cobas_c311", f"A-{at}", 40_500 + at) for at in (1, 2))
    return first, second


Runs = Sequence[tuple[Analyzer, str]]


def measured(region: Region, stage: Stage, found: ProficiencyRound, *runs: tuple[Analyzer, str]) -> Specimen:
    """The tube that the hub took the sample in as, measured on these analyzers in this order."""
    tube = make_accepted(region, "GLUS")
    with acting(stage.technologist):
        sample = items_of(found)[0].sample
        receive_sample(sample, stage.hub, "good", tube=tube.number, by=stage.technologist, at=NOW)
    measure(region, tube, *runs)
    return tube


def measure(region: Region, tube: Specimen, *runs: tuple[Analyzer, str]) -> None:
    for analyzer, value in runs:
        make_decided(region, tube, "GLUS", value, analyzer_id=analyzer.pk)


def take(stage: Stage, found: ProficiencyRound, *, days: int = 0) -> list[tuple[str, Decimal | None, bool]]:
    """What is taken from the tubes: analyzer, value, whether beside what is returned."""
    with acting(stage.technologist):
        at = NOW + timedelta(days=days)
        kept = take_measured_results(found, stage.hub, by=stage.technologist, at=at)
        return [(one.analyzer.code if one.analyzer else "", one.value, one.is_further) for one in kept]


def submit(stage: Stage, found: ProficiencyRound) -> None:
    with acting(stage.technologist):
        submit_results(found, stage.hub, by=stage.technologist, at=NOW)


def close(stage: Stage, found: ProficiencyRound, *, days: int = 0) -> None:
    with acting(stage.manager):
        close_round(found, by=stage.manager, at=AFTERWARDS + timedelta(days=days))


def evaluated(
    stage: Stage, first: tuple[Analyzer, str], second: tuple[Analyzer, str], *, code: str = "1", days: int = 0
) -> ProficiencyRound:
    """A round in which the hub returned one analyzer's value and measured another beside it."""
    found = make_round(stage, code=code)
    (item,) = items_of(found)
    make_returned(stage, item, first[1], site=stage.hub, analyzer=first[0])
    further(stage, item, *second)
    close(stage, found, days=days)
    return found


def further(stage: Stage, item: ProficiencyItem, analyzer: Analyzer | None, text: str) -> ProficiencyResult:
    with acting(stage.technologist):
        returned = Returned(text, analyzer=analyzer)
        return record_further_result(item, stage.hub, returned, by=stage.technologist, at=NOW)


class TestFromTheTube:
    def test_who_measured_first_is_returned_and_the_other_stands_beside(
        self, region: Region, stage: Stage, analyzers: tuple[Analyzer, Analyzer]
    ) -> None:
        first, second = analyzers
        found = make_round(stage)
        tube = measured(region, stage, found, (first, "5.0"), (second, "5.3"))
        assert take(stage, found) == [("A-1", D("5.0"), False), ("A-2", D("5.3"), True)]
        measure(region, tube, (second, "5.4"), (first, "5.1"))
        assert take(stage, found) == [("A-1", D("5.1"), False), ("A-2", D("5.4"), True)], "the newest of each"
        assert ProficiencyResult.objects.count() == 2

    def test_the_analyzer_that_is_returned_stays_the_one(
        self, region: Region, stage: Stage, analyzers: tuple[Analyzer, Analyzer]
    ) -> None:
        first, second = analyzers
        found = make_round(stage)
        tube = measured(region, stage, found, (second, "5.3"))
        assert take(stage, found) == [("A-2", D("5.3"), False)]
        measure(region, tube, (first, "5.0"))
        assert take(stage, found) == [("A-2", D("5.3"), False), ("A-1", D("5.0"), True)]

    def test_a_further_analyzer_is_taken_until_the_round_is_evaluated(
        self, region: Region, stage: Stage, analyzers: tuple[Analyzer, Analyzer]
    ) -> None:
        first, second = analyzers
        found = make_round(stage)
        tube = measured(region, stage, found, (first, "5.0"))
        take(stage, found)
        submit(stage, found)
        measure(region, tube, (second, "5.3"), (first, "5.9"))
        assert take(stage, found, days=20) == [("A-2", D("5.3"), True)]
        with acting(stage.manager):
            own = ProficiencyResult.objects.get(is_further=False)
            assert own.value == D("5.0"), "what is submitted stands"
        close(stage, found)
        with acting(stage.technologist), pytest.raises(Refused, match="is over"):
            take_measured_results(found, stage.hub, by=stage.technologist, at=NOW)

    def test_nothing_is_taken_after_the_deadline_that_was_not_submitted(
        self, region: Region, stage: Stage, analyzers: tuple[Analyzer, Analyzer]
    ) -> None:
        found = make_round(stage)
        measured(region, stage, found, (analyzers[0], "5.0"))
        with pytest.raises(Refused, match="The deadline was"):
            take(stage, found, days=20)


class TestTyped:
    def test_a_further_result_needs_another_analyzer_of_the_laboratory(
        self, stage: Stage, analyzers: tuple[Analyzer, Analyzer]
    ) -> None:
        first, second = analyzers
        elsewhere = make_analyzer(stage.spoke, "roche_cobas_c311", "N-1", 40_510)
        (item,) = items_of(make_round(stage))
        with pytest.raises(Refused, match="is returned first"):
            further(stage, item, second, "5.3")
        make_returned(stage, item, "5.0", site=stage.hub, analyzer=first)
        for other, words in (
            (None, "an analyzer of this"),
            (elsewhere, "an analyzer of this"),
            (first, "Choose another"),
        ):
            with pytest.raises(Refused, match=words) as told:
                further(stage, item, other, "5.3")
            assert list(told.value.fields) == ["analyzer"]
        kept = further(stage, item, second, "5,3")
        assert (kept.value, kept.method, kept.is_further) == (D("5.3"), "roche_cobas_c311", True)
        assert further(stage, item, second, "5.4").pk == kept.pk, "a newer one takes its place"

    def test_one_of_the_same_analyzer_that_is_returned_by_now_is_left_out(
        self, stage: Stage, analyzers: tuple[Analyzer, Analyzer]
    ) -> None:
        first, second = analyzers
        found = make_round(stage)
        (item,) = items_of(found)
        make_returned(stage, item, "5.0", site=stage.hub, analyzer=first)
        further(stage, item, second, "5.9")
        make_returned(stage, item, "5.3", site=stage.hub, analyzer=second)
        with acting(stage.technologist):
            assert len(with_further(worksheet(found.pk, stage.hub.pk))) == 1
        close(stage, found)
        with acting(stage.manager):
            assert ProficiencyScore.objects.get(laboratory=stage.hub).z == D("1.5")


def test_each_analyzer_is_scored_and_only_what_is_returned_counts_for_the_share(
    stage: Stage, analyzers: tuple[Analyzer, Analyzer]
) -> None:
    found = evaluated(stage, (analyzers[0], "5.1"), (analyzers[1], "5.8"))
    with acting(stage.manager):
        own = ProficiencyScore.objects.filter(laboratory=stage.hub).order_by("id")
        assert [(one.is_further, one.z, one.signal) for one in own] == [
            (False, D("0.5"), "acceptable"),
            (True, D(4), "action"),
        ]
        assert Participation.objects.get(laboratory=stage.hub).score_percent == D(100)
        case = FailureCase.objects.get(laboratory=stage.hub)
        assert (case.why, case.score.is_further) == ("action", True), "a failing analyzer is worked off"
        lines = with_further(worksheet(found.pk, stage.hub.pk))
        assert [(one.name, one.score and one.score.z) for one in lines] == [
            ("GLUS", D("0.5")),
            ("GLUS A-2", D(4)),
        ]
        own_line, _spoke = progress(found.pk)
        assert (own_line.code, own_line.returned, own_line.failed) == ("01", 1, 1)
        assert [one.returned for one in rounds_of(stage.hub.pk)] == [1]
        item = items_of(found)[0]
        assert pairs_of(item.pk, item.pk + 1) == []


def test_a_bad_analyzer_beside_a_failed_return_hides_nothing(
    stage: Stage, analyzers: tuple[Analyzer, Analyzer]
) -> None:
    evaluated(stage, (analyzers[0], "5.8"), (analyzers[1], "5.0"))
    with acting(stage.manager):
        part = Participation.objects.get(laboratory=stage.hub)
        assert (part.score_percent, part.is_satisfactory) == (D(0), False)


def test_a_laboratory_counts_once_towards_the_consensus(
    stage: Stage, analyzers: tuple[Analyzer, Analyzer]
) -> None:
    samples = (SamplePlan("S1", (ItemPlan("GLUS", Target(at_least=2)),)),)
    found = make_round(stage, samples=samples)
    (item,) = items_of(found)
    make_returned(stage, item, "5.0", site=stage.hub, analyzer=analyzers[0])
    make_returned(stage, item, "5.4")
    further(stage, item, analyzers[1], "9.0")
    close(stage, found)
    with acting(stage.manager):
        target = ProficiencyTarget.objects.get(item=item)
        assert (target.x_pt, target.count) == (D("5.2"), 2)
        assert ProficiencyScore.objects.get(is_further=True).signal == "action"
        (group,) = [one for one in method_groups(item.pk) if one.method == ""]
        assert group.count == 2


def test_a_word_of_a_further_analyzer_is_judged_too(
    stage: Stage, analyzers: tuple[Analyzer, Analyzer]
) -> None:
    words = Target(Basis.EXPERT, expected="positive")
    found = make_round(stage, samples=(SamplePlan("S1", (ItemPlan("HBSAG", words),)),))
    (item,) = items_of(found)
    make_returned(stage, item, "positive", site=stage.hub, analyzer=analyzers[0])
    further(stage, item, analyzers[1], "negative")
    close(stage, found)
    with acting(stage.manager):
        assert ProficiencyScore.objects.get(is_further=True).signal == "action"


class TestOverRounds:
    def test_each_analyzer_has_its_own_course(
        self, stage: Stage, analyzers: tuple[Analyzer, Analyzer]
    ) -> None:
        for at, (own, other) in enumerate((("5.0", "5.8"), ("5.1", "5.9"), ("5.0", "5.0"))):
            found = evaluated(stage, (analyzers[0], own), (analyzers[1], other), code=str(at), days=at)
        with acting(stage.technologist):
            test = items_of(found)[0].test_id
            points = trend(stage.hub.pk, test)
            assert [one.analyzer for one in points] == ["A-1", "A-2"] * 3
            assert participation_in(points).satisfactory == (True, True, True)
            assert participation_in(points, "A-2").satisfactory == (False, False, True)
            assert participation_in(points, "A-2").is_unsuccessful
            lines = standing_by_test(stage.hub.pk)
            assert [(one.analyzer, one.is_further, one.mean_z) for one in lines] == [
                ("A-1", False, D(0)),
                ("A-2", True, D(0)),
            ]

    def test_two_warnings_in_a_row_are_of_one_analyzer(
        self, stage: Stage, analyzers: tuple[Analyzer, Analyzer]
    ) -> None:
        first, second = analyzers
        evaluated(stage, (first, "5.5"), (second, "5.0"), code="1")
        evaluated(stage, (first, "5.0"), (second, "5.5"), code="2", days=1)
        with acting(stage.manager):
            assert not FailureCase.objects.filter(laboratory=stage.hub).exists()
        evaluated(stage, (first, "5.5"), (second, "5.5"), code="3", days=2)
        with acting(stage.manager):
            case = FailureCase.objects.get(laboratory=stage.hub)
            assert (case.why, case.score.is_further) == ("two_warnings", True)


def test_others_do_not_see_how_many_analyzers_one_has(
    stage: Stage, analyzers: tuple[Analyzer, Analyzer]
) -> None:
    found = evaluated(stage, (analyzers[0], "5.1"), (analyzers[1], "5.8"))
    (item,) = items_of(found)
    with acting(stage.technologist):
        assert [(one.value, one.is_further) for one in returned_values(item.pk)] == [
            (D("5.1"), False),
            (D("5.8"), True),
        ]
    with acting(stage.at_spoke):
        assert [one.value for one in returned_values(item.pk)] == [D("5.1")]


def test_the_database_holds_what_was_submitted(stage: Stage, analyzers: tuple[Analyzer, Analyzer]) -> None:
    found = make_round(stage)
    (item,) = items_of(found)
    make_returned(stage, item, "5.0", site=stage.hub, analyzer=analyzers[0])
    submit(stage, found)
    own = ProficiencyResult.objects.filter(item=item)
    for change in ({"value": D("5.1")}, {"text": "5.1"}, {"is_further": True}):
        with pytest.raises(ProgrammingError, match="what was submitted"), acting(stage.technologist):
            own.update(**change)
    with acting(stage.manager):
        report = b"sample,test,participant,assigned,z\nS1,GLUS,01,5.1,-0.5\n"
        import_report(found, report, by=stage.manager, at=NOW)
        assert own.get().provider_z == D("-0.5"), "what a provider says of it is added"
    with acting(stage.technologist), pytest.raises(Refused, match="stand as they are"):
        record_eqa_result(item, stage.hub, Returned("5.2"), by=stage.technologist, at=NOW)
    further(stage, item, analyzers[1], "5.3")
