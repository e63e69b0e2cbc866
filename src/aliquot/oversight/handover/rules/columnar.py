"""Rows of CSV, as PostgreSQL writes them, as Parquet. Values in, values out."""

import io
import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

_SIMPLE = {
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "smallint": pa.int16(),
    "boolean": pa.bool_(),
    "double precision": pa.float64(),
    "real": pa.float32(),
    "date": pa.date32(),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
    "bytea": pa.string(),
}
_NUMERIC = re.compile(r"numeric\((\d+),(\d+)\)")


def arrow_type(name: str) -> pa.DataType:
    """The type of Parquet for a type of PostgreSQL; what has none is text as the database writes it."""
    if found := _NUMERIC.fullmatch(name):
        return pa.decimal128(int(found[1]), int(found[2]))
    return _SIMPLE.get(name, pa.string())


def read_rows(content: bytes, columns: Sequence[str], types: Sequence[str]) -> pa.Table:
    """The rows with their types. An infinite moment has no place in Parquet: its column is text then."""
    wanted = {name: arrow_type(of) for name, of in zip(columns, types, strict=True)}
    try:
        return _read(content, columns, wanted)
    except pa.ArrowInvalid:
        timeless = {name: pa.string() if pa.types.is_temporal(of) else of for name, of in wanted.items()}
        return _read(content, columns, timeless)


def as_parquet(
    content: bytes, columns: Sequence[str], types: Sequence[str], without: Sequence[str] = ()
) -> bytes:
    """The rows as a file of Parquet, compressed; the columns `without` are left out."""
    target = io.BytesIO()
    rows = read_rows(content, columns, types).drop_columns(list(without))
    pyarrow.parquet.write_table(rows, target, compression="zstd")
    return target.getvalue()


def from_parquet(content: bytes) -> pa.Table:
    """The rows in a file of Parquet."""
    return pyarrow.parquet.read_table(io.BytesIO(content))


def with_keys(rows: pa.Table, column: str, keys: Sequence[int]) -> pa.Table:
    """The rows whose key is one of these."""
    return rows.filter(pyarrow.compute.is_in(rows[column], value_set=pa.array(keys, rows[column].type)))


def keys_of(keys: Sequence[int]) -> pa.Table:
    """These keys as rows of one column, `key`."""
    return pa.table({"key": pa.array(keys, pa.int64())})


def squeezed(content: bytes) -> bytes:
    """The bytes as one frame of Zstandard (RFC 8878)."""
    return bytes(pa.compress(content, codec="zstd", asbytes=True))


def unsqueezed(content: bytes) -> bytes:
    """What a frame of Zstandard holds; ValueError when it is none."""
    try:
        with pa.CompressedInputStream(pa.BufferReader(content), "zstd") as stream:
            return bytes(stream.read())
    except OSError as fault:
        raise ValueError("no Zstandard") from fault


def _read(content: bytes, columns: Sequence[str], types: dict[str, pa.DataType]) -> pa.Table:
    return pyarrow.csv.read_csv(
        io.BytesIO(content),
        read_options=pyarrow.csv.ReadOptions(
            column_names=list(columns), block_size=max(1 << 20, len(content) + 1), use_threads=False
        ),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
