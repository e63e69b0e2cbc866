"""Who is reached about a critical value in the demonstration: at every point, at night, in the laboratory."""

from collections.abc import Iterator
from datetime import datetime, time

from aliquot.foundation.actors import Actor
from aliquot.registers.network.actions import ContactFacts, keep_contact
from aliquot.registers.network.models import Contact, Site

WARDS = (("терапия", "Medical ward", "Терапия"), ("хирургия", "Surgical ward", "Хирургия"))
EVENING, MORNING = time(20), time(8)


def install_contacts(*, by: Actor, at: datetime) -> int:
    """Give each site that has no contact its own; how many were made. What people changed stays."""
    known = set(Contact.objects.values_list("site_id", flat=True))
    wanted = [
        facts
        for place, site in enumerate(Site.objects.order_by("id"), start=1)
        if site.pk not in known
        for facts in _of(site, place)
    ]
    for facts in wanted:
        keep_contact(facts, by=by, at=at)
    return len(wanted)


def _of(site: Site, place: int) -> Iterator[ContactFacts]:
    number = iter(f"+7 000 {place:03d}-00-{end:02d}" for end in range(1, 100))
    if site.kind != Site.Kind.COLLECTION_POINT:
        yield _fact(
            site, "laboratory_doctor", "Laboratory doctor on duty", "Дежурный врач лаборатории", number
        )
        yield _fact(site, "director", "Laboratory director", "Заведующий лабораторией", number)
    yield _fact(site, "requester", "Consulting rooms", "Кабинеты врачей", number, by_day=True)
    for ward, name_en, name_ru in WARDS:
        yield _fact(site, "ward", name_en, name_ru, number, ward=ward)
    yield _fact(site, "duty_doctor", "Doctor on duty at night", "Дежурный врач ночью", number, by_night=True)
    yield _fact(site, "department_head", "Head of department", "Заведующий отделением", number, by_day=True)
    yield _fact(site, "on_call", "On call for the site", "Ответственный по учреждению", number)


def _fact(
    site: Site,
    function: str,
    name_en: str,
    name_ru: str,
    number: Iterator[str],
    *,
    ward: str = "",
    by_day: bool = False,
    by_night: bool = False,
) -> ContactFacts:
    hours = (MORNING, EVENING) if by_day else (EVENING, MORNING) if by_night else (None, None)
    return ContactFacts(site.pk, function, name_en, name_ru, next(number), ward, "1234567", *hours)
