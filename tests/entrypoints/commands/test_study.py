"""`aliquot study`: JSON of one case, tables of people, faults named; every shown case by the command itself."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation

from aliquot.entrypoints.commands import WITHOUT_DATABASE
from aliquot.entrypoints.commands.study import Command
from tests.foundation.test_sheets import make_workbook
from tests.oversight.studies.rules.asked import NEEDS_ORACLES, cases

TABLE = "# critical_difference: 0.5\ncurrent,candidate\n" + "".join(
    f"{one},{one}.1\n" for one in range(5, 25)
)
KINDS = [
    ("precision", "precision_ep05"),
    ("bland-altman", "bland_altman"),
    ("comparison", "method_comparison"),
]


def study(kind: str, content: str | bytes, monkeypatch: pytest.MonkeyPatch, *options: str) -> str:
    text = content.encode() if isinstance(content, str) else content
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    output = io.StringIO()
    call_command(Command(stdout=output), kind, "-", *options)
    return output.getvalue()


def of_file(kind: str, path: Path, *options: str) -> str:
    output = io.StringIO()
    call_command(Command(stdout=output), kind, str(path), *options)
    return output.getvalue()


@NEEDS_ORACLES
@pytest.mark.parametrize(
    ("kind", "case"),
    [pytest.param(kind, one.values[0], id=str(one.id)) for kind, topic in KINDS for one in cases(topic)],
)
def test_every_key_of_every_shown_case_is_printed(
    kind: str, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The numbers themselves are held by the tests of the rules."""
    found = json.loads(study(kind, json.dumps(case["inputs"]), monkeypatch))
    assert {one for one in case["expected"] if one not in found} == set()
    for name, expected in case["expected"].items():
        if isinstance(expected, dict):
            assert expected.keys() - {"ci_method", "error_ratio"} <= found[name].keys()


def test_a_table_of_people_is_decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "lot.csv"
    file.write_text(TABLE, encoding="utf-8")
    text = of_file("lot", file)
    assert text.startswith(
        "lot: accepted\n  Mean difference of the lots: 0.1 (0.1 to 0.1) meets the limit 0.5.\n"
    )
    assert "difference: 0.1\n" in text
    assert json.loads(of_file("lot", file, "--json"))["decision"] == "accepted"
    assert json.loads(study("lot", TABLE, monkeypatch))["decision"] == "accepted"
    assert of_file("lot", file, "--plan", "critical_difference=0.05").startswith("lot: rejected")


def test_a_workbook_and_nested_figures(tmp_path: Path) -> None:
    file = tmp_path / "book.xlsx"
    file.write_bytes(make_workbook([["day", "y"], [1, 5], [1, 5.1], [2, 5.2], [2, 5.3]]))
    assert "sd_repeatability: 0.0707107" in of_file("precision", file)
    pairs = tmp_path / "pairs.json"
    pairs.write_text(json.dumps({"inputs": {"x": [1, 2, 3, 4, 5], "y": [1, 2, 3.1, 4, 5]}}), encoding="utf-8")
    text = of_file("comparison", pairs)
    assert "\nPaBa:\n  intercept: " in text
    assert "\nbias:\n  level 1, predicted " in text
    assert "\n  error_ratio: -\n" in text
    assert "  ! 5 pairs; EP09 asks for at least 40." in text


def test_in_russian(tmp_path: Path) -> None:
    file = tmp_path / "lot.csv"
    file.write_text(TABLE, encoding="utf-8")
    with translation.override("ru"):
        assert "Средняя разность лотов: 0.1" in of_file("lot", file)


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("{", (), "The input is no JSON"),
        ("[1]", (), "The input is no JSON object"),
        ('{"x": 1, "x": 2}', (), "A name stands twice"),
        ("current,candidate\n1,a\n", (), "candidate, B2: 'a' is not a number"),
        (TABLE, ("--plan", "tea"), "--plan tea: write NAME=VALUE"),
        ("", (), "- holds no rows"),
    ],
)
def test_faults_are_named_and_end_with_2(
    content: str, options: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError) as fault:
        study("lot", content, monkeypatch, *options)
    assert str(fault.value).startswith(said)
    assert fault.value.returncode == 2


def test_a_file_that_is_not_there_and_a_kind_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        of_file("lot", tmp_path / "none.csv")
    file = tmp_path / "lot.csv"
    file.write_text(TABLE, encoding="utf-8")
    with pytest.raises(CommandError, match="magic is no kind of study"):
        of_file("magic", file)


def test_it_needs_no_database() -> None:
    assert "study" in WITHOUT_DATABASE
