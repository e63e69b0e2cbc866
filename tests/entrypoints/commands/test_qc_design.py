"""`aliquot qc design`: a history of patients' results as a table, in CSV or on standard input."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from aliquot.entrypoints.commands.qc import Command

FEW = ("--trials", "20", "--most", "100")


def table(days: int = 45, delimiter: str = ",") -> str:
    chance = np.random.default_rng(3)
    rows = [
        f"2026-{1 + day // 28:02}-{1 + day % 28:02}{delimiter}{value:.1f}"
        for day in range(days)
        for value in chance.normal(140, 2.5, 60)
    ]
    return "\n".join([f"Day{delimiter}Result", *rows]) + "\n"


def design(path: Path, *options: str) -> str:
    output = io.StringIO()
    call_command(Command(stdout=output), "design", str(path), *FEW, *options)
    return output.getvalue()


@pytest.fixture
def history(tmp_path: Path) -> Path:
    path = tmp_path / "sodium.csv"
    path.write_text(table(), encoding="utf-8")
    return path


def test_a_person_reads_candidates_and_the_curve_of_the_best(history: Path) -> None:
    lines = design(history, "--tea", "2").splitlines()
    assert lines[0] == "2700 results of 45 days, 2026-01-01 to 2026-02-17"
    assert lines[1] == "allowable error 2 % (proportional), 0.1 false alarms a day permitted"
    assert len([line for line in lines if line.startswith(("moving_", "ewma", "bull"))]) == 30
    best = next(line for line in lines if line.startswith("Best: "))
    assert lines[5].startswith(best.removeprefix("Best: "))
    assert [line.split()[0] for line in lines[-9:]] == ["-4", "-3", "-2", "-1", "0", "1", "2", "3", "4"]


def test_a_program_reads_the_same(history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = json.loads(design(history, "--tea", "2", "--json"))
    assert found["best"] == next(one for one in found["candidates"] if one["keeps_rate"])
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(table(delimiter=";").encode())))
    assert json.loads(design(Path("-"), "--tea", "2")) == found


def test_a_constant_error_is_told_in_its_unit_and_no_monitor_may_be_fit(history: Path) -> None:
    lines = design(history, "--tea", "0.01", "--error", "constant", "--alarms-per-day", "0.2").splitlines()
    assert lines[1] == "allowable error 0.01 (constant), 0.2 false alarms a day permitted"
    assert lines[-1] == "No monitor keeps the rate of false alarms and finds the allowable error."


def test_candidates_that_cannot_be_tried_are_told(history: Path) -> None:
    lines = design(history, "--tea", "2", "--most", "850").splitlines()
    assert [line for line in lines if line.startswith("moving_average of 100: history: ")]


def test_rows_left_out_are_named_after_the_rest_is_judged(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history.write_text(table() + "2026-03-01,haemolysed\n", encoding="utf-8")
    output = io.StringIO()
    with pytest.raises(CommandError, match="line 2702: there is no day or no number") as refused:
        call_command(Command(stdout=output), "design", str(history), *FEW, "--tea", "2")
    assert refused.value.returncode == 2
    assert output.getvalue().startswith("2700 results of 45 days")


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("day,price\na,1\n", ["--tea", "2"], "no column value; needed are day and value"),
        ("x;y\n1;2\n", ["--tea", "2"], "no column day"),
        ("a,b\n1,2\n", ["--tea", "2"], "no line of headings"),
        ("", ["--tea", "2"], "The input is empty"),
        ("day,value\na,1\n", [], "tea lacks"),
        ("day,value\na,1\n", ["--tea", "2"], "history: no result counts"),
        ("day,value\na,?\n", ["--tea", "2"], "value: no row has a day and a number"),
    ],
)
def test_bad_input_ends_with_2_and_a_remedy(
    tmp_path: Path, text: str, options: list[str], words: str
) -> None:
    path = tmp_path / "history.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=words) as refused:
        design(path, *options)
    assert refused.value.returncode == 2
