"""Tables of allowable errors: both forms, both separators; every fault by its line and column."""

from datetime import date
from decimal import Decimal

import pytest

from aliquot.registers.catalogue.rules.allowable import Allowable, Kind
from aliquot.registers.catalogue.rules.allowable_tables import Fault, Stated, Wrong, read_row, read_table

TESTS = {"NA", "GLUS"}
ROW = {"test": "GLUS", "since": "2026-01-01", "kind": "regulation", "total_percent": "8", "source": "CFR"}
GLUCOSE = Stated("GLUS", date(2026, 1, 1), Kind.REGULATION, Allowable(Decimal(8)), "CFR")


def wrong(**changes: str) -> list[tuple[str, Wrong]]:
    stated, faults = read_row({**ROW, **changes}, TESTS)
    assert (stated is None) == bool(faults)
    return [(one.column, one.wrong) for one in faults]


def test_a_row_states_what_stands_in_it() -> None:
    assert read_row(ROW, TESTS) == (GLUCOSE, [])
    found, _ = read_row({**ROW, "test": "glus", "total": "0,4", "approximate": "Y"}, TESTS)
    assert found is not None
    assert (found.test, found.allowed.total, found.is_approximate) == ("GLUS", Decimal("0.4"), True)


def test_limits_by_variation_are_computed() -> None:
    row = {"test": "NA", "since": "31.12.2025", "kind": "variation_desirable", "within_cv": "0.5", "between_cv": "1", "source": "EFLM"}  # fmt: skip
    found, faults = read_row(row, TESTS)
    assert faults == []
    assert found is not None
    assert (found.since, found.allowed.total_percent, found.within) == (
        date(2025, 12, 31),
        Decimal("0.69"),
        Decimal("0.5"),
    )


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"test": ""}, ("test", Wrong.EMPTY)),
        ({"test": "XYZ"}, ("test", Wrong.NO_TEST)),
        ({"since": ""}, ("since", Wrong.EMPTY)),
        ({"since": "soon"}, ("since", Wrong.NO_DAY)),
        ({"since": "1026-01-01"}, ("since", Wrong.NO_DAY)),
        ({"kind": ""}, ("kind", Wrong.EMPTY)),
        ({"kind": "mine"}, ("kind", Wrong.NO_KIND)),
        ({"source": " "}, ("source", Wrong.EMPTY)),
        ({"total_percent": "8 %"}, ("total_percent", Wrong.NO_NUMBER)),
        ({"total_percent": "nan"}, ("total_percent", Wrong.NO_NUMBER)),
        ({"bias_percent": "0"}, ("bias_percent", Wrong.NOT_POSITIVE)),
        ({"cv_percent": "1000"}, ("cv_percent", Wrong.TOO_LARGE)),
        ({"total": "1e9"}, ("total", Wrong.TOO_LARGE)),
        ({"approximate": "perhaps"}, ("approximate", Wrong.NO_FLAG)),
        ({"within_cv": "5"}, ("within_cv", Wrong.NOT_BOTH)),
        ({"total_percent": ""}, ("total_percent", Wrong.NOTHING)),
        ({"kind": "variation_minimum", "total_percent": "", "within_cv": "5"}, ("between_cv", Wrong.EMPTY)),
        (
            {"kind": "variation_minimum", "within_cv": "5", "between_cv": "8"},
            ("total_percent", Wrong.NOT_BOTH),
        ),
    ],
)
def test_a_fault_is_named_by_its_column(changes: dict[str, str], found: tuple[str, Wrong]) -> None:
    assert wrong(**changes) == [found]


def test_a_number_in_the_unit_may_be_large() -> None:
    assert wrong(total="5000") == []


HEAD = "test;since;kind;total_percent;source\n"


def test_a_table_of_semicolons_is_read_with_the_lines_of_an_editor() -> None:
    stated, faults = read_table(
        "ours.csv",
        "\ufeff" + HEAD + "GLUS;2026-01-01;regulation;8;CFR\n;;;;\nXX;2026-01-01;own;3;we\n",
        TESTS,
    )
    assert stated == [GLUCOSE]
    assert faults == [Fault(4, "test", Wrong.NO_TEST, "XX")]


def test_a_table_of_toml_is_read() -> None:
    text = '[[allowable]]\ntest = "GLUS"\nsince = 2026-01-01\nkind = "regulation"\ntotal_percent = 8\nsource = "CFR"\n'
    assert read_table("ours.TOML", text, TESTS) == ([GLUCOSE], [])


@pytest.mark.parametrize("text", ["allowable = 3", "[[allowable", 'allowable = ["GLUS"]', ""])
def test_what_is_no_table_of_toml_is_said(text: str) -> None:
    stated, faults = read_table("ours.toml", text, TESTS)
    assert (stated, [one.wrong for one in faults]) == ([], [Wrong.NO_TABLE])


def test_a_broken_quotation_is_no_table() -> None:
    _, faults = read_table("ours.csv", 'test,since\n"GLUS"x,1\n', TESTS)
    assert [one.wrong for one in faults] == [Wrong.NO_TABLE]


def test_columns_that_lack_or_that_nobody_knows_are_named_once() -> None:
    _, faults = read_table(
        "ours.csv", "test,since,kind,tea\nGLUS,2026-01-01,own,3\nNA,2026-01-01,own,3\n", TESTS
    )
    assert faults == [Fault(0, "source", Wrong.NO_COLUMN), Fault(2, "tea", Wrong.UNKNOWN_COLUMN)]


def test_a_cell_beyond_the_head_is_a_column_without_a_name() -> None:
    _, faults = read_table("ours.csv", HEAD + "GLUS;2026-01-01;regulation;8;CFR;more\n", TESTS)
    assert faults == [Fault(2, "", Wrong.UNKNOWN_COLUMN)]


def test_a_test_twice_from_the_same_day_is_one_line_too_many() -> None:
    line = "GLUS;2026-01-01;regulation;8;CFR\n"
    stated, faults = read_table("ours.csv", HEAD + line + line.replace("2026", "2027") + line, TESTS)
    assert len(stated) == 3
    assert faults == [Fault(4, "test", Wrong.TWICE, "GLUS")]
