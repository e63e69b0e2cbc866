"""The demonstration's rounds are real: scored by the rules, with a failure to work off and one that runs."""

from decimal import Decimal

import pytest

from aliquot.entrypoints.demonstration.rounds import TESTS, install_rounds
from aliquot.foundation.context import acting
from aliquot.oversight.proficiency.models import FailureCase, ProficiencyRound, ProficiencyScore
from aliquot.oversight.proficiency.queries import rounds_of, trend
from tests.factories import NOW
from tests.regions import Region

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_two_rounds_are_evaluated_and_one_runs(region: Region) -> None:
    install_rounds(region.hub, at=NOW)
    spoke = region.sites["TUL-NOV"]
    with acting(region.worker):
        states = dict(ProficiencyRound.objects.values_list("code", "state"))
        assert states == {"TUL-1": "closed", "TUL-2": "closed", "TUL-3": "open"}
        assert ProficiencyScore.objects.filter(round__code="TUL-2").count() == 4 * len(TESTS)
        case = FailureCase.objects.get()
        assert (case.score.test.code, case.laboratory_id, case.why) == ("K", spoke.pk, "action")
        course = [one.z for one in trend(spoke.pk, case.score.test_id)]
        assert course[-1] is not None
        assert course[-1] > Decimal(3)
        assert [one.returned for one in rounds_of(region.hub.pk)] == [0, 10, 10]


def test_what_is_there_stays(region: Region) -> None:
    install_rounds(region.hub, at=NOW)
    install_rounds(region.hub, at=NOW)
    with acting(region.worker):
        assert ProficiencyRound.objects.count() == 3
