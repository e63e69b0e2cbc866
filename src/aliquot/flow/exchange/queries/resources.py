"""Orders, patients and specimens in FHIR's words."""

from collections.abc import Iterable
from typing import Any

from aliquot.flow.exchange.models import InboundDocument
from aliquot.flow.exchange.rules.codebook import CodeBook, Orderable, make_codebook
from aliquot.flow.exchange.rules.resources import (
    Resource,
    patient_resource,
    service_request,
    specimen_resource,
)
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.specimens.models import Specimen
from aliquot.registers.catalogue.models import Panel, Test
from aliquot.registers.network.models import Site
from aliquot.registers.patients.models import Patient


def read_codebook() -> CodeBook:
    """What other systems' codes mean in this catalogue."""
    names = ("code", "loinc", "nmu_804n")
    rows = Panel.objects.order_by("id").values_list(*names)
    panels = [Orderable(code, loinc, nmu, is_panel=True) for code, loinc, nmu in rows]
    tests = [Orderable(*row) for row in Test.objects.order_by("id").values_list(*names, "fsli_1080")]
    return make_codebook([*panels, *tests])


def fingerprints_of(order: Order) -> set[str]:
    """What the documents that led to this order asked for, each as a digest."""
    applied = InboundDocument.objects.filter(order=order, state=InboundDocument.State.APPLIED)
    return {str(one["asked"]) for one in applied.values_list("outcome", flat=True) if "asked" in one}


def order_of(site: Site, system: str, number: str) -> Order | None:
    """The order that a place sent under this number of its own."""
    found = Order.objects.select_related("patient")
    return found.filter(ordering_site=site, external_system=system, external_number=number).first()


def order_facts(order: Order) -> dict[str, Any]:
    """An order as the rules take it: times in ISO 8601."""
    kept = (
        "id", "number", "patient_id", "urgency", "state", "requester", "diagnosis",
        "external_system", "external_number",
    )  # fmt: skip
    changed = order.completed_at or order.cancelled_at or order.placed_at
    times = {"placed_at": order.placed_at.isoformat(), "changed_at": changed.isoformat()}
    return {name: getattr(order, name) for name in kept} | times


def request_resources(order: Order, codes: Iterable[str]) -> dict[str, Resource]:
    """The ServiceRequest of each of these codes that the order holds, as a test or as a panel."""
    items = list(OrderItem.objects.filter(order=order).values_list("panel", "test__code"))
    held = {code for pair in items for code in pair if code}
    facts = order_facts(order)
    tubes = sorted(
        Specimen.objects.filter(order=order).exclude(state="cancelled").values_list("id", flat=True)
    )
    return {
        one.code: service_request(facts, one, name, tubes) for one, name in _orderables(held & set(codes))
    }


def patient_facts(patient: Patient) -> Resource:
    """A patient as FHIR says it."""
    kept = ("id", "snils", "policy_number", "family_name", "given_name", "patronymic", "sex")
    born = patient.birth_date.isoformat() if patient.birth_date else None
    return patient_resource({name: getattr(patient, name) for name in kept} | {"birth_date": born})


def specimen_facts(specimen: Specimen) -> Resource:
    """A specimen as FHIR says it."""
    received = specimen.accepted_at or specimen.arrived_at
    return specimen_resource(
        {
            "id": specimen.pk,
            "number": specimen.number,
            "state": specimen.state,
            "code": specimen.specimen_type.code,
            "name": specimen.specimen_type.name_en,
            "nsi_1081": specimen.specimen_type.nsi_1081,
            "patient_id": specimen.order.patient_id,
            "received_at": received.isoformat() if received else None,
            "collected_at": specimen.collected_at.isoformat() if specimen.collected_at else None,
        }
    )


def _orderables(codes: set[str]) -> list[tuple[Orderable, str]]:
    panels = Panel.objects.filter(code__in=codes)
    tests = Test.objects.filter(code__in=codes)
    return [
        *((Orderable(one.code, one.loinc, one.nmu_804n, is_panel=True), one.name_en) for one in panels),
        *((Orderable(one.code, one.loinc, one.nmu_804n, one.fsli_1080), one.name_en) for one in tests),
    ]
