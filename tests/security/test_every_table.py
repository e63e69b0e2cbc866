"""No table is forgotten: rights, row security and audit of all of them, asked of the database itself."""

from collections.abc import Callable

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from aliquot.config.protection import TABLES
from aliquot.flow.exchange.models import InboundDocument
from aliquot.flow.instruments.models import (
    Analyzer,
    LineState,
    Message,
    Reading,
    SpecimenIndex,
    Traffic,
    WorkRequest,
)
from aliquot.flow.logistics.actions import open_box, pack_specimen
from aliquot.flow.quality.models import ReleaseState
from aliquot.flow.reports.models import Notice, NoticeAttempt, Report, ReportDocument
from aliquot.flow.results.models import (
    AddOn,
    CriticalAttempt,
    CriticalCall,
    CriticalEscalation,
    Decision,
    LookBack,
    LookBackMember,
    LookBackStep,
    LookBackTask,
    Result,
    ResultClaim,
)
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import NOBODY, acting
from aliquot.foundation.events.actions import record_events
from aliquot.foundation.protection.declaration import SIGNED_IN
from aliquot.registers.network.models import Bench, Contact
from aliquot.registers.patients.actions import merge_patients, note_access
from tests.factories import NOW, make_order, make_patient, make_specimen
from tests.regions import LOADER, Region, one_with
from tests.security.assessed import assessed
from tests.security.controlled import controlled
from tests.security.figures import figures
from tests.security.improved import improved
from tests.security.studied import studied

NEVER_SHOWN = {name for name, given in TABLES.items() if not given.rights}
REGISTERS = {name for name, given in TABLES.items() if given.sees == SIGNED_IN}
OWN_ROW = {"person", "assignment", "sign_in_session"}
"""Tables in which a person sees at most the row about herself or her browser."""

AUDIT = {"audit_block", "audit_row", "audit_head"}
CLINICAL = sorted(set(TABLES) - NEVER_SHOWN - REGISTERS - OWN_ROW - AUDIT)


def counted(table: str) -> int:
    """Rows that whoever acts now finds without any filter; none when the right is missing altogether."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")
            return int(cursor.fetchone()[0])
    except DatabaseError as fault:
        return _refused(fault)


def copied(table: str) -> int:
    """Bytes that COPY brings out of the table."""
    try:
        with (
            transaction.atomic(),
            connection.connection.cursor() as cursor,
            cursor.copy(f"COPY {table} TO STDOUT") as copy,
        ):
            return sum(len(block) for block in copy)
    except psycopg.Error as fault:
        return _refused(fault)


def touched(statement: str) -> int:
    """Rows that a statement changed; none when it was refused."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            return int(cursor.rowcount)
    except DatabaseError as fault:
        return _refused(fault)


def _refused(fault: Exception) -> int:
    """Nothing, when the database refused for lack of a right; any other fault is one of the test."""
    if not any(words in str(fault) for words in ("permission denied", "row-level security")):
        raise fault
    return 0


@pytest.fixture
def filled(region: Region) -> Region:
    """Rows for the first clinic in every clinical table."""
    nurse, desk = one_with(region, "nurse", region.clinic), one_with(region, "receptionist")
    kept, merged = make_patient(region), make_patient(region)
    make_order(region, patient=kept)
    make_order(region, patient=merged)
    tube = make_specimen(region, "K", patient=kept)
    with acting(nurse):
        box = open_box(origin=region.clinic, lane="room", by=nurse, at=NOW)
        pack_specimen(box, tube.number, by=nurse, at=NOW)
        note_access([kept.pk], "order", by=nurse, at=NOW)
        record_events("order_completed", [tube.order_id], at=NOW)
        InboundDocument.objects.create(
            site=region.clinic, kind="fhir", received_at=NOW, received_from="mis", content=b"{}", digest=b"1"
        )
    with acting(desk):
        merge_patients(kept, merged, reason="same person", by=desk, at=NOW)
    _measured(region, tube)
    return region


def _measured(region: Region, tube: Specimen) -> None:
    parties = {"ordering_site": region.clinic, "laboratory": region.hub}
    bench = Bench.objects.filter(department__site=region.hub)[0]
    Contact.objects.create(site=region.clinic, function="ward", name_en="w", name_ru="w", phone="1")
    analyzer = Analyzer.objects.create(
        laboratory=region.hub, bench=bench, code="T-1", name="T", driver="t", listen_port=1
    )
    message = Message.objects.create(
        laboratory=region.hub, analyzer=analyzer, received_at=NOW, connection="t", content=b"1", digest=b"1"
    )
    read = {"laboratory": region.hub, "analyzer": analyzer, "specimen": tube}
    reading = Reading.objects.create(message=message, position=1, state="filed", **read)
    SpecimenIndex.objects.create(
        reading=reading, index="H", level=1, grade="1", unit="g/L", measured_at=NOW, **read
    )
    Traffic.objects.create(
        laboratory=region.hub,
        analyzer=analyzer,
        connection="t",
        began_at=NOW,
        ended_at=NOW,
        bytes_in=1,
        bytes_out=0,
        content=b"1",
    )
    LineState.objects.create(
        analyzer=analyzer,
        laboratory=region.hub,
        state_since=NOW,
        updated_at=NOW,
        process_since=NOW,
        window_since=NOW,
    )
    WorkRequest.objects.create(
        laboratory=region.hub,
        analyzer=analyzer,
        specimen=tube,
        kind="new",
        asked_at=NOW,
        by="t",
        changed_at=NOW,
    )
    item = tube.order.items.get()
    whose = {"order": tube.order, "patient_id": tube.order.patient_id, **parties}
    result = Result.objects.create(
        order_item=item,
        specimen=tube,
        test=item.test,
        value_text="7.1",
        recorded_at=NOW,
        state="held",
        **whose,
    )
    call = CriticalCall.objects.create(
        result=result, test_id=result.test_id, opened_at=NOW, due_at=NOW, **whose
    )
    ResultClaim.objects.create(result_id=result.pk, by="t", since=NOW, until=NOW, **parties)
    Decision.objects.create(
        result_id=result.pk, order_id=tube.order_id, kind="held", was={}, at=NOW, by="t", until=NOW, **parties
    )
    CriticalEscalation.objects.create(call=call, step=0, at=NOW, whom="ward", **parties)
    AddOn.objects.create(
        order_id=tube.order_id,
        rule="r",
        result_id=result.pk,
        tests=["NA"],
        state="proposed",
        asked_at=NOW,
        **parties,
    )
    CriticalAttempt.objects.create(call=call, at=NOW, by="t", was_reached=False, **parties)
    report = Report.objects.create(
        version=1, kind="final", content={}, released_at=NOW, released_by="t", **whose
    )
    ReportDocument.objects.create(
        report=report, language="ru", content=b"1", digest=b"1", rendered_at=NOW, **parties
    )
    _looked_back(region, result, report, analyzer)
    assessed(region.hub, tube)
    figures(tube)
    studied(region.hub)
    controlled(region.hub, analyzer, tube.tests.earliest("id").test)
    improved(region.clinic, region.hub, tube.order_id, tube.order.number)


def _looked_back(region: Region, result: Result, report: Report, analyzer: Analyzer) -> None:
    parties = {"ordering_site": region.clinic, "laboratory": region.hub}
    looked = LookBack.objects.create(
        laboratory=region.hub, criteria={}, reason="t", opened_at=NOW, opened_by="t"
    )
    LookBackMember.objects.create(
        look_back=looked, result_id=result.pk, order_id=result.order_id, was="held", **parties
    )
    LookBackStep.objects.create(
        look_back=looked, laboratory=region.hub, kind="recalled", reason="t", at=NOW, by="t"
    )
    LookBackTask.objects.create(
        laboratory=region.hub,
        look_back=looked,
        what="release",
        reason="t",
        person_id=region.people["director"].person_id or 0,
        asked_at=NOW,
        asked_by="t",
        total=1,
    )
    notice = Notice.objects.create(report=report, told_at=NOW, due_at=NOW, **parties)
    NoticeAttempt.objects.create(notice=notice, at=NOW, by="t", was_reached=False, **parties)
    ReleaseState.objects.create(
        laboratory=region.hub, analyzer=analyzer, test_id=result.test_id, since=NOW, by="t"
    )


@pytest.mark.usefixtures("region")
class TestDeclaration:
    def test_every_table_of_the_database_is_declared_and_row_secured(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname, relrowsecurity FROM pg_class"
                " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            )
            found = dict(cursor.fetchall())
        assert found == dict.fromkeys(TABLES, True)

    def test_whoever_is_signed_in_sees_these_registers_and_nothing_else(self) -> None:
        network = "organisation site department bench contact number_range"
        catalogue = (
            "container specimen_type section test reference_interval derived_test panel rejection_reason"
        )
        instruments = "analyzer test_mapping driver_adaptation driver_stop"
        rules = "rule_set suspension"
        assert set(f"{network} {catalogue} {instruments} {rules} archived_month".split()) == REGISTERS

    def test_nothing_else_holds_rows(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname FROM pg_class"
                " WHERE relkind IN ('v', 'm', 'f') AND relnamespace = 'public'::regnamespace"
            )
            assert cursor.fetchall() == []

    def test_the_application_owns_nothing_and_passes_no_policy_by(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
            )
            assert cursor.fetchone() == (False,)
            cursor.execute(
                "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = current_user"
            )
            assert cursor.fetchone() == (0,)
            cursor.execute("SELECT has_schema_privilege('public', 'CREATE')")
            assert cursor.fetchone() == (False,)

    def test_rights_are_those_declared(self) -> None:
        kinds = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
        with connection.cursor() as cursor:
            for table, given in TABLES.items():
                cursor.execute(
                    "SELECT " + ", ".join(f"has_table_privilege('{table}', '{kind}')" for kind in kinds)
                )
                held = {kind for kind, has in zip(kinds, cursor.fetchone(), strict=True) if has}
                # a right on some columns only, UPDATE (state), is none on the table
                declared = {part.strip() for part in given.rights.split("(")[0].split(",") if part.strip()}
                if "(" in given.rights:
                    declared -= {"UPDATE"}
                assert held == declared, table

    def test_every_table_is_audited_or_says_why_not(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgrelid::regclass::text, count(*) FROM pg_trigger"
                " WHERE tgname LIKE 'audit_%' AND tgrelid NOT IN (SELECT inhrelid FROM pg_inherits) GROUP BY 1"
            )
            found = dict(cursor.fetchall())
        assert found == {name: 3 for name, given in TABLES.items() if given.is_audited}
        assert all(given.why for given in TABLES.values() if not given.is_audited)

    def test_functions_that_act_as_the_owner_are_pinned_and_not_for_everybody(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT p.oid::regprocedure::text, p.proconfig::text, coalesce(p.proacl::text, 'everybody')"
                " FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace"
            )
            found = cursor.fetchall()
        assert found
        for name, settings, rights in found:
            assert "search_path=pg_catalog" in (settings or ""), name
            assert "everybody" not in rights, name
            assert not any(one.startswith("=") for one in rights.strip("{}").split(",")), name


class TestTheWrongUser:
    def test_every_clinical_table_has_rows_that_could_be_found(self, filled: Region) -> None:
        seen: dict[str, int] = dict.fromkeys(CLINICAL, 0)
        for actor in (filled.worker, LOADER, one_with(filled, "nurse", filled.clinic)):
            with acting(actor):
                seen = {table: max(rows, counted(table)) for table, rows in seen.items()}
        assert [table for table, rows in seen.items() if not rows] == []

    @pytest.mark.parametrize("reading", [counted, copied])
    def test_another_clinic_finds_nothing_without_a_filter(
        self, filled: Region, reading: Callable[[str], int]
    ) -> None:
        with acting(one_with(filled, "nurse", filled.other_clinic)):
            found = {table: reading(table) for table in [*CLINICAL, *sorted(NEVER_SHOWN | AUDIT)]}
        assert found == dict.fromkeys(found, 0)

    @pytest.mark.usefixtures("filled")
    @pytest.mark.parametrize("reading", [counted, copied])
    def test_nobody_finds_nothing_in_any_table(self, reading: Callable[[str], int]) -> None:
        with acting(NOBODY):
            found = {table: reading(table) for table in TABLES}
        assert found == dict.fromkeys(TABLES, 0)

    @pytest.mark.parametrize("reading", [counted, copied])
    def test_a_courier_finds_boxes_and_nothing_of_a_patient(
        self, filled: Region, reading: Callable[[str], int]
    ) -> None:
        with acting(one_with(filled, "courier")):
            found = {table for table in CLINICAL if reading(table)}
        assert found == {"box", "box_item"}

    def test_another_clinic_changes_and_removes_nothing(self, filled: Region) -> None:
        with acting(one_with(filled, "nurse", filled.other_clinic)):
            changed = {table: touched(f"DELETE FROM {table}") for table in TABLES}
            changed |= {
                f"{table}.{column}": touched(f'UPDATE {table} SET "{column}" = "{column}"')
                for table in CLINICAL
                for column in _columns(table)
            }
        assert {name: rows for name, rows in changed.items() if rows} == {}

    def test_registers_are_read_and_not_written_by_a_nurse(self, filled: Region) -> None:
        with acting(one_with(filled, "nurse", filled.clinic)):
            for table in sorted(REGISTERS - {"number_range"}):
                assert touched(f"DELETE FROM {table}") == 0, table
                for column in _columns(table):
                    assert touched(f'UPDATE {table} SET "{column}" = "{column}"') == 0, table

    def test_a_nurse_cannot_let_herself_in_to_a_patient(self, filled: Region) -> None:
        hidden = make_patient(filled)
        with acting(one_with(filled, "nurse", filled.other_clinic)):
            assert counted("patient") == 0
            assert (
                touched(
                    "INSERT INTO patient_site (patient_id, site_id, since)"
                    f" VALUES ({hidden.pk}, {filled.other_clinic.pk}, now())"
                )
                == 0
            )
            assert counted("patient") == 0

    def test_a_person_sees_herself_alone(self, filled: Region) -> None:
        with acting(one_with(filled, "nurse", filled.other_clinic)):
            assert (counted("person"), counted("assignment"), counted("sign_in_session")) == (1, 1, 0)


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]


class TestTheAudit:
    @pytest.mark.parametrize("table", sorted(AUDIT))
    def test_the_application_can_neither_change_nor_remove_it(self, filled: Region, table: str) -> None:
        everything = Actor(key="x", name="x", permissions=frozenset({"*"}))
        for actor in (filled.worker, everything, one_with(filled, "hub_director")):
            with acting(actor):
                assert touched(f"DELETE FROM {table}") == 0
                assert touched(f"TRUNCATE {table}") == 0
                for column in _columns(table):
                    assert touched(f'UPDATE {table} SET "{column}" = "{column}"') == 0

    def test_who_may_read_it_reads_it(self, filled: Region) -> None:
        with acting(one_with(filled, "hub_director")):
            assert counted("audit_block") > 0
            assert counted("audit_row") > 0
