"""Tables that people keep: CSV in their spellings, workbooks, the names of cells."""

import io
import zipfile

import pytest

from aliquot.foundation.sheets import (
    UnreadableSheetError,
    cell_name,
    read_cells,
    read_columns,
    read_table,
)

COLUMNS = {"sample": ("Sample no.", "образец"), "value": ("result", "результат")}


def make_workbook(lines: list[list[str | float]]) -> bytes:
    """A small workbook with texts and numbers, as any spreadsheet writes it."""
    cells = "".join(
        f'<row r="{row}">'
        + "".join(
            f'<c r="{cell_name(column, row)}" t="inlineStr"><is><t>{one}</t></is></c>'
            if isinstance(one, str)
            else f'<c r="{cell_name(column, row)}"><v>{one}</v></c>'
            for column, one in enumerate(line)
            if one != ""
        )
        + "</row>"
        for row, line in enumerate(lines, start=1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packed = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{packed}"><Relationship Id="r" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="A" sheetId="1" r:id="s"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packed}"><Relationship Id="s" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return held.getvalue()


def as_rows(content: bytes) -> list[tuple[str, str, str, str]]:
    return [
        (row["sample"].name, row["sample"].text, row["value"].name, row["value"].text)
        for row in read_table(content, COLUMNS).rows
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"sample,value\nA, 5.4 \n\nB,\n",
        "Образец;Результат\nA;5.4\n;\nB\n".encode("cp1251"),
        "\ufeffSAMPLE NO\tResult\nA\t5.4\n\t\nB\t\n".encode(),
        make_workbook([["Sample no", "result"], ["A", 5.4], ["", ""], ["B", ""]]),
    ],
)
def test_the_same_table_in_all_its_forms(content: bytes) -> None:
    assert as_rows(content) == [("A2", "A", "B2", "5.4"), ("A4", "B", "B4", "")]


def test_a_line_above_the_headings_is_passed_over_and_unknown_columns_are_named() -> None:
    table = read_table(b"Round 7,,\nsample,colour,value\nA,red,1\n", COLUMNS)
    assert table.columns == {"sample", "value"}
    assert [(one.name, one.text) for one in table.unknown] == [("B2", "colour")]
    assert {name: cell.name for name, cell in table.rows[0].items()} == {"sample": "A3", "value": "C3"}


def test_whole_numbers_of_a_workbook_have_no_point() -> None:
    assert [cell.text for cell in read_cells(make_workbook([[5, 5.0, 0.1, "x"]]))[0]] == [
        "5",
        "5",
        "0.1",
        "x",
    ]


def test_names_of_cells() -> None:
    assert [cell_name(column, 7) for column in (0, 25, 26, 701, 702)] == ["A7", "Z7", "AA7", "ZZ7", "AAA7"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no line of headings"),
        (b"colour,size\nred,1\n", "no line of headings"),
        (b"value,result\n1,2\n", "value stands twice"),
        (b'sample,value\nA,"open\n', "no CSV"),
        (b"\x00\x01\x02", "neither"),
        (b"sample,value\n" * 100_001, "more than 100000"),
        (make_workbook([])[:-30], "neither"),
        (b"PK\x03\x04" + make_workbook([])[4:-22], "neither"),
        (b"\xd0\xcf\x11\xe0 truncated", "workbook cannot be read"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableSheetError, match=words):
        read_table(content, COLUMNS)


@pytest.mark.parametrize(
    "content",
    [
        b"Some,words\nsample,other,value\nA,x, 5.4 \n , ,\nB\n",
        make_workbook(
            [["Some words"], ["Sample no", "other", "result"], ["A", "x", 5.4], ["", ""], ["B", "", ""]]
        ),
    ],
)
def test_columns_of_a_long_table_know_their_lines(content: bytes) -> None:
    assert read_columns(content, COLUMNS) == {"": ["3", "5"], "sample": ["A", "B"], "value": ["5.4", ""]}


def test_a_column_that_is_not_there_lacks() -> None:
    assert read_columns(b"sample\nA\n", COLUMNS) == {"": ["2"], "sample": ["A"]}
    with pytest.raises(UnreadableSheetError, match="no line of headings"):
        read_columns(b"x,y\n1,2\n", COLUMNS)
