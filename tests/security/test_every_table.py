"""No table is forgotten: rights, row security and audit of all of them, asked of the database itself."""

from collections.abc import Callable

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from aliquot.config.protection import TABLES
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import NOBODY, acting
from aliquot.foundation.protection.declaration import SIGNED_IN
from tests.factories import make_patient
from tests.regions import LOADER, Region, one_with
from tests.security.filled import fill

NEVER_SHOWN = {name for name, given in TABLES.items() if not given.rights}
REGISTERS = {name for name, given in TABLES.items() if given.sees == SIGNED_IN}
OWN_ROW = {"person", "assignment", "employment", "sign_in_session"}
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
    fill(region)
    return region


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
        network = "organisation site department bench contact number_range operation data_owner"
        catalogue = (
            "container specimen_type section test reference_interval allowable_error derived_test panel"
            " rejection_reason"
        )
        instruments = "analyzer test_mapping driver_adaptation driver_stop"
        rules = "rule_set suspension"
        others = "archived_month handover_package node node_key referral_partner"
        assert set(f"{network} {catalogue} {instruments} {rules} {others}".split()) == REGISTERS

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
            own = {table: counted(table) for table in sorted(OWN_ROW)}
        assert own == {"assignment": 1, "employment": 1, "person": 1, "sign_in_session": 0}


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
