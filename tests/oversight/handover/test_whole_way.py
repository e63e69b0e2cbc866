"""A region goes from one operator to another: written, checked, restored, proven the same."""

import json
import re
import shutil
import signal
import tempfile
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command

from aliquot.entrypoints.commands.archive import Command as Archive
from aliquot.entrypoints.commands.restore_month import Command as RestoreMonth
from aliquot.flow.reports.models import ReportDocument
from aliquot.foundation.audit.queries import broken_blocks
from aliquot.foundation.postgres import PostgresUnavailable, connect_urls, status, stop
from aliquot.foundation.postgres.binaries import OLDEST, find_installation
from aliquot.foundation.seals import seal
from aliquot.oversight.handover.models import HandoverPackage
from aliquot.oversight.handover.queries.packages import manifest_in, open_part
from aliquot.oversight.handover.rules.columnar import squeezed
from aliquot.oversight.handover.rules.manifest import TABLE, Part
from aliquot.registers.patients.models import Patient
from tests.factories import make_order, make_patient
from tests.foundation.months.past import make_march
from tests.oversight.handover.handed import Receiver, at, handover, make_reported, refusal, signer
from tests.processes import LiveRegion, wait_for
from tests.regions import Region


def documents() -> list[bytes]:
    return [
        bytes(one)
        for one in ReportDocument.objects.using("owner").order_by("id").values_list("content", flat=True)
    ]


def test_the_same_region_at_another_place(package: Path, receiver: Receiver) -> None:
    before = documents()
    assert "whole" in handover("verify", package, "--signer", signer())
    assert "whole" in handover("verify", package, *receiver.keys, "--inside")
    # killed after it was signed and before that was noted: the same words again
    HandoverPackage.objects.using("owner").update(digest="", finished_at=None)
    (package / "progress.jsonl").write_bytes(b"{}\n[]\n")
    handover("export", "--to", package, "--receiver", receiver.receiver)
    assert not (package / "progress.jsonl").exists()
    [record] = HandoverPackage.objects.using("owner").all()
    assert record.digest == manifest_in(package, signer=signer())[0]
    assert (record.begun_by, record.receivers) == ("system:handover", [receiver.receiver])
    with at(receiver):
        assert "rows are here" in handover("restore", package, *receiver.keys)
        said = handover("prove", package, *receiver.keys)
        assert "The same." in said
        assert " 5 documents" in said
        assert documents() == before
        assert len(before) == 5
        assert broken_blocks() == []
        assert "tables in this database already" in refusal("restore", package, *receiver.keys)
        receiver.live.look("UPDATE patient SET given_name = 'Мария' WHERE id = (SELECT min(id) FROM patient)")
        said = refusal("prove", package, *receiver.keys)
        assert "tables/patient/" in said
        assert "not what is in the package" in said


def has_older_server() -> bool:
    try:
        return find_installation("system", OLDEST).version == OLDEST
    except PostgresUnavailable:
        return False


@pytest.mark.skipif(not has_older_server(), reason="no PostgreSQL 15 on this machine")
def test_an_older_server_takes_the_package(package: Path, receiver: Receiver) -> None:
    home = Path(tempfile.mkdtemp(prefix="aliquot-older-"))
    home.chmod(0o755)
    urls = connect_urls(home, {"ALIQUOT_POSTGRES": "system"}, detach=True)
    receiver.live, receiver.home = LiveRegion(home, urls.owner_url, urls.app_url), home
    try:
        with at(receiver):
            handover("restore", package, *receiver.keys)
            assert receiver.live.look("SHOW server_version_num")[0][0].startswith(str(OLDEST))
            assert "The same." in handover("prove", package, *receiver.keys)
    finally:
        stop(home, "immediate")
        data = status(home).data
        shutil.rmtree(data if data.parent == home else data.parent, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def one_byte(folder: Path, part: Part, _receiver: Receiver) -> None:
    content = bytearray((folder / part.path).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / part.path).write_bytes(content)


def one_row(folder: Path, part: Part, receiver: Receiver) -> None:
    """What whoever can open it could do: another name, sealed anew."""
    content = open_part(folder, part, key=receiver.key).replace("Берёзкина".encode(), "Осинкина".encode(), 1)
    target = BytesIO()
    seal(BytesIO(squeezed(content)), target, [receiver.receiver])
    (folder / part.path).write_bytes(target.getvalue())


def one_file(folder: Path, part: Part, _receiver: Receiver) -> None:
    (folder / part.path).unlink()


def one_more(folder: Path, _part: Part, _receiver: Receiver) -> None:
    (folder / "tables" / "more.csv").write_bytes(b"1")


def the_manifest(folder: Path, _part: Part, _receiver: Receiver) -> None:
    said = json.loads((folder / "manifest.json").read_text())
    said["region"] = "another"
    (folder / "manifest.json").write_text(json.dumps(said))


Alter = Callable[[Path, Part, Receiver], None]
ALTERATIONS: list[tuple[Alter, str]] = [
    (one_byte, r"tables/patient/\d+\.csv\.zst\.age is not what was signed \(patient: \d+, \d+\.\.\d+\)"),
    (one_row, r"tables/patient/\d+\.csv\.zst\.age: the row patient \d+ is not what was signed \(1 rows"),
    (one_file, r"tables/patient/\d+\.csv\.zst\.age is missing \(patient: "),
    (one_more, r"tables/more\.csv was added"),
    (the_manifest, r"The manifest of altered was not signed with this key"),
]


def test_whatever_is_altered_is_found_and_named(package: Path, receiver: Receiver, tmp_path: Path) -> None:
    _digest, manifest = manifest_in(package, signer=signer())
    part = next(one for one in manifest.of_kind(TABLE) if one.about == "patient")
    folder = tmp_path / "altered"
    for alter, words in ALTERATIONS:
        shutil.copytree(package, folder)
        alter(folder, part, receiver)
        said = refusal("verify", folder, *receiver.keys, "--inside")
        assert re.search(words, said), said
        assert "The package is whole" not in said
        assert refusal("verify", folder, "--signer", signer())
        with at(receiver):
            assert (
                "not restored" in (found := refusal("restore", folder, *receiver.keys))
                or "not signed" in found
            )
            assert receiver.live.look("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
        shutil.rmtree(folder)


def test_who_is_not_the_receiver_reads_nothing(package: Path, region: Region) -> None:
    """Neither names nor numbers stand in any file of the package."""
    patient = Patient.objects.using("owner").order_by("-id")[0]
    for path in package.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not any(
            word.encode() in content for word in (patient.family_name, patient.patronymic, "Lugovoy")
        ), path


def test_another_key_opens_nothing(package: Path, receiver: Receiver) -> None:
    with at(receiver):
        said = refusal("restore", package, "--signer", receiver.signer)
        assert receiver.live.look("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    assert "cannot be opened with this key" in said


def finished(progress: Path) -> set[str]:
    """The tables of which parts are finished."""
    lines = progress.read_bytes().split(b"\n")[1:-1] if progress.exists() else []
    return {one["about"] for line in lines for one in json.loads(line)}


def test_a_killed_export_goes_on_and_takes_what_changed(
    live_region: LiveRegion, region: Region, receiver: Receiver, tmp_path: Path
) -> None:
    make_reported(region, 3)
    changed, left = make_patient(region), make_patient(region)
    folder = tmp_path / "package"
    words = ("handover", "export", "--to", str(folder), "--receiver", receiver.receiver)
    progress = folder / "progress.jsonl"
    with psycopg.connect(live_region.owner_url) as somebody:
        somebody.execute("LOCK TABLE specimen IN ACCESS EXCLUSIVE MODE")  # so that the export stands there
        process = live_region.start(*words)
        wait_for(lambda: finished(progress) >= {"patient", "person", "section"}, "parts of the package")
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not (folder / "manifest.sig").exists()
    live_region.look("UPDATE patient SET given_name = 'Мария' WHERE id = %s", changed.pk)
    make_order(region, patient=left)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.csv.zst.age")}
    handover("export", "--to", folder, "--receiver", receiver.receiver)
    kept = {path.parent.name for path in before if path.exists() and path.stat().st_mtime_ns == before[path]}
    assert {"section", "reference_interval"} <= kept
    assert not kept & {"patient", "person"}
    assert not progress.exists()
    assert "whole" in handover("verify", folder, *receiver.keys, "--inside")
    with at(receiver):
        handover("restore", folder, *receiver.keys)
        assert "The same." in handover("prove", folder, *receiver.keys)
        assert Patient.objects.using("owner").get(pk=changed.pk).given_name == "Мария"


def test_a_month_that_was_put_away_goes_along(
    live_region: LiveRegion, region: Region, receiver: Receiver, tmp_path: Path
) -> None:
    make_march(live_region, region)
    written, moved, folder = tmp_path / "written", tmp_path / "moved", tmp_path / "package"
    written.mkdir()
    call_command(Archive(), "--month", "2025-03", "--to", str(written), stdout=StringIO())
    written.rename(moved)
    words = ("export", "--to", folder, "--receiver", receiver.receiver)
    assert "2025-03 was put away into" in refusal(*words)
    handover(*words, "--months", moved)
    with at(receiver):
        handover("restore", folder, *receiver.keys)
        assert "The same." in handover("prove", folder, *receiver.keys)
        file = receiver.home / "months" / "aliquot-2025-03.zip"
        assert file.read_bytes() == (moved / "aliquot-2025-03.zip").read_bytes()
        call_command(RestoreMonth(), str(file), stdout=StringIO())
        assert broken_blocks() == []
