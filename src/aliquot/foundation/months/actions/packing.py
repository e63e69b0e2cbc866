"""The file of a month: a ZIP with each table's rows as COPY writes them, and a manifest."""

import hashlib
import os
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import gettext as _

from aliquot.foundation import sql_files
from aliquot.foundation.errors import Refused

MANIFEST = "manifest.json"
FORMAT = 1
BLOCK = 1 << 20


def write_file(
    file: Path, parts: Mapping[str, str], columns: Mapping[str, str], about: Mapping[str, Any]
) -> str:
    """Write the rows of `parts` (table: its part) beside `file`, read them back, name them; the SHA-256.

    Whoever is killed leaves at most a file that ends in `.part`. The caller holds the parts' rows still.
    """
    half = file.with_name(f"{file.name}.part")
    tables = {}
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for table, part in parts.items():
            tables[table] = {"columns": columns[table], **_write_table(archive, table, part, columns[table])}
        archive.writestr(MANIFEST, orjson.dumps({"format": FORMAT, **about, "tables": tables}))
    with half.open("rb") as written:
        os.fsync(written.fileno())
    check_tables(half, read_manifest(half))
    digest = digest_of(half)
    half.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return digest


def read_manifest(file: Path) -> dict[str, Any]:
    """What the file says of itself; Refused when it is no archive of a month."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest: dict[str, Any] = orjson.loads(archive.read(MANIFEST))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as fault:
        words = _("%(file)s is no archive of a month, or is damaged. Take another copy of it.")
        raise Refused(words % {"file": file.name}) from fault
    if manifest.get("format") != FORMAT:
        raise Refused(_("%(file)s was written by a newer program. Install that one.") % {"file": file.name})
    return manifest


def check_tables(file: Path, manifest: Mapping[str, Any]) -> None:
    """Refused when the rows in the file are not those that its manifest counted and digested."""
    for table, said in manifest["tables"].items():
        rows, digest = 0, hashlib.sha256()
        try:
            for block in read_rows(file, table):
                rows += block.count(b"\n")
                digest.update(block)
        except (OSError, KeyError, zipfile.BadZipFile) as fault:
            raise _damaged(file, table) from fault
        if (rows, digest.hexdigest()) != (said["rows"], said["sha256"]):
            raise _damaged(file, table)


def read_rows(file: Path, table: str) -> Iterator[bytes]:
    """The rows of a table as COPY takes them, block by block."""
    with zipfile.ZipFile(file) as archive, archive.open(f"{table}.copy") as rows:
        while block := rows.read(BLOCK):
            yield block


def digest_of(file: Path) -> str:
    """The SHA-256 of the whole file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _write_table(archive: zipfile.ZipFile, table: str, part: str, columns: str) -> dict[str, Any]:
    rows, digest = 0, hashlib.sha256()
    with archive.open(f"{table}.copy", "w", force_zip64=True) as entry:
        for block in sql_files.copy_out(f"COPY {part} ({columns}) TO STDOUT", using="owner"):
            rows += bytes(block).count(b"\n")
            digest.update(block)
            entry.write(block)
    return {"rows": rows, "sha256": digest.hexdigest()}


def _damaged(file: Path, table: str) -> Refused:
    words = _("The rows of %(table)s in %(file)s are damaged. Take another copy of the file.")
    return Refused(words % {"table": table, "file": file.name})
