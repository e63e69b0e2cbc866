"""Tables that a device exports into a folder, from the file to readings; files that are none are named."""

from pathlib import Path

import pytest

from tests.entrypoints.links.lines import Stage, place
from tests.processes import LiveRegion, wait_for
from tests.regions import read_region

pytestmark = pytest.mark.journey

HEADER = (
    "ID Instrument,Ana. Jour,Ana. Heure,N° Rack,Pos. Tube,N° Échantillon,Opérateur validé,"
    "GB(10/uL),GB/M,GR(10^4/uL),GR/M,HBG(g/L),HBG/M,HCT(10^(-1)%),HCT/M,PLQ(10^3/uL),PLQ/M"
)
ROW = "XT-2000i^30007,02/03/2026,08:{minute:02d}:10,2,{tube},{number},Éloïse,{values}\r\n"


def table(*numbers: str, values: str = "815,+,412,,121,-,368,,204,") -> bytes:
    rows = [
        ROW.format(minute=at, tube=at, number=number, values=values) for at, number in enumerate(numbers, 1)
    ]
    return f"{HEADER}\r\n{''.join(rows)}".encode("cp1252")


def drop(folder: Path, name: str, content: bytes) -> None:
    draft = folder / f".{name}.part"
    draft.write_bytes(content)
    draft.rename(folder / name)


@pytest.fixture
def stage(live_region: LiveRegion, tmp_path: Path) -> Stage:
    found = place(
        live_region,
        read_region(),
        "sysmex_xt2000i",
        transport="folder",
        address=f"folder://{tmp_path}?settle=0.1",
    )
    live_region.start("links", ALIQUOT_LOG="CRITICAL")
    found.shows("connected")
    return found


def test_a_table_with_french_names_becomes_readings(stage: Stage, tmp_path: Path) -> None:
    numbers = stage.tubes(2)
    content = table(*numbers)
    assert b"\xc9chantillon" in content  # a western letter, no UTF-8
    drop(tmp_path, "export 0203.csv", content)
    (tmp_path / "Bases.mdb").write_bytes(b"the device's own")
    wait_for((tmp_path / "kept" / "export 0203.csv").exists, "the file is put away")
    assert [bytes(row[1]) for row in stage.messages()] == [content]
    assert (tmp_path / "Bases.mdb").exists()  # of no pattern of this model
    assert sorted(stage.read()) == sorted(["8.15", "4.12", "121", "36.8", "204"] * 2)
    rows = stage.live.look(
        "SELECT s.number, r.code, r.unit, r.flags FROM reading r JOIN specimen s ON s.id = r.specimen_id"
        " WHERE r.state = 'filed' AND r.code IN ('GB', 'HBG') ORDER BY s.number, r.code"
    )
    assert [row[:2] for row in rows] == [
        (number, code) for number in sorted(numbers) for code in ("GB", "HBG")
    ]
    assert [row[3] for row in rows] == [["high"], ["low"]] * 2
    assert {row[2] for row in rows if row[1] == "HBG"} == {"g/L"}


def test_files_that_are_no_table_are_named_and_stop_no_other(stage: Stage, tmp_path: Path) -> None:
    (number,) = stage.tubes(1)
    drop(tmp_path, "a picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00")
    drop(tmp_path, "cut off.csv", table(number)[:-12])
    drop(tmp_path, "nothing.csv", b"")
    drop(tmp_path, "z good.csv", table(number))
    wait_for((tmp_path / "kept" / "z good.csv").exists, "the good file is put away")
    assert len(stage.read()) == 5
    rows = stage.live.look("SELECT connection, state, problems FROM message ORDER BY connection")
    assert [(name.split(" ", 1)[1].rsplit(" ", 1)[0], state) for name, state, _ in rows] == [
        ("a picture.csv", "quarantined"),
        ("cut off.csv", "quarantined"),
        ("z good.csv", "filed"),
    ]
    assert all(problems and problems[0]["detail"] for _, state, problems in rows if state == "quarantined")
    stage.shows("failed", "empty: nothing.csv")
    drop(tmp_path, "nothing.csv", table("710100009999"))  # exported again
    stage.shows("connected")
    assert len(stage.messages()) == 4
