"""Results of this very hour, for journeys in which the clock of the processes matters."""

from django.utils import timezone

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.results.models import Result
from aliquot.foundation.context import acting
from tests.factories import make_fresh, make_index, make_result
from tests.journeys.stage import Stage, state
from tests.processes import wait_for

ANALYZER = "roche_cobas_c311"


def fresh_result(stage: Stage, code: str, value: str, *, haemolysis: str = "") -> int:
    """What the hub's chemistry analyzer measures now in a fresh tube; the worker has not decided it yet."""

    def make() -> int:
        with acting(stage.region.worker):
            tube, now = make_fresh(stage.region, code), timezone.now()
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
