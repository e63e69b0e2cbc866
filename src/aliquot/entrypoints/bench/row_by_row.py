"""The plain baseline: the same work by the ORM, a row at a time, one commit for each message.

The same driver, the same rules, the same tables with their row security and audit, as system:links and
system:worker would; only the way is the usual one.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import F
from django.utils import timezone

from aliquot.entrypoints.bench.workload import Upload
from aliquot.flow.instruments.models import Analyzer, Message, Reading, TestMapping
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.matching import Mapping, converted
from aliquot.flow.instruments.rules.reading import Reading as Read
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.results.models import Result
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.flow.verification.queries import current_book
from aliquot.flow.verification.rules.book import RuleBook
from aliquot.flow.verification.rules.decision import decide
from aliquot.flow.verification.rules.evidence import Evidence, Sibling, Siblings
from aliquot.foundation.actors import SystemActor
from aliquot.foundation.context import acting
from aliquot.foundation.events.models import Event
from aliquot.registers.patients.models import Patient
from aliquot.registers.people.sign_in import laboratories_actor


def file_messages(messages: Sequence[Upload]) -> int:
    """File these messages one after the other; how many results they brought."""
    by = laboratories_actor("worker")
    with acting(by):
        devices = {one.driver: one for one in Analyzer.objects.order_by("-id")}
        book = current_book()
    return sum(_file(one, devices[one.model], by, book) for one in messages)


def _file(upload: Upload, device: Analyzer, by: SystemActor, book: RuleBook) -> int:
    """Keep the bytes, read them, file every reading, decide every result: one transaction."""
    content = upload.content
    with acting(by, reason="baseline"):
        message = Message.objects.create(
            laboratory_id=device.laboratory_id,
            analyzer=device,
            received_at=timezone.now(),
            connection="baseline",
            content=content,
            digest=hashlib.sha256(content).digest(),
        )
        readings = load(device.driver).read(content, ZoneInfo(device.time_zone)).readings
        for one in readings:
            _file_reading(message, device, one, by, book)
        Message.objects.filter(pk=message.pk).update(state=Message.State.FILED)
        return len(readings)


def _file_reading(message: Message, device: Analyzer, read: Read, by: SystemActor, book: RuleBook) -> None:
    mapping = TestMapping.objects.select_related("test").get(analyzer=device, code=read.code)
    specimen = Specimen.objects.get(number=read.specimen_code)
    served = SpecimenTest.objects.select_related("order_item__order").get(
        specimen=specimen, test=mapping.test
    )
    reading = Reading.objects.create(
        laboratory_id=device.laboratory_id,
        message=message,
        analyzer=device,
        position=read.position,
        specimen_code=read.specimen_code,
        code=read.code,
        value=read.value,
        unit=read.unit,
        flags=list(read.flags),
        status=read.status,
        measured_at=read.measured_at,
        specimen=specimen,
        test=mapping.test,
        state=Reading.State.FILED,
    )
    result = _create_result(reading, read, mapping, served)
    served.state = SpecimenTest.State.MEASURED
    served.save()
    _decide(result, by, book)


def _create_result(reading: Reading, read: Read, mapping: TestMapping, served: SpecimenTest) -> Result:
    test, item, order = mapping.test, served.order_item, served.order_item.order
    meaning = Mapping(
        mapping.analyzer_id,
        mapping.code,
        mapping.unit,
        mapping.factor,
        test.pk,
        test.unit,
        test.decimals,
        is_quantity=True,
    )
    value = converted(read.number, meaning)
    return Result.objects.create(
        ordering_site_id=served.ordering_site_id,
        laboratory_id=served.laboratory_id,
        order_item=item,
        order=order,
        specimen_id=served.specimen_id,
        patient_id=order.patient_id,
        test=test,
        analyzer_id=mapping.analyzer_id,
        reading_id=reading.pk,
        run=Result.objects.filter(order=order, order_item=item).count() + 1,
        value_text=f"{value:f}",
        value=value,
        comparator=read.comparator,
        unit=test.unit,
        analyzer_flags=list(read.flags),
        urgency=order.urgency,
        measured_at=read.measured_at,
        collected_at=Specimen.objects.get(pk=served.specimen_id).collected_at,
        recorded_at=timezone.now(),
    )


def _decide(result: Result, by: SystemActor, book: RuleBook) -> None:
    now = timezone.now()
    evidence = _evidence(result)
    verdict = decide(evidence, book)
    Result.objects.filter(pk=result.pk, state=Result.State.RECORDED).update(
        state=Result.State.RELEASED if verdict.release else Result.State.HELD,
        flag=verdict.flag,
        low=verdict.low,
        high=verdict.high,
        reasons=[one.as_json() for one in verdict.reasons],
        is_automatic=verdict.release,
        decided_at=now,
        released_at=now if verdict.release else None,
        released_by=by.key if verdict.release else "",
    )
    if verdict.release:
        _close(result, now)


def _close(result: Result, now: datetime) -> None:
    OrderItem.objects.filter(pk=result.order_item_id, state=OrderItem.State.OPEN).update(
        state=OrderItem.State.REPORTED
    )
    Event.objects.bulk_create([Event(kind="result_released", subject_id=result.order_id, at=now)])
    if not OrderItem.objects.filter(order_id=result.order_id, state=OrderItem.State.OPEN).exists():
        Order.objects.filter(pk=result.order_id, state=Order.State.PLACED).update(
            state=Order.State.COMPLETED, completed_at=now
        )
        Event.objects.bulk_create([Event(kind="order_completed", subject_id=result.order_id, at=now)])


def _evidence(result: Result) -> Evidence:
    test, specimen, device = result.test, result.specimen, result.analyzer
    order, item = result.order, result.order_item
    patient = Patient.objects.get(pk=result.patient_id)
    assert result.collected_at is not None
    assert device is not None
    days = (result.collected_at.date() - patient.birth_date).days if patient.birth_date else None
    earlier = _earlier(result)
    previous = earlier.get(test.pk)
    return Evidence(
        result_id=result.pk,
        order_item_id=item.pk,
        order_id=order.pk,
        test_id=test.pk,
        laboratory_id=result.laboratory_id,
        analyzer_id=device.pk,
        value=result.value,
        value_text=result.value_text,
        comparator=result.comparator,
        unit=result.unit,
        analyzer_flags=result.analyzer_flags,
        measured_at=result.measured_at,
        is_manual=False,
        run=result.run,
        dilution="",
        sex=patient.sex,
        age_days=days,
        ward=order.ward,
        diagnosis=order.diagnosis,
        is_pregnant=order.is_pregnant,
        urgency=result.urgency,
        is_inpatient=bool(order.ward),
        previous_value=previous.value if previous else None,
        previous_collected_at=previous.collected_at if previous else None,
        collected_at=result.collected_at,
        spun_at=specimen.spun_at,
        accepted_at=specimen.accepted_at,
        conditions=specimen.condition,
        qc_state="unknown" if device.has_qc_plan else "no_plan",
        is_calibrated=None,
        is_reagent_valid=None,
        is_suspended=device.is_suspended,
        item_state=item.state,
        order_state=order.state,
        is_rerun=Result.objects.filter(order=order, order_item=item, pk__lt=result.pk).exists(),
        siblings=_siblings(result, earlier),
    )


def _earlier(result: Result) -> dict[int, Result]:
    """The patient's latest released number of each test that was collected before."""
    found = Result.objects.filter(
        patient_id=result.patient_id,
        state=Result.State.RELEASED,
        collected_at__lt=result.collected_at,
        value__isnull=False,
        comparator="",
        unit=F("test__unit"),
    )
    newest = found.order_by("test_id", "-collected_at").distinct("test_id")
    return {one.test_id: one for one in newest}


def _siblings(result: Result, earlier: dict[int, Result]) -> Siblings:
    """The values of the order so far."""
    kept = Result.objects.select_related("test").filter(order_id=result.order_id).order_by("id")
    return Siblings({one.test.code: _sibling(one, earlier.get(one.test_id)) for one in kept})


def _sibling(result: Result, previous: Result | None) -> Sibling:
    return Sibling(
        value=result.value,
        value_text=result.value_text,
        comparator=result.comparator,
        unit=result.unit,
        flag=result.flag,
        low=result.low,
        high=result.high,
        collected_at=result.collected_at,
        previous_value=previous.value if previous else None,
        previous_collected_at=previous.collected_at if previous else None,
    )
