"""A tube goes to another node and its result comes back: two databases, doors, workers and postmen as processes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aliquot.flow.orders.models import OrderItem
from aliquot.flow.results.actions import amend_result, enter_result, release_results
from aliquot.flow.results.models import Result
from aliquot.flow.specimens.actions import accept_specimens
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from aliquot.oversight.referrals.actions import agree_partner, send_out
from aliquot.oversight.referrals.queries import partners_of
from tests.factories import NOW, make_accepted, make_patient
from tests.oversight.federation.living import BY, PATIENCE, LiveNode, two_nodes
from tests.processes import pointed_at, wait_for
from tests.regions import one_with, read_region

SNILS = "11223344595"


@pytest.fixture
def nodes(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[LiveNode, LiveNode]]:
    """Two nodes that know each other, with all their processes."""
    with two_nodes(django_db_blocker, tmp_path) as pair:
        for one in pair:
            one.serve()
            one.live.start("work")
            one.live.start("post")
        yield pair


def send(here: LiveNode, there: LiveNode) -> Specimen:
    """A tube of the first region whose potassium the other one is to measure; both have agreed."""
    for one, peer in ((there, here), (here, there)):
        with pointed_at(one.live), acting(BY):
            names: dict[str, Any] = {"name_en": peer.code, "name_ru": peer.code}
            hub = read_region().hub
            agree_partner(peer.code, **names, prefix="77", laboratory=hub, by=BY, at=NOW)
    with pointed_at(here.live):
        region = read_region()
        with acting(region.worker):
            patient = make_patient(region, family_name="Сокровенная", snils=SNILS)
            tube = make_accepted(region, "K", patient=patient)
        technologist = one_with(region, "technologist", region.hub)
        with acting(technologist):
            (partner,) = partners_of(region.hub.pk, NOW)
            send_out(tube, ["K"], to=partner, by=technologist, at=NOW)
    return tube


def values(node: LiveNode) -> list[tuple[str, str]]:
    """Every value of the node with its state, in the order they came."""
    return [
        (str(one), str(two))
        for one, two in node.live.look("SELECT value_text, state FROM result ORDER BY id")
    ]


@pytest.mark.journey
def test_a_result_comes_back_and_its_correction_follows(nodes: tuple[LiveNode, LiveNode]) -> None:
    here, there = nodes
    tube = send(here, there)
    wait_for(
        lambda: there.count(f"number = '{tube.number}'", "specimen"), "the tube to be announced", PATIENCE
    )
    with pointed_at(there.live):
        region = read_region()
        with acting(region.worker):
            accept_specimens([tube.number], site=region.hub, by=region.worker, at=NOW)
            item = OrderItem.objects.get(order__specimens__number=tube.number)
            result = enter_result(item, "4.1", by=region.worker, at=NOW)
            release_results([result.pk], by=region.worker, at=NOW)
    wait_for(lambda: ("4.1", "held") in values(here), "the result to come back", PATIENCE)
    with pointed_at(here.live):
        region = read_region()
        with acting(region.worker):
            filed = Result.objects.get(specimen__number=tube.number)
            release_results([filed.pk], by=region.worker, at=NOW)
    with pointed_at(there.live), acting(region.worker):
        amend_result(result, "4.4", reason="typing error", by=region.worker, at=NOW)
    wait_for(lambda: ("4.4", "released") in values(here), "the correction to follow", PATIENCE)
    assert values(here) == [("4.1", "superseded"), ("4.4", "released")]
    told = there.live.look("SELECT string_agg(p::text, ' ') FROM patient p")[0][0]
    assert "R-" in told
    assert "Сокровенная" not in told
    assert SNILS not in told
