"""A running round as its pages show it: returned by forms, evaluated by a button."""

from datetime import timedelta
from decimal import Decimal

from django.test import Client
from django.utils import timezone

from aliquot.foundation.context import acting
from aliquot.oversight.proficiency.actions import ItemPlan, SamplePlan, open_round
from aliquot.oversight.proficiency.models import ProficiencyRound
from aliquot.oversight.proficiency.rules.items import Basis, Target
from tests.oversight.proficiency.made import GLUCOSE, Stage, items_of, make_plan

D = Decimal
POTASSIUM = Target(Basis.REFERENCE, D("4.0"), D("0.02"), D("0.1"))
HUB, SPOKE = "TUL-HUB", "TUL-NOV"


def running(stage: Stage) -> ProficiencyRound:
    """A running round of two samples with two tests, of the hour that the clock of the pages shows."""
    now = timezone.now()
    items = (ItemPlan("GLUS", GLUCOSE), ItemPlan("K", POTASSIUM))
    samples = (SamplePlan("S1", items), SamplePlan("S2", items))
    plan = make_plan(stage, samples=samples, submit_by=now + timedelta(days=3))
    with acting(stage.manager):
        return open_round(plan, organiser=stage.hub, by=stage.manager, at=now - timedelta(days=1))


def words(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def sheet(found: ProficiencyRound, site: str = SPOKE) -> str:
    return f"/quality/eqa/rounds/{found.pk}/at/{site}/"


def values(found: ProficiencyRound, *texts: str) -> dict[str, str]:
    """The form of results with these values, item by item."""
    items = items_of(found)
    given = {f"value_{one.pk}": text for one, text in zip(items, texts, strict=True)}
    return given | {f"unit_{one.pk}": one.unit for one in items}


def returned(client: Client, found: ProficiencyRound, *texts: str, site: str = SPOKE) -> None:
    assert client.post(f"{sheet(found, site)}results/", values(found, *texts)).status_code == 302
    assert client.post(f"{sheet(found, site)}submit/").status_code == 302


def evaluated(quality: Client, spoke: Client, found: ProficiencyRound) -> ProficiencyRound:
    """Evaluated: glucose of the spoke is far too high in both samples, its potassium once a little."""
    returned(spoke, found, "5.7", "4.0", "5.8", "4,25")
    returned(quality, found, "5.0", "4.0", "5.1", "4.0", site=HUB)
    assert quality.post(f"/quality/eqa/rounds/{found.pk}/close/").status_code == 302
    found.refresh_from_db()
    return found
