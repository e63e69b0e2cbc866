"""What runs with the owner's rights cannot be led astray, and numbers are taken in one way only."""

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from aliquot.foundation.audit.models import AuditRow
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.network.actions import next_numbers
from aliquot.registers.network.models import NumberRange
from aliquot.registers.patients.models import Patient
from tests.factories import make_patient
from tests.regions import LOADER, Region, one_with


def test_every_function_with_the_owners_rights_looks_for_tables_of_the_session_last(region: Region) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
            " AND coalesce(array_to_string(proconfig, ';'), '') NOT LIKE '%%, pg_temp'"
        )
        assert cursor.fetchall() == []


def test_a_table_of_the_session_does_not_swallow_the_audit(region: Region) -> None:
    patient = make_patient(region)
    with acting(one_with(region, "nurse", region.clinic)), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE audit_row"
            " (id bigserial, block_id bigint, table_name text, row_id bigint, before jsonb, after jsonb)"
        )
        cursor.execute("GRANT ALL ON audit_row TO PUBLIC; GRANT ALL ON audit_row_id_seq TO PUBLIC")
        Patient.objects.filter(pk=patient.pk).update(family_name="Подмена")
        cursor.execute("DROP TABLE pg_temp.audit_row")
    with acting(region.people["admin"]):
        written = AuditRow.objects.filter(table_name="patient", row_id=patient.pk).order_by("-block_id")[0]
        assert written.after == {"family_name": "Подмена"}


def test_nobody_moves_a_range_of_numbers_by_hand(region: Region) -> None:
    nurse = one_with(region, "nurse", region.clinic)
    with acting(nurse):
        with pytest.raises(DatabaseError), transaction.atomic():
            NumberRange.objects.filter(site=region.clinic, kind="specimen").update(last=0)
        first, second = (next_numbers(region.clinic, "specimen", 1)[0] for _ in range(2))
    assert second == first + 1


def test_a_range_goes_forward_and_not_at_a_stroke_to_its_end(region: Region) -> None:
    nurse = one_with(region, "nurse", region.clinic)
    with acting(nurse):
        with pytest.raises(psycopg.Error), transaction.atomic():
            next_numbers(region.clinic, "specimen", -5)
        with pytest.raises(Refused, match="used up"):
            next_numbers(region.clinic, "specimen", 10_001)


def test_a_range_ends_at_its_limit(region: Region) -> None:
    with acting(LOADER):
        free = NumberRange.objects.get(site=region.clinic, kind="box")
        NumberRange.objects.filter(pk=free.pk).update(limit=free.last + 3)
        with pytest.raises(Refused, match="used up"):
            next_numbers(region.clinic, "box", 4)
        assert next_numbers(region.clinic, "box", 3)[-1] == free.last + 3
