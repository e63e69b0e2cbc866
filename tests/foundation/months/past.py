"""A finished month of the past in a database of its own: a released result, its call told, its audit."""

from dataclasses import dataclass

from aliquot.flow.results.models import CriticalCall, Result
from aliquot.foundation.context import acting
from aliquot.foundation.months.rules.calendar import Month
from tests.factories import NOW, make_accepted
from tests.processes import LiveRegion
from tests.regions import Region

MARCH = Month.parse("2025-03")
TABLES = ("result", "audit_row", "audit_block")


@dataclass(frozen=True, slots=True)
class Past:
    """What stands in March 2025: the id of the result, of its test of the order, and of the patient."""

    result: int
    item: int
    patient: int


def make_march(live: LiveRegion, region: Region) -> Past:
    """Make the month with one released result, and lay all of the audit so far into it."""
    for table in TABLES:
        live.look("SELECT add_month(%s, %s)", table, MARCH.number)
    with acting(region.worker):
        tube = make_accepted(region, "K")
        item = tube.order.items.get()
        parties = {"ordering_site": region.clinic, "laboratory": region.hub, "order": tube.order}
        result = Result.objects.create(
            id=MARCH.low + 1,
            order_item=item,
            specimen=tube,
            patient_id=tube.order.patient_id,
            test=item.test,
            value_text="6.9\n",
            value="6.9",
            recorded_at=NOW,
            released_at=NOW,
            state="released",
            analyzer_flags=["\\N", 'a"b,c'],
            **parties,
        )
        CriticalCall.objects.create(
            result=result,
            patient_id=tube.order.patient_id,
            test_id=result.test_id,
            state="closed",
            opened_at=NOW,
            due_at=NOW,
            closed_at=NOW,
            told_to="Dr. Lugovoy",
            read_back="6.9",
            **parties,
        )
    live.look(
        "UPDATE lab_order SET state = 'completed', placed_at = '2025-03-05+00' WHERE id = %s", tube.order_id
    )
    lay_audit_into_march(live)
    return Past(result.pk, item.pk, tube.order.patient_id)


def lay_audit_into_march(live: LiveRegion) -> None:
    """As if all that was audited in months so far had been in March; the chains do not hold the month."""
    shift = (1 << 40) - 1
    live.look(
        "UPDATE audit_row SET block_id = (block_id & %s) + %s WHERE block_id > %s", shift, MARCH.low, shift
    )
    live.look("UPDATE audit_block SET id = (id & %s) + %s WHERE id > %s", shift, MARCH.low, shift)


def contents(live: LiveRegion) -> list[tuple[object, ...]]:
    """Everything that stands in March, as text."""
    return [
        row
        for table, key in (("result", "id"), ("audit_row", "block_id"), ("audit_block", "id"))
        for row in live.look(
            f"SELECT '{table}', t::text FROM {table} t WHERE {key} >= %s AND {key} < %s ORDER BY 2",
            MARCH.low,
            MARCH.plus(1).low,
        )
    ]


def attached(live: LiveRegion) -> int:
    """How many tables of March are parts of theirs."""
    return len(
        live.look(
            "SELECT 1 FROM pg_class WHERE relispartition AND relkind = 'r' AND relname LIKE '%%2025_03'"
        )
    )


def standing(live: LiveRegion) -> int:
    """How many tables of March there are, attached or not."""
    return len(live.look("SELECT 1 FROM pg_class WHERE relkind = 'r' AND relname LIKE '%%2025_03'"))
