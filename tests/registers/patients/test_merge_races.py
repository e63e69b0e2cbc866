"""An order that comes while two records are being merged."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.registers.patients.actions import merge_patients
from tests.factories import NOW, make_order, make_patient
from tests.processes import LiveRegion, wait_for
from tests.regions import read_region


def test_an_order_never_goes_to_a_record_that_is_just_merged_away(live_region: LiveRegion) -> None:
    region = read_region()
    kept, merged = make_patient(region), make_patient(region)
    everywhere = system_actor("desk", frozenset(site.pk for site in region.sites.values()))
    pointed = dict(connections["default"].settings_dict)

    def order() -> int:
        connections["default"].settings_dict.update(pointed)
        try:
            return int(make_order(region, patient=merged).patient_id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with acting(everywhere):
            merge_patients(kept, merged, reason="same passport", by=everywhere, at=NOW)
            placed = pool.submit(order)
            waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
            wait_for(lambda: live_region.look(waiting), "the order waits for the merge")
        assert placed.result(20) == kept.pk
