"""Tables of a round: results of participants, reports of providers; every fault with its cell, nothing half kept."""

from dataclasses import replace
from decimal import Decimal

import pytest

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.proficiency.actions import (
    ItemPlan,
    SamplePlan,
    cancel_round,
    close_round,
    import_report,
    import_results,
)
from aliquot.oversight.proficiency.models import (
    FailureCase,
    ProficiencyResult,
    ProficiencyRound,
    ProficiencyScore,
    ProficiencyTarget,
)
from aliquot.oversight.proficiency.rules.items import Basis, Target
from tests.factories import NOW
from tests.foundation.test_sheets import make_workbook
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
WORDS = Target(Basis.EXPERT, expected="positive")


@pytest.fixture
def stage(region: Region) -> Stage:
    return make_stage(region)


@pytest.fixture
def found(stage: Stage) -> ProficiencyRound:
    """Two samples: glucose and potassium in the first, a word in the second."""
    samples = (
        SamplePlan("S1", (ItemPlan("GLUS", GLUCOSE), ItemPlan("K", replace(GLUCOSE, assigned=D(4))))),
        SamplePlan("S2", (ItemPlan("HBSAG", WORDS),)),
    )
    return make_round(stage, samples=samples)


def test_results_of_all_laboratories_from_one_table(stage: Stage, found: ProficiencyRound) -> None:
    """By number or code of the laboratory, by any name of the test; what is empty was not returned."""
    rows: list[list[str | float]] = [
        ["Участник", "Образец", "Показатель", "Результат", "Единица", "u", "Метод"],
        ["02", "s1", "GLUS", 5.1, "mmol/L", 0.1, "hexokinase"],
        ["TUL-HUB", "S1", "K", "4,2", "", "", ""],
        ["02", "S1", "K", "", "", "", ""],
        ["02", "S2", "", "positive", "", "", ""],
    ]
    with acting(stage.manager):
        kept = import_results(found, make_workbook(rows), by=stage.manager, at=NOW)
        assert [(one.laboratory_id, one.text, one.value, one.u, one.method) for one in kept] == [
            (stage.spoke.pk, "5.1", D("5.1"), D("0.1"), "hexokinase"),
            (stage.hub.pk, "4,2", D("4.2"), None, ""),
            (stage.spoke.pk, "positive", None, None, ""),
        ]


def test_every_fault_is_told_with_its_cell_and_nothing_is_kept(stage: Stage, found: ProficiencyRound) -> None:
    table = (
        "participant,sample,test,value,unit\n"
        "02,S1,GLUS,5.1,\n"
        "77,S1,GLUS,5.1,\n"
        "02,S9,GLUS,5.1,\n"
        "02,S1,TSH,5.1,\n"
        "02,S1,,5.1,\n"
        "02,,K,5.1,\n"
    )
    with acting(stage.manager):
        with pytest.raises(Refused) as told:
            import_results(found, table.encode(), by=stage.manager, at=NOW)
        assert told.value.reason.splitlines() == [
            "B7: the sample is missing.",
            "D3: no laboratory “77” takes part in the round.",
            "D4: the round has no sample “S9”.",
            "D5: sample S1 has no test “TSH”, or several.",
            "D6: sample S1 has no test “”, or several.",
        ]
        rows = "participant,sample,test,value,unit\n02,S1,GLUS,high,\n02,S1,K,4,kg\n01,S1,K,4,\n"
        with pytest.raises(Refused, match=r"(?s)^D2: .*high.* is no number.*\nD3: The unit kg does not"):
            import_results(found, rows.encode(), by=stage.manager, at=NOW)
        assert not ProficiencyResult.objects.exists()


def test_a_long_list_of_faults_is_cut(stage: Stage, found: ProficiencyRound) -> None:
    table = "participant,sample,test,value\n" + "77,S1,GLUS,5\n" * 30
    with acting(stage.manager), pytest.raises(Refused) as told:
        import_results(found, table.encode(), by=stage.manager, at=NOW)
    lines = told.value.reason.splitlines()
    assert len(lines) == 21
    assert lines[-1].startswith("… and ")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("colour\nred\n", "cannot be read: no line of headings"),
        ("participant,sample\n02,S1\n", "The column “value” is missing"),
        ("participant,sample,value\n", "no line with a result"),
    ],
)
def test_what_is_no_table_of_results(table: str, words: str, stage: Stage, found: ProficiencyRound) -> None:
    with acting(stage.manager), pytest.raises(Refused, match=words):
        import_results(found, table.encode(), by=stage.manager, at=NOW)


def test_a_laboratory_reads_in_only_its_own_results(stage: Stage, found: ProficiencyRound) -> None:
    """It sees no other participant, so that its own number need not stand in the table."""
    with acting(stage.at_spoke):
        with pytest.raises(Refused, match="no laboratory “01” takes part"):
            import_results(found, b"participant,sample,test,value\n01,S1,K,4\n", by=stage.at_spoke, at=NOW)
        (kept,) = import_results(found, b"sample,test,value\nS1,K,4\n", by=stage.at_spoke, at=NOW)
        assert kept.laboratory_id == stage.spoke.pk
        with pytest.raises(Refused, match="The deadline was"):
            import_results(found, b"sample,test,value\nS1,K,4\n", by=stage.at_spoke, at=AFTERWARDS)


@pytest.fixture
def provided(stage: Stage) -> ProficiencyRound:
    """A provider's round whose assigned values come with its report."""
    samples = (
        SamplePlan("A", (ItemPlan("GLUS", Target(Basis.REFERENCE)), ItemPlan("K", Target(Basis.REFERENCE)))),
        SamplePlan("B", (ItemPlan("HBSAG", Target(Basis.EXPERT)),)),
    )
    participants = {stage.hub.pk: "4711"}
    return make_round(stage, kind="provider", provider="FSVOK", samples=samples, participants=participants)


def test_a_providers_report_brings_the_assigned_values(stage: Stage, provided: ProficiencyRound) -> None:
    for item, text in zip(items_of(provided), ("5.1", "4.4", "negative"), strict=True):
        make_returned(stage, item, text, site=stage.hub)
    report = (
        "Образец;Тест;x_pt;u_xpt;сигма;ожидаемый результат;z;оценка\n"
        "A;GLUS;5,0;0,02;0,2;;0,5;удовл.\n"
        "A;K;4,0;;0,1;;;\n"
        "B;HBSAG;;;;negative;;\n"
    ).encode("cp1251")
    with acting(stage.manager):
        with pytest.raises(Refused, match="Read in the provider's report first"):
            close_round(provided, by=stage.manager, at=AFTERWARDS)
        targets = import_report(provided, report, by=stage.manager, at=NOW)
        assert [(one.assigned, one.u_assigned, one.sigma, one.expected) for one in targets] == [
            (5, D("0.02"), D("0.2"), ""),
            (4, None, D("0.1"), ""),
            (None, None, None, "negative"),
        ]
        close_round(provided, by=stage.manager, at=AFTERWARDS)
        scores = ProficiencyScore.objects.filter(round=provided).order_by("item_id")
        assert [(one.z, one.signal) for one in scores] == [
            (D("0.5"), "acceptable"),
            (4, "action"),
            (None, "acceptable"),
        ]
        assert [one.score.test.code for one in FailureCase.objects.all()] == ["K"]
        said = ProficiencyResult.objects.get(item=items_of(provided)[0])
        assert (said.provider_z, said.provider_evaluation) == (D("0.5"), "удовл.")


def test_a_report_lacks_nothing_that_is_judged_by(stage: Stage, provided: ProficiencyRound) -> None:
    with acting(stage.manager):
        rows = "sample,test,assigned,sigma\nA,GLUS,,0.2\nA,K,4,-1\nB,,,\n"
        with pytest.raises(Refused) as told:
            import_report(provided, rows.encode(), by=stage.manager, at=NOW)
        assert told.value.reason == "D3: an uncertainty is not negative; “-1” is."
        with pytest.raises(Refused) as told:
            import_report(provided, b"sample,test,assigned\nA,GLUS,\nB,,\n", by=stage.manager, at=NOW)
        assert told.value.reason.splitlines() == [
            "A2: the assigned value, or the expected word, is missing.",
            "A3: the assigned value, or the expected word, is missing.",
        ]
        assert not ProficiencyTarget.objects.exclude(assigned=None).exists()
        cancel_round(provided, "withdrawn by the provider", by=stage.manager, at=NOW)
        with pytest.raises(Refused, match="is over"):
            import_report(provided, b"sample,test,assigned\nA,GLUS,5\n", by=stage.manager, at=NOW)
    with acting(stage.technologist), pytest.raises(Forbidden):
        import_report(provided, b"sample,test,assigned\nA,GLUS,5\n", by=stage.technologist, at=NOW)
