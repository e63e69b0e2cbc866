"""Builders of rows for tests: through the actions that a person would use. Add what you need; keep it small."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from aliquot.flow.instruments.actions import FiledReading
from aliquot.flow.instruments.models import Analyzer, Message, Reading, SpecimenIndex
from aliquot.flow.orders.actions import OrderRequest
from aliquot.flow.orders.models import Order
from aliquot.flow.results.actions import autoverify_batch
from aliquot.flow.results.actions.recording import keep_results
from aliquot.flow.results.models import Result
from aliquot.flow.specimens.actions import accept_specimens, collect_specimens, order_tests
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.verification.rules.rounding import read_entry
from aliquot.foundation.context import acting
from aliquot.registers.network.models import Site
from aliquot.registers.patients.actions import PatientFacts, register_patient
from aliquot.registers.patients.models import Patient
from tests.regions import Region, one_with
from tests.tubes import make_analyzer

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
"""The moment tests act at unless they say otherwise."""

_serial = count(1)


def make_patient(region: Region, *, site: Site | None = None, **changes: Any) -> Patient:
    """A woman of forty registered at the first clinic by its nurse; `changes` are facts of PatientFacts."""
    place = site or region.clinic
    facts = PatientFacts(
        family_name="Берёзкина",
        given_name="Анна",
        patronymic=f"Номер-{next(_serial)}",
        birth_date=date(1986, 3, 14),
        sex="F",
    )
    nurse = one_with(region, "nurse", place)
    with acting(nurse):
        return register_patient(replace(facts, **changes), site=place, by=nurse, at=NOW)


def make_order(
    region: Region,
    *codes: str,
    patient: Patient | None = None,
    site: Site | None = None,
    at: datetime = NOW - timedelta(hours=2),
    **changes: Any,
) -> Order:
    """An order with its tubes planned, by the clinic's nurse; GLUS and K unless codes are given."""
    place = site or region.clinic
    nurse = one_with(region, "nurse", place)
    for_whom = patient or make_patient(region, site=place)
    request = OrderRequest(for_whom.pk, codes or ("GLUS", "K"), "Dr. Lugovoy")
    with acting(nurse):
        return order_tests(replace(request, **changes), site=place, by=nurse, at=at)


def make_specimen(
    region: Region,
    *codes: str,
    order: Order | None = None,
    collected_at: datetime = NOW - timedelta(minutes=50),
    **changes: Any,
) -> Specimen:
    """The first tube of an order, drawn fifty minutes ago; `changes` go to make_order."""
    wanted = order or make_order(region, *codes, **changes)
    nurse = one_with(region, "nurse", wanted.ordering_site)
    with acting(nurse):
        specimen = wanted.specimens.order_by("id")[0]
        return collect_specimens(
            [specimen.number],
            collected_at=collected_at,
            identity_confirmed=True,
            by=nurse,
            at=max(NOW, collected_at),
        )[0]


def make_accepted(
    region: Region, *codes: str, at: datetime = NOW - timedelta(minutes=30), **changes: Any
) -> Specimen:
    """A tube taken in at the hub, half an hour ago by itself; `changes` go to make_specimen."""
    specimen = make_specimen(region, *codes, **changes)
    technologist = one_with(region, "technologist", specimen.laboratory)
    with acting(technologist):
        accept_specimens([specimen.number], site=specimen.laboratory, by=technologist, at=at)
    specimen.refresh_from_db()
    return specimen


def make_fresh(region: Region, *codes: str, **changes: Any) -> Specimen:
    """A tube of this very hour, for pages and processes, whose clock is the real one; `changes` go to make_order."""
    now = timezone.now()
    order = make_order(region, *codes, at=now - timedelta(hours=1), **changes)
    drawn, taken = now - timedelta(minutes=50), now - timedelta(minutes=30)
    return make_accepted(region, order=order, collected_at=drawn, at=taken)


def make_result(
    region: Region, specimen: Specimen, code: str, value: str, *, at: datetime = NOW, **changes: Any
) -> Result:
    """What an analyzer measured in this tube, recorded and not yet decided; `changes` are of FiledReading."""
    served = specimen.tests.select_related("order_item__order", "test").get(test__code=code)
    entry = read_entry(value)
    analyzer = Analyzer.objects.filter(laboratory=specimen.laboratory).first()
    reading = FiledReading(
        reading_id=next(_serial),
        specimen_id=specimen.pk,
        order_item_id=served.order_item_id,
        order_id=specimen.order_id,
        patient_id=served.order_item.order.patient_id,
        test_id=served.test_id,
        analyzer_id=(analyzer or make_analyzer(specimen.laboratory, "roche_cobas_c311", "C311-T")).pk,
        laboratory_id=specimen.laboratory_id,
        ordering_site_id=specimen.ordering_site_id,
        value_text=value,
        number=entry.value,
        comparator=entry.comparator,
        unit=served.test.unit,
        flags=(),
        measured_at=NOW,
        collected_at=specimen.collected_at,
        urgency=served.order_item.order.urgency,
        decimals=served.test.decimals,
    )
    with acting(region.worker):
        ids = keep_results([replace(reading, **changes)], at=at)
        return Result.objects.get(pk=ids[0])


def make_index(
    specimen: Specimen, analyzer: Analyzer, level: str, *, at: datetime = NOW, **changes: Any
) -> SpecimenIndex:
    """Haemolysis of a tube as its analyzer measured it, in g/L; `changes` are columns of the index."""
    of_tube = {"laboratory": specimen.laboratory, "analyzer": analyzer, "specimen": specimen, "index": "H"}
    message = Message.objects.create(
        laboratory=specimen.laboratory,
        analyzer=analyzer,
        received_at=at,
        content=b"x",
        digest=b"y",
        state="received",
    )
    reading = Reading.objects.create(
        message=message, position=1, value=level, state="filed", stage="filed", **of_tube
    )
    facts = {"reading": reading, "level": level, "unit": "g/L", "grade": level, "measured_at": at}
    return SpecimenIndex.objects.create(**of_tube, **{**facts, **changes})


def make_decided(
    region: Region, specimen: Specimen, code: str, value: str, *, decided_at: datetime = NOW, **changes: Any
) -> Result:
    """The same after the rules have seen it, and with it all that waits for them."""
    result = make_result(region, specimen, code, value, **changes)
    with acting(region.worker):
        autoverify_batch(limit=1000, by=region.worker, at=decided_at)
        result.refresh_from_db()
        return result
