"""The captures of native protocols against what is known to stand in them."""

import json
from pathlib import Path
from typing import Any

import pytest

from aliquot.wire.astm_records import Message
from aliquot.wire.native.grammars import GRAMMARS

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "analyzers"
pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of captures is not here")

_KEYS = {"test": 3, "value": 4, "unit": 5, "flags": 7}
_ALWAYS = ("test", "value")


def rows(messages: list[Message]) -> list[dict[str, str]]:
    """Every result with the specimen it stands under."""
    found: list[dict[str, str]] = []
    for message in messages:
        specimen = ""
        for record in message.walk():
            specimen = record.field(3) if record.kind == "O" else specimen
            if record.kind == "R":
                fields = {key: record.field(number) for key, number in _KEYS.items()}
                found.append({"specimen_o3": specimen, **fields})
    return found


def truth(file: str) -> list[dict[str, Any]]:
    lines = (CORPUS / "truth.jsonl").read_text("utf-8").splitlines()
    return [one for one in map(json.loads, lines) if one["file"] == file]


def content(file: str, start: int, end: int) -> bytes:
    """The text inside the frame; the links that cut it have tests of their own."""
    return (CORPUS / file).read_bytes()[start:end]


@pytest.mark.parametrize(
    ("kind", "file", "start", "end"),
    [
        ("advia2120", "siemens_advia2120/rekeyed_results_12p.bin", 2, -2),
        ("dimension", "siemens_dimension_exl/rekeyed_result_3t_error6.dim", 1, -3),
        ("lis3", "siemens_rapidlab850/qc_new_data.lis3", 1, -4),
        ("lis3", "siemens_rapidpoint500/smp_new_data.lis3", 1, -4),
        ("sysmex_ca", "sysmex_ca660/result_6p.bin", 1, -1),
    ],
)
def test_every_result_is_exact(kind: str, file: str, start: int, end: int) -> None:
    expected = truth(file)
    found = rows(GRAMMARS[kind](content(file, start, end), "latin-1"))
    assert len(expected) > 1
    for one, known in zip(found, expected, strict=True):
        assert {key: one[key] for key in known if key in one} == {k: known[k] for k in known if k in one}


def test_a_dimension_error_is_a_failed_result_not_a_zero() -> None:
    file = "siemens_dimension_exl/rekeyed_result_3t_error6.dim"
    (message,) = GRAMMARS["dimension"](content(file, 1, -3))
    last = [record for record in message.walk() if record.kind == "R"][-1]
    assert (last.field(4), last.field(9), last.children[0].field(4)) == ("", "X", "reagent quality control")
    assert last.field(13) == "20260309150000"


def test_a_control_of_the_rapidlab_carries_lot_level_and_limits() -> None:
    (message,) = GRAMMARS["lis3"](content("siemens_rapidlab850/qc_new_data.lis3", 1, -4))
    records = list(message.walk())
    order, lot = (next(one for one in records if one.kind == kind) for kind in "OM")
    assert order.field(12) == "Q"
    assert lot.fields[3:] == ["108860", "361204", "1", "04May30", "1"]
    ranges = [one.field(6) for one in records if one.kind == "R"]
    assert ranges == ["7.131 - 7.171", "65.0 - 75.0"]
    assert "iSTATUS ACCEPT" in [one.field(4) for one in records if one.kind == "C"]


def test_the_mini_vidas_and_its_adapter_say_the_same() -> None:
    file = "biomerieux_mini_vidas/result_native.txt"
    native = GRAMMARS["vidas"](content(file, 1, -3))
    mock = truth("biomerieux_mini_vidas/result_mock.astm")
    assert [(one["specimen_o3"], one["test"], one["value"]) for one in rows(native)] == [
        (one["specimen_o3"], one["test"], one["value"]) for one in mock
    ]
    (result,) = [record for record in native[0].walk() if record.kind == "R"]
    assert [one.field(4) for one in result.children] == ["Positif", "Anti-HBc Total II"]
    assert result.field(13) == mock[0]["time"]


def test_the_spotchem_line_and_its_adapter_say_the_same() -> None:
    native = GRAMMARS["spotchem"](content("arkray_spotchem_el/result_native.txt", 1, -2))
    mock = truth("arkray_spotchem_el/result_mock.astm")
    found = [(one["specimen_o3"], one["test"], float(one["value"]), one["unit"]) for one in rows(native)]
    assert found == [(o["specimen_o3"], o["test"], float(o["value"]), o["unit"]) for o in mock]


XT2000 = {
    "specimen": "N' Echantillon",
    "place": "Pos. Tube",
    "instrument": "ID Instrument",
    "date": "Ana. Jour",
    "time": "Ana. Heure",
    "ignored": [
        *("N' Rack", "Info *", "Ana. *", "Positif(*", "Erreur(*", "GB anormaux", "GB suspicions"),
        *("GR anormaux", "GR suspicions", "PLQ anormales", "PLQ suspicions", "Valider", "Message(s)*"),
        *("Commentaire *", "Param*", "N' S*", "IP *", "Qflag*"),
    ],
}


def test_a_french_export_gives_codes_units_and_flags_of_both_rows() -> None:
    raw = (CORPUS / "sysmex_xt2000i" / "export.csv").read_bytes()
    found = rows(GRAMMARS["csv"](raw, "cp1252", **XT2000))
    assert len(found) == 33 + 33
    assert found[0] == {
        "specimen_o3": "ACCC76134",
        "test": "GB",
        "value": "572",
        "unit": "10/uL",
        "flags": "",
    }
    flagged = {one["test"]: one["flags"] for one in found[33:] if one["flags"]}
    assert flagged["VGM"] == "-"
    assert flagged["PLQ"] == "*"
    assert ("IDP", "----") in [(one["test"], one["value"]) for one in found[33:]]


def test_a_name_in_another_charset_is_no_table() -> None:
    raw = (CORPUS / "sysmex_xt2000i" / "export.csv").read_bytes()
    with pytest.raises(ValueError, match="utf-8"):
        GRAMMARS["csv"](raw, "utf-8", **XT2000)
