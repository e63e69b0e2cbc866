"""A package read without a database server: DuckDB over its Parquet, in a folder that is then removed."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from django.utils.translation import gettext as _

from aliquot.foundation import sql_files
from aliquot.foundation.errors import Refused
from aliquot.foundation.naming import is_russian
from aliquot.oversight.handover.queries.packages import whole_part
from aliquot.oversight.handover.rules.columnar import keys_of, read_rows
from aliquot.oversight.handover.rules.manifest import PARQUET, REMOVED, TABLE, Manifest, Relation
from aliquot.oversight.handover.rules.superseding import later_of

SQL = Path(__file__).parent.parent / "sql"
MOST = 100
TABLES = (
    "patient", "lab_order", "order_item", "specimen", "specimen_type", "test", "result", "report",
    "report_document",
)  # fmt: skip
Row = dict[str, Any]
Package = tuple[Path, Manifest]


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """An order with its patient, and what belongs to it; rows with the columns of `sql/view_*.sql`."""

    order: Row
    specimens: list[Row]
    results: list[Row]
    documents: list[Row]


@dataclass(frozen=True, slots=True)
class Reader:
    """Packages that are open to be read, as they stand together."""

    packages: Sequence[Package]
    key: str
    folder: Path
    session: duckdb.DuckDBPyConnection
    named: list[dict[str, list[int]]] = field(default_factory=list)

    def ask(self, statement: str, **params: Any) -> list[Row]:
        """The rows that a statement of `sql` gives over the packages."""
        text = _in_duckdb(sql_files.statement(SQL, statement))
        found = self.session.sql(text, params=params).to_arrow_table()
        assert found is not None
        rows: list[Row] = found.to_pylist()
        return rows


@contextmanager
def reading(packages: Sequence[Package], *, key: str) -> Iterator[Reader]:
    """A reader of a full package with its increments; what it opened is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="aliquot-view-") as folder, duckdb.connect() as session:
        reader = Reader(packages, key, Path(folder), session)
        reader.named.extend(_named(package, key) for package in packages)
        for table in TABLES:
            _open_table(reader, table)
        yield reader


def find_orders(reader: Reader, *, patient: str = "", order: str = "", specimen: str = "") -> list[OrderSeen]:
    """The latest orders, at most a hundred, by how a name begins, by a number, or by a tube's number."""
    if not (patient or order or specimen):
        raise Refused(_("Name a patient, an order or a tube."))
    rows = reader.ask("view_orders", patient=patient, order=order, specimen=specimen, most=MOST)
    return [
        OrderSeen(
            row,
            reader.ask("view_specimens", order_id=row["id"]),
            reader.ask("view_results", order_id=row["id"]),
            reader.ask("view_documents", order_id=row["id"]),
        )
        for row in rows
    ]


def document_of(reader: Reader, document_id: int) -> bytes:
    """A printed report, byte for byte as it was kept."""
    for folder, manifest in reversed(reader.packages):
        relation = next(one for one in manifest.relations if one.table == "report_document")
        for part in manifest.of_kind(TABLE):
            if part.about != relation.name or part.low is None or part.high is None:
                continue
            if part.low <= document_id <= part.high:
                content = whole_part(folder, part, key=reader.key)
                rows = read_rows(content, relation.columns, relation.types)
                for row in rows.select(["id", "content"]).to_pylist():
                    if row["id"] == document_id:
                        return bytes.fromhex(str(row["content"]).removeprefix("\\x"))
    raise Refused(_("There is no such document in these packages."))


def order_lines(one: OrderSeen) -> list[str]:
    """An order with its patient, tubes, results and printed reports, a line for each."""
    order = one.order
    person = " ".join(filter(None, (order["family_name"], order["given_name"], order["patronymic"])))
    name = "name_ru" if is_russian() else "name_en"
    lines = [
        f"{order['number']}  {_moment(order['placed_at'])}  {order['state']}  {person}, {order['birth_date']}"
    ]
    lines += [
        f"  {row['number']}  {row[name]}  {row['state']}  {_moment(row['collected_at'])}"
        for row in one.specimens
    ]
    lines += [f"  {_result(row, name)}" for row in one.results]
    lines += [
        _("  report %(version)s, %(kind)s, %(language)s  %(at)s") % {**row, "at": _moment(row["released_at"])}
        for row in one.documents
    ]
    return lines


def _open_table(reader: Reader, table: str) -> None:
    """A table as a view over the files of all packages, each without what later ones replace."""
    manifests = [manifest for _folder, manifest in reader.packages]
    pieces = []
    for place, (folder, manifest) in enumerate(reader.packages):
        for relation in (one for one in manifest.relations if one.table == table):
            later = later_of(relation, manifests, place, reader.named)
            if later is not None and (files := _unpacked(reader, folder, manifest, relation, place)):
                name = f"later_{place}_{relation.name.replace('.', '_')}"
                pieces.append(_piece(reader.session, name, files, relation, later.keys))
    if not pieces:
        pieces = [_empty(next(one for one in manifests[0].relations if one.table == table))]
    reader.session.execute(f'CREATE VIEW "{table}" AS ' + " UNION ALL BY NAME ".join(pieces))


def _piece(
    session: duckdb.DuckDBPyConnection,
    name: str,
    files: Sequence[Path],
    relation: Relation,
    keys: Sequence[int],
) -> str:
    listed = ", ".join(f"'{one}'" for one in files)
    text = f"SELECT * FROM read_parquet([{listed}])"  # noqa: S608 - files that were just written here
    if not keys:
        return text
    session.register(name, keys_of(keys))
    return f'{text} WHERE "{relation.key}" NOT IN (SELECT key FROM {name})'  # noqa: S608 - names of our tables


def _empty(relation: Relation) -> str:
    columns = ", ".join(f'NULL::VARCHAR AS "{name}"' for name in relation.columns)
    return f"SELECT {columns} WHERE false"


def _unpacked(reader: Reader, folder: Path, manifest: Manifest, relation: Relation, place: int) -> list[Path]:
    files = []
    for number, part in enumerate(one for one in manifest.of_kind(PARQUET) if one.about == relation.name):
        file = reader.folder / f"{place}-{relation.name}-{number}.parquet"
        file.write_bytes(whole_part(folder, part, key=reader.key))
        files.append(file)
    return files


def _named(package: Package, key: str) -> dict[str, list[int]]:
    folder, manifest = package
    found: dict[str, list[int]] = {}
    for part in manifest.of_kind(REMOVED):
        if part.about in TABLES:
            lines = whole_part(folder, part, key=key).splitlines()
            found.setdefault(part.about, []).extend(int(line) for line in lines)
    return found


def _in_duckdb(text: str) -> str:
    """A statement with the parameters as DuckDB writes them."""
    return re.sub(r"%\((\w+)\)s", r"$\1", text)


def _result(row: Row, name: str) -> str:
    value = " ".join(filter(None, (row["value_text"], row["unit"], row["flag"])))
    released = _moment(row["released_at"])
    return f"{row['code']}  {row[name]}  {value}  {row['state']} v{row['version']}  {released}"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "-"
