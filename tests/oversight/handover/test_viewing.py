"""Packages are read by a person without any database server, increments included."""

from pathlib import Path

from django.db import connections

from aliquot.flow.reports.models import ReportDocument
from tests.oversight.handover.handed import Receiver, handover, make_reported, refusal
from tests.processes import LiveRegion
from tests.regions import Region


def close_the_database() -> None:
    """No connection is open, and none can be opened."""
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["PORT"] = "1"


def test_an_order_is_found_with_its_results_and_its_report(
    live_region: LiveRegion, region: Region, package: Path, receiver: Receiver, tmp_path: Path
) -> None:
    orders = make_reported(region, 1)
    live_region.look("UPDATE patient SET family_name = 'Осинкина' WHERE id = %s", orders[0].patient_id)
    increment = tmp_path / "increment"
    handover("export", "--to", increment, "--after", package, "--receiver", receiver.receiver)
    [(tube,)] = live_region.look("SELECT min(number) FROM specimen WHERE order_id = %s", orders[0].pk)
    content = bytes(ReportDocument.objects.using("owner").order_by("-id")[0].content)
    close_the_database()
    said = handover(
        "view",
        package,
        increment,
        *receiver.keys,
        "--patient",
        "осинкина ан",
        "--documents",
        tmp_path / "pdf",
    )
    assert said.startswith(orders[0].number)
    assert "Осинкина Анна" in said
    assert tube in said
    assert "GLUS" in said
    assert "5.40 mmol/L N" in said
    assert "report 1, final, ru" in said
    assert [one.read_bytes() for one in (tmp_path / "pdf").iterdir()] == [content]
    assert handover("view", package, increment, *receiver.keys, "--specimen", tube).startswith(
        orders[0].number
    )
    assert handover("view", package, increment, *receiver.keys, "--patient", "Берёзкина").count("GLUS") == 5
    assert "nothing is found" in refusal("view", package, *receiver.keys, "--order", orders[0].number)
    assert "Name a patient" in refusal("view", package, *receiver.keys)
    assert "not a full one" in refusal("view", increment, *receiver.keys, "--order", "1")
