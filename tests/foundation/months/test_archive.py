"""A month goes into a file and comes back: whole, refused with a remedy, and after a kill at every step."""

# ruff: noqa: ARG002 - the fixtures make the database and the month; not every test looks at them
import io
import json
import shutil
import signal
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from aliquot.entrypoints.commands.archive import Command as Archive
from aliquot.entrypoints.commands.restore_month import Command as Restore
from aliquot.flow.reports.actions import release_reports
from aliquot.flow.results.actions import comment_result
from aliquot.flow.results.models import Result
from aliquot.foundation.audit.queries import broken_blocks
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.foundation.months.models import ArchivedMonth
from aliquot.foundation.months.queries import archive_of
from aliquot.foundation.months.rules.calendar import Month
from aliquot.oversight.health.queries import of_the_months
from aliquot.registers.patients.actions import merge_patients
from aliquot.registers.patients.models import Patient
from tests.factories import NOW, make_order, make_patient
from tests.foundation.months.past import MARCH, Past, attached, contents, make_march, standing
from tests.processes import LiveRegion, wait_for
from tests.regions import Region, one_with, read_region

TAKEN_BACK = """
    INSERT INTO critical_call
    SELECT taken_back.*
      FROM critical_call told, jsonb_populate_record(told, jsonb_build_object('id', told.id + 1,
           'kind', 'withdrawal', 'about_id', told.id, 'state', 'open', 'closed_at', NULL)) taken_back
"""
"""Whoever was told a value is still to hear that it was withdrawn."""
CALL = "SELECT state, told_to, read_back, closed_at FROM critical_call"
GATE = 4711
"""Advisory lock at which a process is stopped where a test wants to kill it."""


@pytest.fixture
def region(live_region: LiveRegion) -> Region:
    return read_region()


@pytest.fixture
def past(live_region: LiveRegion, region: Region) -> Past:
    return make_march(live_region, region)


def archive(folder: Path, month: str = "2025-03") -> str:
    said = io.StringIO()
    call_command(Archive(), "--month", month, "--to", str(folder), stdout=said)
    return said.getvalue()


def restore(file: Path) -> None:
    call_command(Restore(), str(file), stdout=io.StringIO())


def test_a_month_goes_into_a_file_and_comes_back_as_it_was(
    live_region: LiveRegion, region: Region, past: Past, tmp_path: Path
) -> None:
    before = contents(live_region)
    assert len(before) > 20
    assert "result 1" in archive(tmp_path)
    assert (attached(live_region), standing(live_region), contents(live_region)) == (0, 0, [])
    assert broken_blocks() == []
    with acting(region.worker):
        assert not Result.objects.filter(pk=past.result).exists()
        away = archive_of(past.result)
        assert away is not None
        assert (away.file, away.state) == ("aliquot-2025-03.zip", "archived")
    restore(tmp_path / "aliquot-2025-03.zip")
    assert contents(live_region) == before
    assert broken_blocks() == []
    with acting(region.worker):
        assert Result.objects.get(pk=past.result).value_text == "6.9\n"
        assert archive_of(past.result) is None


def test_a_call_that_was_closed_stays_closed(live_region: LiveRegion, past: Past, tmp_path: Path) -> None:
    before = live_region.look(CALL)
    archive(tmp_path)
    assert live_region.look(CALL) == before
    restore(tmp_path / "aliquot-2025-03.zip")
    assert live_region.look(CALL) == before
    with pytest.raises(psycopg.errors.CheckViolation, match="critical_call does not go from closed to open"):
        live_region.look("UPDATE critical_call SET state = 'open'")


def test_both_are_audited_with_who_and_why(live_region: LiveRegion, past: Past, tmp_path: Path) -> None:
    archive(tmp_path)
    restore(tmp_path / "aliquot-2025-03.zip")
    found = live_region.look(
        "SELECT DISTINCT actor, reason FROM audit_block WHERE table_name = 'archived_month' ORDER BY 2"
    )
    assert found == [("system:archive", "archive 2025-03"), ("system:archive", "restore 2025-03")]


def test_the_manifest_says_what_is_inside(live_region: LiveRegion, past: Past, tmp_path: Path) -> None:
    before = contents(live_region)
    archive(tmp_path)
    with zipfile.ZipFile(tmp_path / "aliquot-2025-03.zip") as file:
        manifest = json.loads(file.read("manifest.json"))
    assert {table: one["rows"] for table, one in manifest["tables"].items()} == {
        table: sum(row[0] == table for row in before) for table in ("result", "audit_row", "audit_block")
    }
    assert manifest["month"] == "2025-03"
    assert "danger" not in manifest["tables"]["result"]["columns"]


def test_the_part_that_comes_back_is_closed_to_the_application(
    live_region: LiveRegion, past: Past, tmp_path: Path
) -> None:
    archive(tmp_path)
    restore(tmp_path / "aliquot-2025-03.zip")
    for statement in ("SELECT count(*) FROM months.result_2025_03", "COPY months.result_2025_03 TO STDOUT"):
        with (
            psycopg.connect(live_region.app_url) as session,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            session.execute(statement.encode())
    assert live_region.look("SELECT relrowsecurity FROM pg_class WHERE relname = 'result_2025_03'") == [
        (True,)
    ]
    live_region.look("UPDATE months.result_2025_03 SET comment = 'at the prompt'")
    row = (
        "SELECT after ->> 'comment' FROM audit_row WHERE table_name = 'result' ORDER BY block_id DESC LIMIT 1"
    )
    assert live_region.look(row) == [("at the prompt",)]


def test_a_chain_that_does_not_go_on_from_its_archived_month_is_found(
    live_region: LiveRegion, past: Past, tmp_path: Path
) -> None:
    archive(tmp_path)
    live_region.look(
        "UPDATE archived_chain SET last_hash = '\\x00' WHERE id = (SELECT min(id) FROM archived_chain)"
    )
    assert {one.fault for one in broken_blocks()} & {
        "the block was altered",
        "the end of the chain was removed",
    }


def test_a_removed_archived_stretch_is_found(live_region: LiveRegion, past: Past, tmp_path: Path) -> None:
    archive(tmp_path)
    live_region.look("DELETE FROM archived_chain WHERE id = (SELECT min(id) FROM archived_chain)")
    assert broken_blocks() != []


class TestRefused:
    @pytest.mark.parametrize(
        ("damage", "words"),
        [
            ("UPDATE result SET state = 'held'", "1 result waits for a decision"),
            ("UPDATE lab_order SET state = 'placed'", "1 order is not complete"),
            (TAKEN_BACK, "1 critical value is still to be told"),
            (
                "UPDATE audit_block SET actor = 'x' WHERE id = (SELECT min(id) FROM audit_block)",
                "audit verify",
            ),
        ],
    )
    def test_what_is_not_finished(
        self, live_region: LiveRegion, past: Past, tmp_path: Path, damage: str, words: str
    ) -> None:
        live_region.look(damage)
        with pytest.raises(CommandError, match=words):
            archive(tmp_path)
        assert (attached(live_region), list(tmp_path.glob("*.zip"))) == (3, [])

    def test_a_month_that_look_backs_still_need(self, live_region: LiveRegion, tmp_path: Path) -> None:
        young = Month.of(timezone.now()).plus(-13)
        with pytest.raises(CommandError, match=f"{young.plus(-1)} is the youngest"):
            archive(tmp_path, str(young))

    @pytest.mark.parametrize(
        ("name", "words"), [("2025-13", "Write it as"), ("2024-07", "There is no month")]
    )
    def test_what_is_no_month_here(
        self, live_region: LiveRegion, tmp_path: Path, name: str, words: str
    ) -> None:
        with pytest.raises(CommandError, match=words):
            archive(tmp_path, name)

    def test_rows_that_somebody_changes_now(
        self, live_region: LiveRegion, past: Past, tmp_path: Path
    ) -> None:
        with psycopg.connect(live_region.owner_url) as other:
            other.execute("UPDATE result SET comment = 'x'")
            with pytest.raises(CommandError, match="Somebody changes rows of 2025-03"):
                archive(tmp_path)
        assert attached(live_region) == 3

    def test_a_damaged_file(self, live_region: LiveRegion, past: Past, tmp_path: Path) -> None:
        archive(tmp_path)
        file = tmp_path / "aliquot-2025-03.zip"
        content = file.read_bytes()
        file.write_bytes(content[: len(content) // 2])
        with pytest.raises(CommandError, match="damaged"):
            restore(file)
        file.write_bytes(content)
        restore(file)

    def test_another_file_than_the_one_written_here(
        self, live_region: LiveRegion, past: Past, tmp_path: Path
    ) -> None:
        archive(tmp_path)
        file, forged = tmp_path / "aliquot-2025-03.zip", tmp_path / "forged.zip"
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(forged, "w") as new:
            for name in old.namelist():
                new.writestr(name, old.read(name))
        with pytest.raises(CommandError, match="is not the file that was written"):
            restore(forged)

    def test_a_month_that_is_here(self, live_region: LiveRegion, past: Past, tmp_path: Path) -> None:
        archive(tmp_path)
        restore(tmp_path / "aliquot-2025-03.zip")
        with pytest.raises(CommandError, match="nothing to restore"):
            restore(tmp_path / "aliquot-2025-03.zip")

    def test_rows_that_do_not_fit_any_more(self, live_region: LiveRegion, past: Past, tmp_path: Path) -> None:
        archive(tmp_path)
        live_region.look("ALTER TABLE result ADD COLUMN odd integer NOT NULL")
        with pytest.raises(CommandError, match=r"do not fit.*0"):
            restore(tmp_path / "aliquot-2025-03.zip")
        assert standing(live_region) == 0


def test_what_lies_in_the_file_is_said_and_no_report_is_written_without_it(
    live_region: LiveRegion, region: Region, past: Past, tmp_path: Path
) -> None:
    archive(tmp_path)
    order = live_region.look("SELECT order_id FROM order_item WHERE id = %s", past.item)[0][0]
    doctor = one_with(region, "laboratory_doctor")
    with acting(doctor), pytest.raises(Refused, match=r"2025-03 lie in the file aliquot-2025-03\.zip"):
        comment_result(past.result, "late", by=doctor, at=NOW)
    with acting(region.worker), pytest.raises(Refused, match="restore-month"):
        release_reports([order], by=region.worker, at=NOW)
    restore(tmp_path / "aliquot-2025-03.zip")
    with acting(region.worker):
        assert release_reports([order], by=region.worker, at=NOW) == 1


def test_what_was_merged_meanwhile_is_followed(
    live_region: LiveRegion, region: Region, past: Past, tmp_path: Path
) -> None:
    archive(tmp_path)
    desk = one_with(region, "receptionist")
    kept = make_patient(region)
    make_order(region, patient=kept)
    with acting(desk):
        merge_patients(
            kept, Patient.objects.get(pk=past.patient), reason="same person", by=desk, at=timezone.now()
        )
    restore(tmp_path / "aliquot-2025-03.zip")
    assert live_region.look("SELECT patient_id FROM result WHERE id = %s", past.result) == [(kept.pk,)]
    moved = "SELECT moved -> 'result.patient_id' FROM patient_merge"
    assert live_region.look(moved) == [([past.result],)]


@contextmanager
def gate(live: LiveRegion, timing: str, condition: str = "true") -> Iterator[psycopg.Connection[object]]:
    """Stop whoever changes the records of archived months so, until the gate is opened."""
    live.look(
        f"""CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_advisory_lock({GATE}); PERFORM pg_advisory_unlock({GATE}); RETURN NEW; END $$;
            CREATE TRIGGER gate BEFORE {timing} ON archived_month FOR EACH ROW WHEN ({condition})
                EXECUTE FUNCTION wait_at_gate()"""
    )
    with psycopg.connect(live.owner_url, autocommit=True) as keeper:
        keeper.execute("SELECT pg_advisory_lock(%s)", (GATE,))
        yield keeper
    live.look("DROP TRIGGER gate ON archived_month; DROP FUNCTION wait_at_gate()")


def killed(live: LiveRegion, arguments: list[str], is_there: Callable[[], object]) -> None:
    """Start `aliquot <arguments>`, kill it -9 as soon as it is there, and wait until its session is gone."""
    process = live.start(*arguments)
    wait_for(is_there, "the process comes to the gate")
    process.send_signal(signal.SIGKILL)
    process.wait(10)


def waits(live: LiveRegion) -> bool:
    """Whether a session of this database waits for a lock."""
    query = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    return bool(live.look(query))


def alone(live: LiveRegion) -> bool:
    """Whether no other session than this is left."""
    query = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    others = len(live.look(query + " AND application_name <> 'watch' AND state <> 'idle'"))
    return others == 0


class TestKilled:
    """At each step: what is left is a month that is attached, or a complete file that the next run finishes."""

    def test_before_a_row_is_written(self, live_region: LiveRegion, past: Past, tmp_path: Path) -> None:
        before = contents(live_region)
        with psycopg.connect(live_region.owner_url) as other:
            other.execute("LOCK TABLE months.result_2025_03 IN ROW EXCLUSIVE MODE")
            killed(live_region, self.words(tmp_path), lambda: waits(live_region))
        wait_for(lambda: alone(live_region), "the killed session ends")
        assert (attached(live_region), list(tmp_path.iterdir())) == (3, [])
        assert contents(live_region) == before
        self.finish(live_region, tmp_path, before)

    def test_with_the_file_written_and_the_month_in_use(
        self, live_region: LiveRegion, past: Past, tmp_path: Path
    ) -> None:
        before = contents(live_region)
        with psycopg.connect(live_region.owner_url) as other:
            other.execute("LOCK TABLE result IN ACCESS SHARE MODE")
            killed(
                live_region,
                self.words(tmp_path),
                lambda: list(tmp_path.glob("*.zip")) and waits(live_region),
            )
        wait_for(lambda: alone(live_region), "the killed session ends")
        assert (attached(live_region), contents(live_region)) == (3, before)
        self.finish(live_region, tmp_path, before)

    def test_taken_out_and_not_committed(self, live_region: LiveRegion, past: Past, tmp_path: Path) -> None:
        before = contents(live_region)
        with gate(live_region, "INSERT"):
            killed(live_region, self.words(tmp_path), lambda: waits(live_region))
        wait_for(lambda: alone(live_region), "the killed session ends")
        assert (attached(live_region), contents(live_region)) == (3, before)
        self.finish(live_region, tmp_path, before)

    def test_taken_out_and_not_removed(self, live_region: LiveRegion, past: Past, tmp_path: Path) -> None:
        before = contents(live_region)
        with gate(live_region, "UPDATE"):
            killed(live_region, self.words(tmp_path), lambda: waits(live_region))
        wait_for(lambda: alone(live_region), "the killed session ends")
        assert (attached(live_region), standing(live_region)) == (0, 3)
        assert broken_blocks() == []
        assert [one.what for one in of_the_months()] == ["putting away 2025-03 was cut off"]
        self.refuses_without_the_file(live_region, tmp_path)
        assert "2025-03 is in" in archive(tmp_path)
        assert (attached(live_region), standing(live_region)) == (0, 0)
        restore(tmp_path / "aliquot-2025-03.zip")
        assert contents(live_region) == before

    def test_brought_back_and_not_committed(
        self, live_region: LiveRegion, past: Past, tmp_path: Path
    ) -> None:
        before = contents(live_region)
        archive(tmp_path)
        file = tmp_path / "aliquot-2025-03.zip"
        with gate(live_region, "UPDATE", "NEW.state = 'restored'"):
            killed(live_region, ["restore-month", str(file)], lambda: waits(live_region))
        wait_for(lambda: alone(live_region), "the killed session ends")
        assert (standing(live_region), ArchivedMonth.objects.using("owner").get().state) == (0, "archived")
        restore(file)
        assert contents(live_region) == before

    def words(self, folder: Path) -> list[str]:
        return ["archive", "--month", "2025-03", "--to", str(folder)]

    def finish(self, live: LiveRegion, folder: Path, before: list[tuple[object, ...]]) -> None:
        archive(folder)
        assert standing(live) == 0
        assert [one.name for one in folder.iterdir()] == ["aliquot-2025-03.zip"]
        restore(folder / "aliquot-2025-03.zip")
        assert contents(live) == before

    def refuses_without_the_file(self, live: LiveRegion, folder: Path) -> None:
        file = folder / "aliquot-2025-03.zip"
        shutil.move(file, folder / "elsewhere")
        with pytest.raises(CommandError, match="Put it back"):
            archive(folder)
        assert standing(live) == 3
        shutil.move(folder / "elsewhere", file)


def test_march_is_old_enough() -> None:
    assert Month.of(NOW).plus(-13) > MARCH
