"""Tubes that stand accepted in a laboratory, many at once, and analyzers that measure them: for tests of the line."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max

from aliquot.flow.instruments.models import Analyzer, TestMapping
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.flow.specimens.rules.numbering import specimen_number
from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Bench, Department, NumberRange, Site
from aliquot.registers.patients.models import Patient

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CBC = ("WBC", "RBC", "HGB", "HCT", "PLT")


def make_accepted_tubes(laboratory: Site, clinic: Site, count: int, codes: Sequence[str] = CBC) -> list[str]:
    """Numbers of `count` new tubes of one patient each, accepted in `laboratory` for these tests."""
    with acting(system_actor("setup", frozenset({laboratory.pk, clinic.pk}))):
        tests = {test.code: test for test in Test.objects.filter(code__in=codes).select_related("container")}
        first = Patient.objects.aggregate(last=Max("id"))["last"] or 0
        patients = Patient.objects.bulk_create(
            Patient(family_name=f"Тестов-{first + n}", home_site=clinic, sex="M", registered_at=NOW)
            for n in range(count)
        )
        orders = _orders(patients, laboratory, clinic)
        items = OrderItem.objects.bulk_create(
            OrderItem(order=order, test=tests[code], position=at, ordering_site=clinic, laboratory=laboratory)
            for order in orders
            for at, code in enumerate(codes, 1)
        )
        numbers = _numbers(laboratory, count)
        return _tubes(numbers, orders, items, [tests[code] for code in codes])


def make_analyzer(laboratory: Site, model: str, code: str, port: int = 0) -> Analyzer:
    """An analyzer of `model` whose codes are mapped as its driver proposes, as far as the catalogue has them."""
    with acting(system_actor("setup", frozenset({laboratory.pk}))):
        department, _ = Department.objects.get_or_create(
            site=laboratory, code="LINE", defaults={"name_en": "Line"}
        )
        bench, _ = Bench.objects.get_or_create(
            department=department, code="LINE", defaults={"name_en": "Line"}
        )
        analyzer = Analyzer.objects.create(
            laboratory=laboratory, bench=bench, code=code, name=code, driver=model, listen_port=port or 40_000
        )
        units = load(model).layout.units
        known = {test.loinc: test for test in Test.objects.exclude(loinc="").order_by("-id")}
        TestMapping.objects.bulk_create(
            TestMapping(
                analyzer=analyzer,
                code=one.code,
                test=known[one.loinc],
                unit=units.get(one.device_unit, one.device_unit),
                factor=one.factor,
            )
            for one in load(model).tests.values()
            if one.loinc in known
        )
    return analyzer


def message_of(model: str, number: str, *measured: Measurement, at: datetime, control: bool = False) -> bytes:
    """What an analyzer of `model`, whose clock is Moscow's, sends at this moment of what it measured in a tube."""
    records = load(model).result_message(
        [Run(number, measured, control)], Header(at, ZoneInfo("Europe/Moscow"))
    )
    return b"".join(one + b"\r" for one in records)


def _orders(patients: Sequence[Patient], laboratory: Site, clinic: Site) -> list[Order]:
    return Order.objects.bulk_create(
        Order(
            number=f"T{patient.pk}",
            patient=patient,
            requester="Петрова",
            placed_at=NOW,
            placed_by="test",
            ordering_site=clinic,
            laboratory=laboratory,
        )
        for patient in patients
    )


def _numbers(laboratory: Site, count: int) -> list[str]:
    numbers = NumberRange.objects.get(site=laboratory, kind=NumberRange.Kind.SPECIMEN)
    NumberRange.objects.filter(pk=numbers.pk).update(last=numbers.last + count)
    return [specimen_number(numbers.prefix, numbers.last + n) for n in range(1, count + 1)]


def _tubes(
    numbers: Sequence[str], orders: Sequence[Order], items: Sequence[OrderItem], tests: Sequence[Test]
) -> list[str]:
    tubes = Specimen.objects.bulk_create(
        Specimen(
            number=number,
            order=order,
            container=tests[0].container,
            specimen_type_id=tests[0].specimen_type_id,
            volume_ul=3000,
            state=Specimen.State.ACCEPTED,
            custody_site_id=order.laboratory_id,
            collected_at=NOW - timedelta(hours=2),
            accepted_at=NOW,
            ordering_site_id=order.ordering_site_id,
            laboratory_id=order.laboratory_id,
        )
        for number, order in zip(numbers, orders, strict=True)
    )
    by_order = {tube.order_id: tube for tube in tubes}
    SpecimenTest.objects.bulk_create(
        SpecimenTest(
            specimen=by_order[item.order_id],
            order_item=item,
            test_id=item.test_id,
            state=SpecimenTest.State.ACCEPTED,
            ordering_site_id=item.ordering_site_id,
            laboratory_id=item.laboratory_id,
        )
        for item in items
    )
    return [tube.number for tube in tubes]
