"""Who opens the pages of assessment, and a round that runs."""

import pytest
from django.test import Client

from aliquot.oversight.proficiency.models import ProficiencyRound
from tests.entrypoints.web.quality.rounds import running
from tests.oversight.proficiency.made import Stage, make_stage
from tests.regions import Region
from tests.web import signed_in


@pytest.fixture
def stage(region: Region) -> Stage:
    return make_stage(region)


@pytest.fixture
def quality(region: Region) -> Client:
    return signed_in("quality")


@pytest.fixture
def spoke(region: Region) -> Client:
    """The browser of the technologist of the rapid-response laboratory."""
    return signed_in("technologist.novomoskovsk")


@pytest.fixture
def found(stage: Stage) -> ProficiencyRound:
    return running(stage)
