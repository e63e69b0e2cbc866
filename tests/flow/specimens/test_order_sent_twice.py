"""The same order sent by several connections at once is one order with one set of tubes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection, connections

from aliquot.flow.orders.actions import OrderRequest
from aliquot.flow.specimens.actions import order_tests
from aliquot.foundation.context import acting
from aliquot.registers.network.models import Site
from tests.factories import NOW, make_patient
from tests.regions import Region, one_with

Given = TypeVar("Given")

SENDERS = 4
TABLES = ("specimen_event", "specimen_test", "specimen", "order_item", "lab_order")


@pytest.mark.django_db(databases=["default", "owner"])
def test_four_senders_at_once_get_one_order(region: Region) -> None:
    site = region.sites["TUL-KRA"]
    ready = Barrier(SENDERS)
    try:
        patient_id = in_thread(lambda: make_patient(region, site=site).pk)
        with ThreadPoolExecutor(SENDERS) as pool:
            sent = [pool.submit(send, region, site, patient_id, ready) for _ in range(SENDERS)]
            orders = {one.result()[0] for one in sent}
            tubes = {one.result()[1] for one in sent}
        assert len(orders) == 1
        assert len(tubes) == 1
    finally:
        in_thread(lambda: remove(site))


def in_thread(work: Callable[[], Given]) -> Given:
    """What `work` gives back, done and committed on a connection of its own."""

    def run() -> Given:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def send(region: Region, site: Site, patient_id: int, ready: Barrier) -> tuple[int, tuple[str, ...]]:
    """One connection's own attempt: the order's id and its tubes."""
    nurse = one_with(region, "nurse", site)
    request = OrderRequest(patient_id, ("K",), "Dr. Lugovoy", external_system="mis", external_number="once")
    try:
        connection.ensure_connection()
        ready.wait(timeout=30)
        with acting(nurse):
            order = order_tests(request, site=site, by=nurse, at=NOW)
            return order.pk, tuple(order.specimens.values_list("number", flat=True))
    finally:
        connection.close()


def remove(site: Site) -> None:
    """Take the committed rows away again: other tests count theirs."""
    with connections["owner"].cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table} WHERE ordering_site_id = %s", [site.pk])
        cursor.execute(
            "DELETE FROM patient_site WHERE patient_id IN (SELECT id FROM patient WHERE home_site_id = %s)",
            [site.pk],
        )
        cursor.execute("DELETE FROM patient WHERE home_site_id = %s", [site.pk])
