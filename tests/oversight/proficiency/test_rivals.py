"""A result comes while its round is being evaluated: who comes second waits and is told, nothing slips between."""

from collections.abc import Callable

import pytest

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.oversight.proficiency.actions import Returned, close_round, record_eqa_result
from aliquot.oversight.proficiency.models import ProficiencyResult, ProficiencyScore
from tests.factories import NOW
from tests.flow.results.test_races import PATIENCE, in_session, sessions
from tests.oversight.proficiency.made import AFTERWARDS, items_of, make_returned, make_round, make_stage
from tests.processes import LiveRegion, wait_for
from tests.regions import read_region

WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted"


def told_of(work: Callable[[], object]) -> str:
    """The words of a refusal."""
    with pytest.raises(Refused) as told:
        work()
    return told.value.reason


def test_a_result_that_comes_while_the_round_is_evaluated_is_refused(live_region: LiveRegion) -> None:
    stage = make_stage(read_region())
    found = make_round(stage)
    with acting(stage.manager):
        (item,) = items_of(found)
    make_returned(stage, item, "5.1")

    def rival() -> object:
        with acting(stage.at_spoke):
            return record_eqa_result(item, stage.spoke, Returned("5.9"), by=stage.at_spoke, at=NOW)

    with sessions() as pool:
        with acting(stage.manager):
            close_round(found, by=stage.manager, at=AFTERWARDS)
            late = in_session(pool, lambda: told_of(rival))
            wait_for(lambda: live_region.look(WAITING), "the second to wait for the first")
        assert late.result(PATIENCE) == "This round is over."
    with acting(stage.at_spoke):
        assert str(ProficiencyResult.objects.get().value) == "5.100000"
        assert str(ProficiencyScore.objects.get().z) == "0.500000"
