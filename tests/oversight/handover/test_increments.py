"""The days after a full package: small packages that follow one another, and nothing is lost or doubled."""

import shutil
from pathlib import Path

from aliquot.flow.reports.models import Report
from aliquot.foundation.audit.queries import broken_blocks
from aliquot.foundation.context import acting
from aliquot.oversight.handover.queries.packages import manifest_in
from aliquot.oversight.handover.rules.manifest import TABLE
from aliquot.registers.patients.actions import note_access
from aliquot.registers.patients.models import Patient
from tests.factories import NOW, make_order, make_patient
from tests.oversight.handover.handed import Receiver, at, handover, make_reported, refusal, signer
from tests.processes import LiveRegion
from tests.regions import Region, one_with


def work(live: LiveRegion, region: Region, name: str) -> None:
    """A day of it: reports, a changed name, a number taken back, a password, a look, a row removed."""
    make_reported(region, 2)
    patient = make_patient(region)
    make_order(region, patient=patient)
    nurse = one_with(region, "nurse", region.clinic)
    with acting(nurse):
        note_access([patient.pk], "order", by=nurse, at=NOW)
    live.look("UPDATE patient SET given_name = %s WHERE id = (SELECT min(id) FROM patient)", name)
    live.look("UPDATE person SET password = %s WHERE id = (SELECT min(id) FROM person)", f"argon2${name}")
    live.look("DELETE FROM contact WHERE id = (SELECT min(id) FROM contact)")
    live.look("DELETE FROM number_range WHERE id = (SELECT max(id) FROM number_range)")


def test_increments_bring_the_receiver_up_to_date(
    live_region: LiveRegion, region: Region, package: Path, receiver: Receiver, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    to = ("--receiver", receiver.receiver)
    with at(receiver):
        handover("restore", package, *receiver.keys)
    work(live_region, region, "Мария")
    handover("export", "--to", first, "--after", package, *to)
    work(live_region, region, "Софья")
    handover("export", "--to", second, "--after", first, *to)
    assert "whole" in handover("verify", package, first, second, *receiver.keys, "--inside")
    assert "1 is missing before it" in refusal("verify", package, second, "--signer", signer())
    assert size(second) < size(package) / 3
    with at(receiver):
        said = refusal("restore", second, *receiver.keys)
        assert "Increment 2 does not follow: 1 is missing before it" in said
        assert Patient.objects.using("owner").filter(given_name="Мария").count() == 0
        handover("restore", first, *receiver.keys)
        # killed after the rows were committed and before that was noted: the same words again
        (receiver.home / "handover.json").write_bytes((package / "manifest.json").read_bytes())
        handover("restore", first, second, *receiver.keys)
        said = handover("prove", package, first, second, *receiver.keys)
        assert "The same." in said
        assert Patient.objects.using("owner").filter(given_name="Софья").count() == 1
        assert Report.objects.using("owner").count() == 9
        assert broken_blocks() == []
        assert receiver.live.look("SELECT password FROM person ORDER BY id LIMIT 1") == [("argon2$Софья",)]
        assert "does not follow" in refusal("restore", first, *receiver.keys)
        receiver.live.look("UPDATE patient SET given_name = 'Вера' WHERE id = (SELECT max(id) FROM patient)")
        assert "tables/patient/" in refusal("prove", package, first, second, *receiver.keys)
    third = tmp_path / "third"
    handover("export", "--to", third, "--after", second, *to)
    with at(receiver):
        assert "Something was recorded here" in refusal("restore", third, *receiver.keys)


def size(folder: Path) -> int:
    _digest, manifest = manifest_in(folder, signer=signer())
    return sum(one.rows for one in manifest.of_kind(TABLE))


def test_what_the_audit_cannot_tell_needs_a_full_package(
    live_region: LiveRegion, package: Path, receiver: Receiver, tmp_path: Path
) -> None:
    words = ("export", "--to", tmp_path / "next", "--after", package, "--receiver", receiver.receiver)
    live_region.look(
        "UPDATE django_migrations SET name = '9999_later' WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'aliquot')"
    )
    assert "updated since (9999_later): write a full package" in refusal(*words)


def test_a_package_of_another_region_is_no_predecessor(
    package: Path, receiver: Receiver, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign"
    shutil.copytree(package, foreign)
    (foreign / "manifest.sig").write_text("AAAA")
    said = refusal("export", "--to", tmp_path / "next", "--after", foreign, "--receiver", receiver.receiver)
    assert "not signed with this key" in said
