"""What each kind asks of a person: plans that are read, files that are checked, templates that can be filled."""

import pytest

from aliquot.oversight.studies.rules.evaluating import KINDS, kind_named
from aliquot.oversight.studies.rules.findings import Unusable
from aliquot.oversight.studies.rules.outline import (
    OUTLINES,
    as_csv,
    inputs_of,
    read_data,
    read_plan,
    template,
)
from aliquot.oversight.studies.rules.tables import read_table

BIAS = {"allowable_bias_percent": "5"}


def test_every_kind_has_an_outline() -> None:
    assert set(OUTLINES) == set(KINDS)


@pytest.mark.parametrize("kind", OUTLINES)
def test_the_fields_of_a_plan_are_known_to_its_kind(kind: str) -> None:
    """Columns and every field together are all used: none is left aside unread."""
    outline = OUTLINES[kind]
    stated = {one.name: one.choices[0][0] if one.choices else "1" for one in outline.fields}
    rows = [
        [_cell(kind, column.name, row) for column in outline.columns if column.name != "tube"]
        for row in range(24)
    ]
    names = [column.name for column in outline.columns if column.name != "tube"]
    table = read_table("t.csv", as_csv(names, rows).encode())
    inputs = inputs_of(table, {**stated, "low": "1", "high": "90"} if kind == "interval" else stated)
    kind_named(kind).read(inputs)
    assert inputs.unused() == ()


def _cell(kind: str, name: str, row: int) -> str:
    labels = {
        "sample": ("blank", "low"),
        "sequence": ("H", "L"),
        "sex": ("M", "F"),
        "lot": ("A", "B"),
        "level": ("1", "2"),
        "run": ("1", "2"),
    }
    if name in labels:
        return labels[name][row % 2]
    return str(row % 5 if name in {"day", "expected"} else 10 + row)


def test_a_plan_keeps_what_is_filled() -> None:
    found = read_plan(
        OUTLINES["comparison"], {**BIAS, "tea": " ", "decision_levels": " 5; 7 ", "unknown": "x"}
    )
    assert found == {"allowable_bias_percent": "5", "decision_levels": "5; 7"}


@pytest.mark.parametrize(
    ("kind", "stated", "said"),
    [
        ("comparison", {}, "at least one limit or claim"),
        ("comparison", {"decision_levels": "5"}, "at least one limit or claim"),
        ("comparison", {"allowable_bias": "0"}, "out of range"),
        ("comparison", {"allowable_bias": "some"}, "not a number"),
        ("comparison", {**BIAS, "method": "guess"}, "'guess' is not known"),
        ("comparison", {**BIAS, "decision_levels": "5; x"}, "not a number"),
        ("interval", {"low": "low"}, "not a number"),
    ],
)
def test_a_plan_that_cannot_be_read_names_its_field(kind: str, stated: dict[str, str], said: str) -> None:
    with pytest.raises(Unusable, match=said):
        read_plan(OUTLINES[kind], stated)


def test_a_kind_that_decides_alone_needs_nothing() -> None:
    assert read_plan(OUTLINES["interval"], {}) == {}
    assert read_plan(OUTLINES["interval"], {"low": "-2.5"}) == {"low": "-2.5"}


def test_cells_that_are_no_numbers_are_named() -> None:
    outline = OUTLINES["comparison"]
    assert read_data(outline, read_table("f", b"tube;x;y\nA;1;2\nB;;3\n"), BIAS) == 2
    with pytest.raises(Unusable, match="x, B3: 'abc'"):
        read_data(outline, read_table("f", b"tube;x;y\nA;1;2\nB;abc;3\n"), BIAS)


def test_a_file_states_the_plan_or_none() -> None:
    outline = OUTLINES["comparison"]
    assert read_data(outline, read_table("f", b"# allowable_bias_percent: 5\nx;y\n1;2\n"), BIAS) == 1
    tenth = {"allowable_bias": "0.5"}
    assert read_data(outline, read_table("f", b"# allowable_bias: 0,5\nx;y\n1;2\n"), tenth) == 1
    with pytest.raises(Unusable, match="allowable_bias_percent stands in the file and not so in the plan"):
        read_data(outline, read_table("f", b"# allowable_bias_percent: 6\nx;y\n1;2\n"), BIAS)
    assert read_data(outline, read_table("f", b"x;y\n"), BIAS) == 0


def test_tubes_and_times_are_no_part_of_the_study() -> None:
    found = inputs_of(read_table("f", b"tube;measured_at;x;y\nA;now;1;2\n"), BIAS)
    assert set(found.values) == {"x", "y", "allowable_bias_percent"}
    assert found.places["x"] == ("C2",)


@pytest.mark.parametrize("kind", OUTLINES)
def test_a_template_is_read_back(kind: str) -> None:
    outline = OUTLINES[kind]
    plan = {outline.fields[0].name: "0,5"}
    found = read_table("t.csv", template(outline, plan, delimiter=";").encode())
    assert found.values[outline.fields[0].name] == "0,5"
    needed = {one.name for one in outline.columns if one.is_needed}
    assert needed <= set(found.values)
    assert read_data(outline, found, plan) == len(outline.rows)


def test_no_cell_is_a_formula() -> None:
    assert as_csv(("a", "b"), [("=1+1", "-2")]) == "a,b\r\n'=1+1,-2\r\n"
