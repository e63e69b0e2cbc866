"""LIS02-A2 records: delimiters from the header, the tree, escapes, and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.wire.astm_records import (
    STANDARD,
    Delimiters,
    Field,
    Record,
    RecordError,
    compose,
    delimiters_of,
    escape,
    parse,
    unescape,
)

CONTENT = (
    b"H|\\^&|||cobas^1\rC|1|I|kept\rP|1\rO|1|70001||^^^10\\^^^11\rR|1|^^^10|2.14\rC|1|I|27\rM|1|X\rR|2|^^^11|7\r"
    b"O|2|70002\rR|1|^^^10|3\rP|2\rO|1|70003\rL|1|N\r"
)


def shape(record: Record) -> list[object]:
    name = record.kind + record.field(2)[:1]
    return [name, *[shape(child) for child in record.children]]


def test_comments_float_and_orders_hang_under_their_patient() -> None:
    (message,) = parse(CONTENT)
    assert shape(message.header) == [
        "H\\",
        ["C1"],
        ["P1", ["O1", ["R1", ["C1"], ["M1"]], ["R2"]], ["O2", ["R1"]]],
        ["P2", ["O1"]],
        ["L1"],
    ]


def test_walking_keeps_the_order_of_the_message() -> None:
    (message,) = parse(CONTENT)
    assert b"".join(b"|".join(f.encode() for f in r.fields) + b"\r" for r in message.walk()) == CONTENT


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("H|\\^&|||X", Delimiters()),
        ("H|\\!~|||X", Delimiters("|", "\\", "!", "~")),
        ("H|@^\\|||X", Delimiters("|", "@", "^", "\\")),
        ("H|\\^||PASSWORD|DPC", Delimiters("|", "\\", "^", "")),
        ("H|\\\\^&|||miniVidas", Delimiters()),
    ],
)
def test_delimiters_come_from_the_header(header: str, expected: Delimiters) -> None:
    assert delimiters_of(header) == expected


@pytest.mark.parametrize(
    "content", [b"", b"\r\r", b"O|1|70001\r", b"H|\r", b"H||||\r", b"HELLO WORLD\r", b"H|^^&|\r"]
)
def test_what_has_no_header_is_refused(content: bytes) -> None:
    with pytest.raises(RecordError):
        parse(content)


def test_a_wrong_charset_is_named() -> None:
    with pytest.raises(RecordError, match=r"not utf-8.*byte 9"):
        parse(b"H|\\^&\rC|1\xb5\r", "utf-8")


def test_a_second_header_begins_a_second_message() -> None:
    assert [len(list(message.walk())) for message in parse(CONTENT + CONTENT[:20])] == [13, 2]


def test_surplus_and_missing_fields_never_fail() -> None:
    (message,) = parse(b"H|\\^&\rR|1|" + b"x|" * 60 + b"\r")
    assert message.header.children[0].field(62) == "x"
    assert message.header.children[0].field(400) == ""


def test_escapes() -> None:
    assert unescape("a&F&b&S&c&R&d&E&e&H&f&N&&X41&&X4142&&Q&&") == "a|b^c\\d&efAAB&Q&&"
    assert unescape("PNG&R&20240628", Delimiters(escape="")) == "PNG&R&20240628"
    assert escape("a|b\rc") == "a&F&b&X0D&c"


latin = st.text(st.characters(max_codepoint=255), max_size=12)
delimiter_sets = st.sampled_from([STANDARD, Delimiters("|", "\\", "!", "~"), Delimiters("|", "@", "^", "\\")])


@given(latin, delimiter_sets)
def test_escaping_comes_back(text: str, delimiters: Delimiters) -> None:
    assert unescape(escape(text, delimiters), delimiters) == text


def _row(row: list[str]) -> list[Field]:
    return ["R", "1", tuple(row), list(row)]


@given(st.lists(st.lists(latin, min_size=1, max_size=4), min_size=1, max_size=5), delimiter_sets)
def test_what_is_composed_is_parsed(rows: list[list[str]], delimiters: Delimiters) -> None:
    records: list[list[Field]] = [["H", ""], *[_row(row) for row in rows]]
    content = b"\r".join(compose(records, delimiters))
    (message,) = parse(content)
    for row, record in zip(rows, message.header.children, strict=True):
        got = [message.component(record.field(3), number) for number in range(1, len(row) + 1)]
        repeats = [unescape(one, delimiters) for one in record.field(4).split(delimiters.repeat)]
        assert (got, repeats) == (row, row)
