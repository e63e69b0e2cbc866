"""Every site of the demonstration has telephones for critical values; a rule finds something to propose."""

import random
from datetime import timedelta

from django.utils import timezone

from aliquot.entrypoints.demonstration import menu
from aliquot.entrypoints.demonstration.analyzers import WITHOUT_INTERVAL, _span
from aliquot.entrypoints.demonstration.contacts import install_contacts
from aliquot.entrypoints.demonstration.installation import LOADER
from aliquot.entrypoints.demonstration.laboratory import MOST_PROPOSALS, DutyDoctor
from aliquot.entrypoints.demonstration.physiology import Span, is_ill, value_of
from aliquot.flow.results.actions import autoverify_batch
from aliquot.flow.results.models import AddOn
from aliquot.foundation.context import acting
from aliquot.registers.network.models import Contact, Site
from aliquot.registers.network.queries import is_contact_on_duty
from tests.factories import NOW, make_accepted, make_result
from tests.regions import Region, one_with


def test_somebody_is_reached_at_every_site_at_every_hour(region: Region) -> None:
    with acting(LOADER):
        Contact.objects.all().delete()
        made = install_contacts(by=LOADER, at=NOW)
        kept = list(Contact.objects.select_related("site"))
        assert made == len(kept)
        assert install_contacts(by=LOADER, at=NOW) == 0
        for site in Site.objects.all():
            own = [one for one in kept if one.site_id == site.pk]
            for hour in range(24):
                at = NOW + timedelta(hours=hour)
                assert {one.function for one in own if is_contact_on_duty(one, at)} >= {"on_call", "ward"}
                doctors = {"requester", "duty_doctor"}
                assert doctors & {one.function for one in own if is_contact_on_duty(one, at)}


def test_physicians_order_tsh_alone_so_that_a_rule_has_something_to_propose() -> None:
    draw = random.Random(7)
    orders = [menu.choose(draw, {"TSH", "FT4", "GLUS", "HGB"}) for _ in range(100)]
    assert sum("TSH" in codes and "FT4" not in codes for codes in orders) > 10


def test_whoever_is_ill_has_a_value_outside_for_which_the_rule_proposes_more() -> None:
    draw, span = random.Random(3), Span(0.27, 4.2, 3)
    ill = [seed for seed in range(400) if is_ill(seed, "TSH")]
    assert 50 < len(ill) < 130
    outside = [not 0.27 <= float(value_of(seed, "TSH", span, draw)) <= 4.2 for seed in ill]
    assert sum(outside) > 0.9 * len(ill)


def test_a_child_born_where_the_day_began_earlier_is_measured_too() -> None:
    tomorrow = timezone.now().date() + timedelta(days=1)
    assert _span((), "F", tomorrow, 1) == WITHOUT_INTERVAL


def test_the_doctor_agrees_beyond_what_a_visitor_finds_waiting(region: Region) -> None:
    for _ in range(MOST_PROPOSALS + 1):
        make_result(region, make_accepted(region, "TSH"), "TSH", "4.50")
    with acting(region.worker):
        autoverify_batch(limit=20, by=region.worker, at=NOW)
    doctor = one_with(region, "laboratory_doctor")
    with acting(doctor):
        DutyDoctor(doctor).help_out(at=NOW)
        states = list(AddOn.objects.order_by("id").values_list("state", flat=True))
    assert states == ["added", *["proposed"] * MOST_PROPOSALS]
