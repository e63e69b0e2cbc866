"""`aliquot eqa score`: JSON of one question, tables of rounds, faults named; every shown oracle case."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from aliquot.entrypoints.commands import WITHOUT_DATABASE
from aliquot.entrypoints.commands.eqa import Command
from tests.foundation.test_sheets import make_workbook

ORACLES = Path(__file__).parents[4] / "shared" / "oracles"
TOPICS = ("eqa_scores", "robust_iso13528")
TABLE = "participant,sample,value,u\n" + "".join(
    f"L{at},S1,{value},\n"
    for at, value in enumerate([4.8, 4.9, 5, 5, 5.1, 5.2, 4.9, 5.1, 5, 4.95, 5.05, 9.9])
)


def score(content: str | bytes, monkeypatch: pytest.MonkeyPatch, *options: str) -> str:
    text = content.encode() if isinstance(content, str) else content
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    output = io.StringIO()
    call_command(Command(stdout=output), "score", "-", *options)
    return output.getvalue()


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda **inputs: json.loads(score(json.dumps(inputs), monkeypatch))


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Any:
    def fault(content: str | bytes, *options: str) -> str:
        with pytest.raises(CommandError) as told:
            score(content, monkeypatch, *options)
        assert told.value.returncode == 2
        return str(told.value)

    return fault


def cases() -> list[Any]:
    paths = [ORACLES / f"{topic}.json" for topic in TOPICS]
    shown = [one for path in paths if path.exists() for one in json.loads(path.read_text("utf-8"))["cases"]]
    return [pytest.param(one, id=one["id"]) for one in shown]


@pytest.mark.skipif(not ORACLES.is_dir(), reason="the shared oracles are not at hand")
@pytest.mark.parametrize("case", cases())
def test_every_oracle_case(case: dict[str, Any], ask: Any) -> None:
    found = ask(**case["inputs"])
    near = {key: value for key, value in case.get("tolerance", {}).items() if key in {"abs", "rel"}}
    for key, expected in case["expected"].items():
        if key.startswith("must"):
            assert found["s_star"] > 0
        elif key == "trace_first_5":
            assert [tuple(one) for one in found[key]] == [
                pytest.approx(tuple(one), **near) for one in expected
            ]
        elif key != "note":
            assert found[key] == (
                expected if isinstance(expected, (bool, str)) else pytest.approx(expected, **near)
            )
    assert "unused" not in found


def test_it_needs_no_database() -> None:
    assert "eqa" in WITHOUT_DATABASE


@pytest.mark.parametrize(
    ("content", "words"),
    [('{"x": 1e400, "assigned": 1, "sigma_pt": 1}', "no finite number"), ('{"x": NaN}', "NaN is no number")],
)
def test_what_is_no_number(content: str, words: str, refused: Any) -> None:
    assert words in refused(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "no JSON"),
        ("[1]", "no JSON object"),
        ('{"x": 1, "x": 2}', "stands twice"),
        (b"{\xff}", "no JSON"),
        ("", "no line of headings"),
        ("sample,value\n1,2\n", "column “participant” is missing"),
    ],
)
def test_what_cannot_be_read(content: str | bytes, words: str, refused: Any) -> None:
    assert words in refused(content)


def test_a_file_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command(Command(), "score", "not_there.csv")


def test_a_table_as_a_person_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = score(TABLE, monkeypatch).splitlines()
    assert lines[0].startswith("S1 assigned 5.0")
    assert "n 12" in lines[0]
    assert (
        lines[1].split() == ["participant", "z", "z_prime", "sdi", "d_percent", "signal"] or "z" in lines[1]
    )
    assert lines[-1].split()[0] == "L11"
    assert lines[-1].endswith("action")
    few = score(TABLE, monkeypatch, "--at-least", "20").splitlines()
    assert few[0] == "S1 few_participants"
    assert few[2].split()[1:] == ["not_scored", "few_participants"]
    words = score("participant,value\nA,neg\nB,neg\n", monkeypatch, "--at-least", "2")
    assert words.splitlines()[0] == "expected neg"


def test_a_table_as_json_and_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("--json", "--assigned", "5", "--limit-pct", "6", "--by-method", "--method", "q_hampel")
    found = json.loads(score(TABLE, monkeypatch, *options))
    (item,) = found["items"]
    assert (item["assigned"]["value"], item["assigned"]["allowed"], item["assigned"]["sigma"]) == (
        5,
        0.3,
        0.1,
    )
    assert found["faults"] == []


def test_a_workbook_gives_the_same_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        [
            one if at in {0, 1} or not one[:1].isdigit() else float(one)
            for at, one in enumerate(line.split(","))
        ]
        for line in TABLE.splitlines()
    ]
    assert score(make_workbook(rows), monkeypatch) == score(TABLE, monkeypatch)


def test_faulty_lines_are_named_and_the_others_scored(
    refused: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(TABLE + "L0,S1,5.0,\nL20,S1,5.0,wide\n", "--json")
    assert told.splitlines() == [
        "2 faults; their lines are left out of the scores:",
        "C14: L0 has already a result for this sample and test in C2.",
        "D15: “wide” is no number; write it with digits, without a unit.",
    ]
