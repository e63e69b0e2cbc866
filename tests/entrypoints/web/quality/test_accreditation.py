"""The binder counts what is there, leads to it, and names what is not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from aliquot.entrypoints.web.quality.accreditation.views import KINDS
from aliquot.foundation.context import acting
from aliquot.oversight.accreditation.queries import EVIDENCE, binder_of, clauses
from aliquot.oversight.accreditation.rules.clauses import Standing
from tests.flow.quality.benches import make_controlled
from tests.regions import Region
from tests.web import signed_in


def test_every_kind_of_record_has_words_and_serves_a_clause() -> None:
    assert KINDS.keys() == EVIDENCE.keys()
    assert {kind for one in clauses() for kind in one.evidence} == EVIDENCE.keys()
    assert all(one.name_ru and bool(one.missing_en) == bool(one.missing_ru) for one in clauses())


def test_evidence_is_counted_live(region: Region) -> None:
    since = timezone.now() - timedelta(days=365)

    def control() -> dict[str, int]:
        with acting(region.worker):
            return next(
                one for one in binder_of(region.hub, since=since) if one.clause.number == "7.3.7.2"
            ).counts

    assert control() == {"control_plans": 0, "control_runs": 0, "violations": 0, "monitors": 0}
    bench = make_controlled(region)
    bench.run(0, 0)
    assert control() == {"control_plans": 1, "control_runs": 1, "violations": 0, "monitors": 0}


def test_a_clause_without_records_is_a_gap(region: Region) -> None:
    with acting(region.worker):
        found = {one.clause.number: one.standing for one in binder_of(region.hub, since=timezone.now())}
    assert found["6.3"] is Standing.NONE
    assert found["4.1-4.2"] is not Standing.HELD


@pytest.mark.usefixtures("region")
@pytest.mark.parametrize(
    ("language", "name", "gap"),
    [
        ("en", "Internal quality control", "environmental monitoring"),
        ("ru", "Внутренний контроль качества", "контроль среды"),
    ],
)
def test_the_page_names_clauses_links_and_gaps(language: str, name: str, gap: str) -> None:
    page = signed_in("quality", language=language).get("/quality/accreditation/").content.decode()
    assert name in page
    assert gap in page
    assert 'href="/quality/indicators/"' in page


@pytest.mark.usefixtures("region")
def test_a_nurse_does_not_read_it() -> None:
    assert signed_in("nurse").get("/quality/accreditation/").status_code == 403
