"""How old a patient is to the rules: by the calendar of the place where the specimen was drawn."""

from datetime import date, timedelta

from aliquot.flow.results.queries import gather_evidence
from aliquot.flow.verification.queries import current_book
from aliquot.registers.network.models import Site
from aliquot.registers.patients.models import Patient
from tests.factories import NOW, make_accepted, make_result
from tests.regions import Region

HOUR = timedelta(hours=1)


def test_a_child_is_as_old_as_the_calendar_of_its_clinic_says(region: Region) -> None:
    """Drawn at 13:00 UTC: twelve hours further east the next day has begun, on which it was born."""
    one = make_result(region, make_accepted(region, "K"), "K", "4.2", collected_at=NOW + 7 * HOUR)
    Site.objects.filter(pk=one.ordering_site_id).update(time_zone="Asia/Kamchatka")
    Patient.objects.filter(pk=one.patient_id).update(birth_date=date(2026, 11, 23))
    assert gather_evidence(current_book(), [one.pk])[0].age_days == 0
