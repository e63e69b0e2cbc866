"""`aliquot qc evaluate`: every shown case, tables of people, and errors that name the field."""

import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from aliquot.entrypoints.commands.qc import Command

ORACLES = Path(__file__).parents[4] / "shared" / "oracles"
NEEDS_ORACLES = pytest.mark.skipif(not ORACLES.is_dir(), reason="the shared oracles are not at hand")
TOPICS = ["westgard", "sigma", "pbrtqc"]
SECOND_TARGET = (
    "D7: level 2 of lot - has two targets, mean '11' here and 10 in D3; correct one of them, or name the other"
    " lot in the column lot."
)


def qc(text: str, monkeypatch: pytest.MonkeyPatch, *options: str) -> dict[str, Any]:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    output = io.StringIO()
    call_command(Command(stdout=output), "evaluate", "-", *options)
    found: dict[str, Any] = json.loads(output.getvalue())
    return found


def cases() -> list[Any]:
    return [
        pytest.param(case, id=case["id"])
        for topic in TOPICS
        if (ORACLES / f"{topic}.json").exists()
        for case in json.loads((ORACLES / f"{topic}.json").read_text("utf-8"))["cases"]
    ]


def is_same(found: Any, expected: Any, tolerance: float) -> bool:
    if isinstance(expected, list):
        return len(found) == len(expected) and all(
            is_same(one, other, tolerance) for one, other in zip(found, expected, strict=True)
        )
    if isinstance(expected, float):
        return found is not None and abs(found - expected) <= tolerance
    return bool(found == expected)


@NEEDS_ORACLES
@pytest.mark.parametrize("case", cases())
def test_every_shown_case(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    found = qc(json.dumps(case["inputs"]), monkeypatch)
    tolerance = case.get("tolerance", {}).get("abs", 1e-9)
    for key, expected in case["expected"].items():
        if key != "note" and not key.startswith("must"):
            assert is_same(found[key], expected, tolerance), key


@NEEDS_ORACLES
@pytest.mark.parametrize("case", [one for one in cases() if one.id.startswith("wg:")])
def test_what_must_and_must_not_be_flagged(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    flags = qc(json.dumps(case["inputs"]), monkeypatch)["all_flags"]
    for flag in case["expected"]["must_flag"]:
        assert flag in flags
    for prefix in case["expected"]["must_not_flag_prefix"]:
        assert not [flag for flag, _ in flags if flag.startswith(prefix)]


def test_numbers_are_taken_as_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """As binary fractions these two would lie further apart than 4 SD."""
    assert 2.2 - -1.8 == 4.0
    assert qc('{"z_by_run": [[2.3, -1.7000000000000000001]]}', monkeypatch)["all_flags"][-1] == [
        "R-4s(range)",
        1,
    ]
    assert qc('{"z_by_run": [[2.3, -1.7]]}', monkeypatch)["all_flags"] == [["1-2s", 1]]


def test_options_choose_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    text = '{"z_by_run": [[2.4, -2.3]]}'
    found = qc(text, monkeypatch, "--rules", "westgard", "--r4s", "range")
    assert found["all_flags"] == [["1-2s", 1], ["R-4s(range)", 1]]
    assert qc(text, monkeypatch, "--sigma", "6")["all_flags"] == []


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "controls.csv"
    path.write_text(
        "run,level,value,mean,sd\n1,1,5.21,5,0.1\n1,2,10.1,10,1\n2,1,5.24,5,0.1\n2,2,9.8,10,1\n", "utf-8"
    )
    return path


def said(path: Path, *options: str) -> str:
    output = io.StringIO()
    call_command(Command(stdout=output), "evaluate", str(path), *options)
    return output.getvalue()


def test_a_table_is_judged_in_lines_for_a_person(table: Path) -> None:
    lines = said(table, "--rules", "1-2s/2-2s").splitlines()
    assert lines == [
        "2 runs of 2 levels, rules 1-2s, 2-2s(within-level), 2-2s(across-levels,within-run)",
        "run 1: 1-2s warning, either error: 1/1 +2.10s",
        "run 2: 1-2s warning, either error: 2/1 +2.40s",
        "run 2: 2-2s(within-level) rejection, systematic error: 1/1 +2.10s, 2/1 +2.40s",
    ]
    assert "No rule is broken." in said(table, "--rules", "1-3s")


def test_a_table_is_judged_as_one_object(table: Path) -> None:
    assert json.loads(said(table, "--json", "--rules", "2-2s"))["all_flags"] == [["2-2s(within-level)", 2]]


def test_figures_are_told_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "sigma.json"
    path.write_text('{"inputs": {"TEa_pct": 10, "bias_pct": 2, "cv_pct": 2}}', "utf-8")
    lines = said(path).splitlines()
    assert lines[0] == "sigma: 4"
    assert "weakness: imprecision" in lines


def test_bad_rows_are_named_and_the_rest_is_judged(table: Path) -> None:
    table.write_text(f"{table.read_text('utf-8')}3,1,high,5,0.1\n3,2,10,11,1\n,1,5,5,0.1\n", "utf-8")
    output = io.StringIO()
    with pytest.raises(CommandError) as told:
        call_command(Command(stdout=output), "evaluate", str(table), "--json")
    assert told.value.returncode == 2
    assert str(told.value).splitlines() == [
        "3 rows are left out, the rest is judged:",
        "C6: 'high' is no number in the column value; correct it or leave the row out.",
        SECOND_TARGET,
        "run lacks in A8: fill it in, or leave the row out.",
    ]
    found = json.loads(output.getvalue())
    assert ["2-2s(within-level)", 2] in found["all_flags"]
    assert [one["row"] for one in found["faults"]] == [6, 7, 8]


def test_thousands_of_points(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    rows = (f"{run},{level},{0.5 if run % 2 else -0.5}" for run in range(1, 2001) for level in (1, 2))
    path.write_text("\n".join(["run,level,z", *rows, "2001,1,3.1"]), "utf-8")
    found = json.loads(said(path, "--json", "--rules", "westgard"))
    assert found["runs"] == 2001
    assert found["all_flags"] == [["1-2s", 2001], ["1-3s", 2001]]
    assert [one["text"] for one in found["missing"]] == [
        "Run 2001: level 2 was not measured; the rules go on with what is there."
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The input is empty"),
        ("{", "The input is no JSON"),
        ("[1]", "no JSON object"),
        ('{"z_by_run": [[NaN]]}', "NaN is no number"),
        ('{"levels": 1, "levels": 2}', "A name stands twice"),
        ('{"z_by_run": [["x"]]}', "z_by_run, run 1, level 1: 'x' is no number"),
        ('{"z_by_run": ' + "[" * 100_000, "nested too deeply"),
        ('{"colour": "red"}', "colour: no question of control"),
        ("colour;size\nred;2\n", "no line of headings"),
        ("run;value\n1;2\n", "no column mean"),
    ],
)
def test_an_error_names_the_field_and_is_no_traceback(
    text: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError) as told:
        qc(text, monkeypatch)
    assert words in str(told.value)
    assert told.value.returncode == 2


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        said(tmp_path / "none.csv")


def test_the_command_needs_no_database(tmp_path: Path) -> None:
    ran = subprocess.run(
        [Path(sys.executable).parent / "aliquot", "qc", "evaluate", "-"],
        input='{"z_by_run": [[3.1]]}',
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PATH": "", "ALIQUOT_HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["all_flags"] == [["1-2s", 1], ["1-3s", 1]]
    assert not (tmp_path / "home").exists()
