"""A round of external assessment of the hub with a row in each of its tables."""

from typing import Any

from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from aliquot.oversight.proficiency.models import (
    FailureCase,
    FailureStep,
    MaterialCheck,
    Participation,
    PlannedRound,
    ProficiencyItem,
    ProficiencyResult,
    ProficiencyRound,
    ProficiencySample,
    ProficiencyScore,
    ProficiencyTarget,
    SampleReceipt,
)
from aliquot.registers.network.models import Site
from tests.factories import NOW
from tests.regions import Region

LATER = NOW.replace(year=NOW.year + 100)


def assessed(hub: Site, tube: Specimen) -> FailureCase:
    """The case of its failed item, being investigated; the sample was measured in this tube."""
    own: dict[str, Any] = {"organiser": hub, "laboratory": hub}
    of_round = ProficiencyRound.objects.create(
        organiser=hub, kind="own", code="1", submit_by=LATER, opened_at=NOW, opened_by="t"
    )
    day = NOW.date()
    PlannedRound.objects.create(
        laboratory=hub, scheme="s", tests=["K"], samples_on=day, due_on=day, planned_at=NOW, planned_by="t"
    )
    Participation.objects.create(round=of_round, code="1", **own)
    sample = ProficiencySample.objects.create(round=of_round, organiser=hub, code="1")
    test = tube.tests.earliest("id").test
    item = ProficiencyItem.objects.create(round=of_round, sample=sample, organiser=hub, test=test)
    ProficiencyTarget.objects.create(item=item, round=of_round, organiser=hub, assigned=5)
    MaterialCheck.objects.create(
        item=item, organiser=hub, kind="stability", values={}, is_passed=True, verdict={}, at=NOW, by="t"
    )
    SampleReceipt.objects.create(
        sample=sample, condition="good", specimen=tube, received_at=NOW, received_by="t", **own
    )
    result = ProficiencyResult.objects.create(
        item=item, round=of_round, text="7", value=7, entered_at=NOW, entered_by="t", **own
    )
    score = ProficiencyScore.objects.create(
        item=item, round=of_round, test=test, result=result, signal="action", z=10, at=NOW, **own
    )
    case = FailureCase.objects.create(score=score, why="action", opened_at=NOW, **own)
    FailureStep.objects.create(
        case=case, step="clerical", finding="excluded", note="t", at=NOW, by="t", **own
    )
    return case


def assessed_at(region: Region, tube: Specimen) -> dict[tuple[str, str], object]:
    """The ids of such a round by the addresses that name them."""
    with acting(region.worker):
        case = assessed(region.hub, tube)
    return {
        ("rounds", "round_id"): case.score.round_id,
        ("at", "site"): region.hub.code,
        ("items", "item_id"): case.score.item_id,
        ("cases", "case_id"): case.pk,
        ("planned", "planned_id"): PlannedRound.objects.get().pk,
    }
