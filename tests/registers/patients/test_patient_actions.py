"""Registering, claiming, merging and un-merging patients, with the database's own protection."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.utils import translation

from aliquot.flow.orders.models import Order
from aliquot.flow.results.models import Result
from aliquot.foundation.actors import Actor, system_actor
from aliquot.foundation.audit.models import AuditBlock, AuditRow
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.patients.actions import (
    PatientFacts,
    claim_patient,
    merge_patients,
    note_access,
    register_patient,
    unmerge_patients,
    update_patient,
)
from aliquot.registers.patients.models import AccessEntry, Patient, PatientMerge, PatientSite
from aliquot.registers.patients.queries import find_duplicates, search_patients
from tests.factories import NOW, make_order, make_patient
from tests.regions import LOADER, Region, one_with

SNILS = "112-233-445 95"
OTHER_SNILS = "087-654-303 00"
BORN = date(1986, 3, 14)


def nurse_of(region: Region, *, other: bool = False) -> Actor:
    return one_with(region, "nurse", region.other_clinic if other else region.clinic)


def test_a_registered_patient_keeps_bare_digits_and_is_seen_by_the_site(region: Region) -> None:
    patient = make_patient(region, snils=SNILS)
    assert (patient.snils, patient.identity_warnings, patient.home_site) == ("11223344595", [], region.clinic)
    with acting(nurse_of(region)):
        assert PatientSite.objects.get(patient=patient).site == region.clinic


def test_a_wrong_check_digit_at_the_keyboard_is_named_with_its_remedy(region: Region) -> None:
    with pytest.raises(Refused) as refused:
        make_patient(region, snils="112-233-445 96")
    assert refused.value.fields == {
        "snils": "The last two digits of the SNILS should be 95 and are 96."
        " Compare with the document and type the number again, or leave it empty."
    }


def test_a_wrong_check_digit_from_another_system_is_kept_with_a_warning(region: Region) -> None:
    nurse = nurse_of(region)
    facts = PatientFacts("Берёзкина", "Анна", birth_date=BORN, sex="F", snils="11223344596")
    with acting(nurse):
        patient = register_patient(facts, site=region.clinic, by=nurse, at=NOW, strict=False)
    assert patient.snils == "11223344596"
    assert [one["field"] for one in patient.identity_warnings] == ["snils"]
    for language, words in (("en", "The last two digits of the SNILS should be"), ("ru", "СНИЛС")):
        with translation.override(language):
            assert words in patient.warnings[0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"family_name": " "}, "family_name"),
        ({"birth_date": date(2026, 11, 23)}, "birth_date"),
        ({"sex": "X"}, "sex"),
        ({"policy_number": "123"}, "policy_number"),
    ],
)
def test_what_is_wrong_is_said_under_its_field(region: Region, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        make_patient(region, **changes)
    assert list(refused.value.fields) == [field]


def test_a_child_born_after_the_midnight_of_its_clinic_is_born_today(region: Region) -> None:
    night, nurse = datetime(2026, 11, 21, 22, 30, tzinfo=UTC), nurse_of(region)
    child = PatientFacts("Берёзкина", "Анна", birth_date=date(2026, 11, 22), sex="F")
    with acting(nurse):
        kept = register_patient(child, site=region.clinic, by=nurse, at=night)
        assert update_patient(kept, child, by=nurse, at=night).birth_date == date(2026, 11, 22)
        with pytest.raises(Refused, match="lies in the future"):
            update_patient(kept, replace(child, birth_date=date(2026, 11, 23)), by=nurse, at=night)


def test_an_unidentified_patient_needs_no_name(region: Region) -> None:
    assert make_patient(region, family_name="", is_unidentified=True).is_unidentified


def test_a_search_by_the_beginning_of_a_name_uses_the_index_under_row_security(region: Region) -> None:
    make_patient(region, family_name="Ёлкина")
    with acting(nurse_of(region)), connection.cursor() as cursor:
        assert [one.family_name for one in search_patients("елк")] == ["Ёлкина"]
        assert [one.family_name for one in search_patients("Ёлкина анна")] == ["Ёлкина"]
        assert list(search_patients("Елкинс")) == []
        # of a handful of rows any path is as good; of thousands only the index is
        cursor.execute(
            "INSERT INTO patient (family_name, given_name, patronymic, sex, snils, policy_number, is_unidentified,"
            " identity_warnings, home_site_id, registered_at)"
            " SELECT 'Фамилия' || n, '', '', 'U', '', '', false, '[]', %s, now() FROM generate_series(1, 5000) n",
            [region.clinic.pk],
        )
        plan = search_patients("елк").explain()
    assert "patient_search" in plan
    assert "Index Cond: ((search_name >= " in plan


def test_another_clinic_sees_nothing_of_the_patient(region: Region) -> None:
    patient = make_patient(region, snils=SNILS)
    with acting(nurse_of(region, other=True)):
        assert not Patient.objects.filter(pk=patient.pk).exists()
        assert list(search_patients(SNILS)) == []


def test_a_nurse_registers_only_at_her_own_site(region: Region) -> None:
    nurse = nurse_of(region)
    with acting(nurse), pytest.raises(Forbidden, match="does not work at"):
        register_patient(PatientFacts("А", "Б"), site=region.other_clinic, by=nurse, at=NOW)


def test_a_courier_may_not_register(region: Region) -> None:
    courier = one_with(region, "courier")
    with acting(courier), pytest.raises(Forbidden, match="may not register patient"):
        register_patient(PatientFacts("А", "Б"), site=region.clinic, by=courier, at=NOW)


def test_a_patient_is_corrected_and_the_audit_knows_by_whom(region: Region) -> None:
    patient = make_patient(region)
    nurse = nurse_of(region)
    with acting(nurse, reason="the passport"):
        facts = PatientFacts("Лесная", "Анна", birth_date=BORN, sex="F")
        assert update_patient(patient, facts, by=nurse, at=NOW).family_name == "Лесная"
    with acting(LOADER):
        row = AuditRow.objects.filter(table_name="patient", row_id=patient.pk).latest("block_id")
        block = AuditBlock.objects.get(pk=row.block_id)
    assert (block.actor, block.reason) == (nurse.key, "the passport")
    assert row.before is not None
    assert row.after is not None
    assert (row.before["family_name"], row.after["family_name"]) == ("Берёзкина", "Лесная")


class TestClaim:
    def test_number_and_birth_date_let_another_clinic_in_and_it_is_logged(self, region: Region) -> None:
        patient = make_patient(region, snils=SNILS)
        nurse = nurse_of(region, other=True)
        with acting(nurse):
            claimed = claim_patient(site=region.other_clinic, snils=SNILS, birth_date=BORN, by=nurse, at=NOW)
            assert claimed == patient
            assert list(search_patients("Берёзкина")) == [patient]
        with acting(LOADER):
            entry = AccessEntry.objects.get(patient_id=patient.pk)
            block = AuditBlock.objects.filter(table_name="patient_site").latest("id")
        assert (entry.actor, entry.site) == (nurse.key, region.other_clinic)
        assert block.actor == nurse.key

    @pytest.mark.parametrize(("snils", "born"), [(SNILS, date(1986, 3, 15)), (OTHER_SNILS, BORN), ("", BORN)])
    def test_one_of_the_two_is_not_enough(self, region: Region, snils: str, born: date) -> None:
        make_patient(region, snils=SNILS)
        nurse = nurse_of(region, other=True)
        with acting(nurse):
            with pytest.raises(Refused, match="Compare both with the document"):
                claim_patient(site=region.other_clinic, snils=snils, birth_date=born, by=nurse, at=NOW)
            assert not Patient.objects.exists()

    def test_two_records_with_the_number_are_not_guessed_between(self, region: Region) -> None:
        make_patient(region, snils=SNILS)
        make_patient(region, snils=SNILS)
        nurse = nurse_of(region, other=True)
        with acting(nurse), pytest.raises(Refused, match="No single patient"):
            claim_patient(site=region.other_clinic, snils=SNILS, birth_date=BORN, by=nurse, at=NOW)

    def test_nobody_claims_for_a_site_that_is_not_theirs(self, region: Region) -> None:
        make_patient(region, snils=SNILS)
        nurse = nurse_of(region, other=True)
        with acting(nurse), pytest.raises(Forbidden):
            claim_patient(site=region.hub, snils=SNILS, birth_date=BORN, by=nurse, at=NOW)


class TestMerge:
    def pair(self, region: Region, **other: Any) -> tuple[Patient, Patient, Order, Order]:
        kept, merged = make_patient(region, snils=SNILS), make_patient(region, **other)
        return kept, merged, make_order(region, patient=kept), make_order(region, patient=merged)

    def test_orders_move_to_the_kept_record_and_come_back_exactly(self, region: Region) -> None:
        kept, merged, order, moved = self.pair(region)
        desk = one_with(region, "receptionist")
        with acting(desk):
            merge = merge_patients(kept, merged, reason="same passport", by=desk, at=NOW)
            assert set(Order.objects.filter(patient=kept)) == {order, moved}
            assert merge.moved["lab_order.patient_id"] == [moved.pk]
            later = make_order(region, patient=kept)
            unmerge_patients(merge, reason="two sisters", by=desk, at=NOW)
            assert list(Order.objects.filter(patient=merged)) == [moved]
            assert set(Order.objects.filter(patient=kept)) == {order, later}
            merged.refresh_from_db()
        assert merged.merged_into is None

    def test_an_order_for_a_record_merged_twice_goes_to_the_last_one(self, region: Region) -> None:
        first, second, third = (make_patient(region) for _ in range(3))
        make_order(region, patient=first)
        make_order(region, patient=second)
        make_order(region, patient=third)
        desk = one_with(region, "receptionist")
        with acting(desk):
            merge_patients(second, first, reason="same passport", by=desk, at=NOW)
            merge_patients(third, second, reason="same passport", by=desk, at=NOW)
        assert make_order(region, patient=first).patient_id == third.pk

    def test_who_ordered_after_a_merge_still_sees_the_patient_when_it_is_undone(self, region: Region) -> None:
        merged = make_patient(region)
        make_order(region, patient=merged)
        kept = make_patient(region, site=region.other_clinic)
        everywhere = system_actor("desk", frozenset(site.pk for site in region.sites.values()))
        with acting(everywhere):
            merge = merge_patients(kept, merged, reason="same passport", by=everywhere, at=NOW)
        make_order(region, patient=kept)  # where only the merged record was known before
        with acting(everywhere):
            unmerge_patients(merge, reason="two sisters", by=everywhere, at=NOW)
        for who in (nurse_of(region), one_with(region, "receptionist")):
            with acting(who):
                assert Patient.objects.filter(pk=kept.pk).exists(), who.name

    def test_every_table_that_names_a_patient_is_moved(self, region: Region) -> None:
        kept, merged, _, moved = self.pair(region)
        desk, item = one_with(region, "receptionist"), moved.items.order_by("id")[0]
        tube = moved.specimens.order_by("id")[0]
        result = Result.objects.create(
            order_item=item, order=moved, specimen=tube, patient=merged, test=item.test, value_text="5.1",
            recorded_at=NOW, ordering_site=region.clinic, laboratory=region.hub,
        )  # fmt: skip
        with acting(desk):
            merge = merge_patients(kept, merged, reason="same passport", by=desk, at=NOW)
            assert set(merge.moved) - {"patient_site"} == {
                f"{one.related_model._meta.db_table}.{one.field.column}"
                for one in Patient._meta.related_objects
                if one.related_model not in {Patient, PatientMerge, PatientSite}
            }
            assert merge.moved["result.patient_id"] == [result.pk]
            assert Result.objects.get(pk=result.pk).patient == kept
            unmerge_patients(merge, reason="two sisters", by=desk, at=NOW)
            assert Result.objects.get(pk=result.pk).patient == merged

    def test_a_clinic_that_knew_the_merged_record_sees_the_kept_one(self, region: Region) -> None:
        kept = make_patient(region, snils=SNILS)
        make_order(region, patient=kept)
        merged = make_patient(region, site=region.other_clinic)
        moved = make_order(region, patient=merged, site=region.other_clinic)
        desk = one_with(region, "receptionist")
        with acting(desk):
            merge = merge_patients(kept, merged, reason="same person", by=desk, at=NOW)
        with acting(nurse_of(region, other=True)):
            assert list(search_patients("Берёзкина")) == [kept]
            assert Order.objects.get(pk=moved.pk).patient == kept
        with acting(desk):
            unmerge_patients(merge, reason="not the same", by=desk, at=NOW)
        with acting(nurse_of(region, other=True)):
            assert list(search_patients("Берёзкина")) == [merged]

    def test_a_merge_is_undone_once(self, region: Region) -> None:
        kept, merged, *_ = self.pair(region)
        desk = one_with(region, "receptionist")
        with acting(desk):
            merge = merge_patients(kept, merged, reason="same", by=desk, at=NOW)
            unmerge_patients(merge, reason="not", by=desk, at=NOW)
            with pytest.raises(Refused, match="already undone"):
                unmerge_patients(merge, reason="again", by=desk, at=NOW)

    def test_refusals(self, region: Region) -> None:
        kept, merged, *_ = self.pair(region, snils=OTHER_SNILS)
        desk = one_with(region, "receptionist")
        with acting(desk):
            with pytest.raises(Refused, match="into itself"):
                merge_patients(kept, kept, reason="x", by=desk, at=NOW)
            with pytest.raises(Refused, match="Say why"):
                merge_patients(kept, merged, reason=" ", by=desk, at=NOW)
            with pytest.raises(Refused, match="different SNILS") as refused:
                merge_patients(kept, merged, reason="x", by=desk, at=NOW)
            assert list(refused.value.fields) == ["conflict_reason"]
            merge_patients(kept, merged, reason="x", conflict_reason="typed wrong", by=desk, at=NOW)
            with pytest.raises(Refused, match="already merged"):
                merge_patients(kept, merged, reason="x", conflict_reason="y", by=desk, at=NOW)

    def test_records_not_both_visible_are_not_merged(self, region: Region) -> None:
        kept = make_patient(region)
        make_order(region, patient=kept)
        hidden = make_patient(region, site=region.other_clinic)
        desk = one_with(region, "receptionist")
        with acting(desk), pytest.raises(Forbidden, match="not visible here"):
            merge_patients(kept, hidden, reason="x", by=desk, at=NOW)

    def test_a_nurse_may_not_merge(self, region: Region) -> None:
        kept, merged, *_ = self.pair(region)
        nurse = nurse_of(region)
        with acting(nurse), pytest.raises(Forbidden):
            merge_patients(kept, merged, reason="x", by=nurse, at=NOW)

    def test_an_order_for_a_merged_record_goes_to_the_kept_one(self, region: Region) -> None:
        kept, merged, *_ = self.pair(region)
        desk = one_with(region, "receptionist")
        with acting(desk):
            merge_patients(kept, merged, reason="same", by=desk, at=NOW)
        assert make_order(region, patient=merged).patient == kept

    def test_the_audit_knows_who_and_why(self, region: Region) -> None:
        kept, merged, *_ = self.pair(region)
        desk = one_with(region, "receptionist")
        with acting(desk):
            merge_patients(kept, merged, reason="same passport", by=desk, at=NOW)
        with acting(LOADER):
            block = AuditBlock.objects.filter(table_name="lab_order", operation="update").latest("id")
            assert PatientMerge.objects.get().merged_by == desk.key
        assert (block.actor, block.reason) == (desk.key, "same passport")


class TestSearch:
    def test_by_number_name_and_birth_date(self, region: Region) -> None:
        patient = make_patient(region, snils=SNILS)
        make_patient(region, family_name="Лесная")
        with acting(nurse_of(region)):
            for text in (SNILS, "берёз", "Берёзкина А", "берёзкина 14.03.1986", "1986-03-14 Берёзкина"):
                assert list(search_patients(text)) == [patient], text
            assert list(search_patients("Берёзкина 15.03.1986")) == []
            assert list(search_patients("  ")) == []

    def test_likely_duplicates_come_likeliest_first(self, region: Region) -> None:
        patient = make_patient(region, patronymic="Петровна", snils=SNILS)
        same = make_patient(region, patronymic="Петровна", snils=SNILS)
        close = make_patient(region, patronymic="Петровна", family_name="Березкина")
        make_patient(region, family_name="Озерова", given_name="Вера", birth_date=date(1950, 1, 1))
        with acting(nurse_of(region)):
            assert [one.patient for one in find_duplicates(patient)] == [same, close]


def test_access_is_noted_and_not_read_back_by_a_nurse(region: Region) -> None:
    patient = make_patient(region)
    nurse = nurse_of(region)
    with acting(nurse):
        note_access([patient.pk], "report", by=nurse, at=NOW)
        assert not AccessEntry.objects.exists()
    with acting(LOADER):
        assert AccessEntry.objects.get().what == "report"
