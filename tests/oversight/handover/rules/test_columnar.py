"""Rows as PostgreSQL writes them become Parquet with their types, and come back."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from aliquot.oversight.handover.rules.columnar import (
    arrow_type,
    as_parquet,
    from_parquet,
    keys_of,
    squeezed,
    unsqueezed,
    with_keys,
)

COLUMNS = ("id", "name", "at", "day", "is_on", "amount", "share", "content", "facts", "free")
TYPES = (
    "bigint", "text", "timestamp with time zone", "date", "boolean", "numeric(12,3)", "double precision", "bytea",
    "jsonb", "numeric",
)  # fmt: skip
ROWS = (
    '1,"Иванова, ""А""\nвторая строка",2026-11-22 10:00:00.123456+00,1970-01-02,t,12.500,0.1,\\x00ff,"{""a"": 1}",1.10\n'
    '2,"",,,f,,,,,\n'
    "3,,2026-11-22 10:00:00+00,,,-1.000,,,,\n"
).encode()


def test_each_type_keeps_its_value() -> None:
    first, second, third = from_parquet(as_parquet(ROWS, COLUMNS, TYPES)).to_pylist()
    assert first == {
        "id": 1,
        "name": 'Иванова, "А"\nвторая строка',
        "at": datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC),
        "day": date(1970, 1, 2),
        "is_on": True,
        "amount": Decimal("12.500"),
        "share": 0.1,
        "content": "\\x00ff",
        "facts": '{"a": 1}',
        "free": "1.10",
    }
    assert second["name"] == ""
    assert [third["name"], second["at"], second["is_on"], second["amount"]] == [None, None, False, None]
    assert third["at"] == datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_a_column_may_be_left_out() -> None:
    assert from_parquet(as_parquet(b"1,x\n", ("id", "name"), ("bigint", "text"), ["name"])).column_names == [
        "id"
    ]


def test_an_infinite_moment_makes_its_column_text() -> None:
    types = ("bigint", "timestamp with time zone")
    assert from_parquet(as_parquet(b"1,infinity\n", ("id", "until"), types)).to_pylist() == [
        {"id": 1, "until": "infinity"}
    ]


def test_types_without_one_of_their_own_are_text() -> None:
    assert arrow_type("numeric(8,2)") == pa.decimal128(8, 2)
    assert arrow_type("inet") == pa.string()


def test_a_long_row_fits() -> None:
    name = "x" * (2 << 20)
    assert from_parquet(as_parquet(f"1,{name}\n".encode(), ("id", "name"), ("bigint", "text"))).num_rows == 1


def test_bytes_are_squeezed_and_come_back() -> None:
    content = b"abc" * 1000
    assert unsqueezed(squeezed(content)) == content
    assert len(squeezed(content)) < 100
    with pytest.raises(ValueError, match="Zstandard"):
        unsqueezed(b"nothing of the kind")


def test_rows_are_chosen_by_their_keys() -> None:
    rows = from_parquet(as_parquet(b"1,a\n2,b\n2,c\n", ("id", "name"), ("bigint", "text")))
    assert with_keys(rows, "id", [2]).to_pylist() == [{"id": 2, "name": "b"}, {"id": 2, "name": "c"}]
    assert with_keys(rows, "id", []).num_rows == 0
    assert keys_of([3, 1]).to_pylist() == [{"key": 3}, {"key": 1}]
