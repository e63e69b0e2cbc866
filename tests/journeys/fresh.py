"""Tubes and results of this very hour, for journeys in which the clock of the processes matters."""

from datetime import timedelta

from django.utils import timezone

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.results.models import Result
from aliquot.flow.specimens.actions import accept_specimens, collect_specimens
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from tests.factories import make_index, make_order, make_result
from tests.journeys.stage import Stage, state
from tests.processes import wait_for
from tests.regions import Region, one_with

ANALYZER = "roche_cobas_c311"


def fresh_tube(region: Region, *codes: str) -> Specimen:
    """A tube drawn fifty minutes ago and taken in half an hour ago, by the real clock."""
    now = timezone.now()
    order = make_order(region, *codes, at=now - timedelta(hours=1))
    nurse = one_with(region, "nurse", order.ordering_site)
    with acting(nurse):
        number = order.specimens.order_by("id")[0].number
        drawn = now - timedelta(minutes=50)
        collect_specimens([number], collected_at=drawn, identity_confirmed=True, by=nurse, at=drawn)
    technologist = one_with(region, "technologist", order.laboratory)
    with acting(technologist):
        taken = now - timedelta(minutes=30)
        accept_specimens([number], site=order.laboratory, by=technologist, at=taken)
        return Specimen.objects.get(number=number)


def fresh_result(stage: Stage, code: str, value: str, *, haemolysis: str = "") -> int:
    """What the hub's chemistry analyzer measures now in a fresh tube; the worker has not decided it yet."""

    def make() -> int:
        tube, now = fresh_tube(stage.region, code), timezone.now()
        with acting(stage.region.worker):
            analyzer = Analyzer.objects.get(code=ANALYZER)
            if haemolysis:
                make_index(tube, analyzer, haemolysis, at=now)
            made = make_result(
                stage.region, tube, code, value, at=now, measured_at=now, analyzer_id=analyzer.pk
            )
            return made.pk

    return int(stage.in_python(make))


def state_of(stage: Stage, result: int) -> str:
    """What the rules or people made of it, once it is decided."""
    wait_for(lambda: state(stage.live, result) != Result.State.RECORDED, f"result {result} is decided")
    return state(stage.live, result)


def reasons_of(stage: Stage, result: int) -> list[str]:
    """The codes of why it waits."""
    kept = stage.one("SELECT reasons FROM result WHERE id = %s", result)
    return [str(one["code"]) for one in kept]
