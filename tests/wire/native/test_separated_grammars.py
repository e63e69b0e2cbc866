"""What each grammar of separators, tables and lines reads, writes and refuses."""

import pytest

from aliquot.wire.astm_records import RecordError
from aliquot.wire.native import (
    csv_table,
    dimension,
    line_report,
    lis3,
    vidas,
)
from tests.wire.native.messages import FS, RS, dimension_result, of, values


def test_dimension_reads_results_with_and_without_a_load_list() -> None:
    for head in ("R|*||152|1||0|192902111125|1|1|", "R||152|1||0|192902111125|1|1|"):
        messages = dimension.parse(dimension_result("ALTI|72|U/L|", "CRE2|0.59|mg/dL|15", head=head))
        assert of(messages, "O")[0].field(3) == "152"
        assert values(messages) == [("ALTI", "72", "", "F"), ("CRE2", "0.59", "15", "F")]
        assert of(messages, "R")[0].field(13) == "20251111022919"


@pytest.mark.parametrize("error", ["7", "8", "9", "10", "11", "12", "16", "17", "19"])
def test_dimension_never_reports_a_value_its_error_suppresses(error: str) -> None:
    messages = dimension.parse(dimension_result(f"ALTI|72|U/L|{error}"))
    assert values(messages) == [("ALTI", "72", error, "X")]
    assert of(messages, "C")[0].field(4) == dimension.ERRORS[error]


@pytest.mark.parametrize("head", ["R|*||152|5||0|192902111125|1|1|", "R|*||152|1||3|192902111125|1|1|"])
def test_dimension_knows_controls_by_fluid_or_priority(head: str) -> None:
    assert of(dimension.parse(dimension_result("ALTI|72|U/L|", head=head)), "O")[0].field(12) == "Q"


def test_dimension_refuses_a_wrong_number_of_tests() -> None:
    text = dimension_result("ALTI|72|U/L|").replace(b"\x1c1\x1cALTI", b"\x1c2\x1cALTI")
    with pytest.raises(RecordError, match="announces 2 tests"):
        dimension.parse(text)


def test_lis3_corrections_limits_of_one_side_and_missing_values() -> None:
    groups = {"iPID": "9", "mpH": "7.1", "sLQmpH": "7.0", "mNa+": "", "iTEMP": "37.0"}
    body = "".join(lis3.GROUP.format(key=k, value=v, unit="", flag="") for k, v in groups.items())
    messages = lis3.parse(f"SMP_EDIT_DATA{FS}{RS}{body}{RS}".encode())
    assert values(messages) == [("mpH", "7.1", "", "C"), ("mNa+", "", "", "X")]
    assert of(messages, "R")[0].field(6) == "7.0 - "
    assert [one.field(4) for one in of(messages, "C")] == ["iTEMP 37.0"]


def test_lis3_refuses_a_key_that_comes_twice() -> None:
    body = "".join(lis3.GROUP.format(key="mpH", value=v, unit="", flag="") for v in ("7.1", "7.2"))
    with pytest.raises(RecordError, match="one value"):
        lis3.parse(f"SMP_NEW_DATA{FS}{RS}{body}{RS}".encode())


BCS = {
    "layout": "long",
    "delimiter": "\t",
    "columns": ["kind", "specimen", "method", "value", "unit", "date"],
    "kind_column": "kind",
    "kinds": {"S": "", "C": "Q"},
    "specimen": "specimen",
    "test": "method",
    "value": "value",
    "device_unit": "unit",
    "date": "date",
    "form": "%d.%m.%Y %H:%M",
}


def test_a_table_between_tabs_has_one_result_a_row() -> None:
    raw = b"S\t70001\t21\t1.04\tINR\t10.03.2026 09:15\r\nC\tCCN\t21\t0.98\tINR\t10.03.2026 09:20\r\n"
    messages = csv_table.parse(raw, "cp1252", **BCS)
    assert [(one.field(3), one.field(12)) for one in of(messages, "O")] == [("70001", ""), ("CCN", "Q")]
    assert [one.field(5) for one in of(messages, "R")] == ["INR", "INR"]
    assert of(messages, "R")[1].field(13) == "20260310092000"


@pytest.mark.parametrize(
    "raw", [b"S\t70001\t21\r\n", b"X\t7\t21\t1\t\t\r\n", b"", b"S\t7\t21\t1\t\t\tmore\r\n"]
)
def test_a_table_with_a_strange_row_is_refused_whole(raw: bytes) -> None:
    with pytest.raises(RecordError):
        csv_table.parse(raw, "cp1252", **BCS)


def test_a_table_without_the_specimen_column_is_refused() -> None:
    with pytest.raises(RecordError, match="no column tube"):
        csv_table.parse(b"a,b\n1,2\n", "ascii", specimen="tube")


def test_columns_have_one_of_several_names_and_one_of_several_delimiters() -> None:
    named = {"specimen": "N' Echantillon|Sample No.", "delimiter": ",;\t"}
    for raw in (b"Sample No.;WBC(10/uL)\r\n70001;572\r\n", b"N' Echantillon\tWBC(10/uL)\r\n70001\t572\r\n"):
        messages = csv_table.parse(raw, "cp1252", **named)
        assert of(messages, "O")[0].field(3) == "70001"
        assert [(one.field(3), one.field(5)) for one in of(messages, "R")] == [("WBC", "10/uL")]


@pytest.mark.parametrize(
    ("number", "value", "unit"),
    [
        ("0.05", "0.05", ""),
        ("2.33 uIU/mL", "2.33", "uIU/mL"),
        ("< 0.05 uIU/mL", "<0.05", "uIU/mL"),
        (">= 9", ">=9", ""),
    ],
)
def test_a_vidas_number_keeps_its_comparator_and_leaves_its_unit(number: str, value: str, unit: str) -> None:
    messages = vidas.parse(f"{RS}mtrsl|{RS}ciZ1|{RS}rtTSH|{RS}qn{number}|".encode())
    assert [(one.field(4), one.field(5)) for one in of(messages, "R")] == [(value, unit)]


def test_a_table_may_write_its_times_in_several_forms() -> None:
    facts = {"specimen": "Tube", "date": "Date", "form": "%d/%m/%Y|%Y-%m-%d"}
    messages = csv_table.parse(b"Tube,Date,GLU\r\n1,10/03/2026,5\r\n2,2026-03-10,5\r\n3,3/10,5\r\n", **facts)
    assert [one.field(13)[:8] for one in of(messages, "R")] == ["20260310", "20260310", ""]


def test_a_clinitek_report_is_read_by_its_lines() -> None:
    lines = [
        "",
        "",
        "",
        "",
        "70001",
        "",
        "",
        "",
        "",
        "",
        "YELLOW",
        "CLEAR",
        "GLU",
        "NEG",
        "mg/dL",
        "pH",
        "6.0",
        "",
    ]
    messages = line_report.parse(("\r\n".join(lines)).encode() + b"\r\n")
    assert values(messages)[:2] == [("COLOUR", "YELLOW", "", "F"), ("CLARITY", "CLEAR", "", "F")]
    assert of(messages, "O")[0].field(3) == "70001"
