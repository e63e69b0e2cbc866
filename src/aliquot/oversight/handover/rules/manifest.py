"""The manifest of a package: every file with its digests and rows, the ends of the chains. No clock, no disk.

Digests are SHA-256 in hexadecimal. The signature is over the manifest's bytes as they lie in the package.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson

FORMAT = 1
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
README = "README.txt"
FULL = "full"
INCREMENT = "increment"
KINDS = (FULL, INCREMENT)

SCHEMA = "schema"
TABLE = "table"
REMOVED = "removed"
PARQUET = "parquet"
FHIR = "fhir"
DOCUMENTS = "documents"
MONTH = "month"
TEXT = "text"
OPEN = "open"
"""What lies there unsealed, for whoever reads first."""
SECTIONS = ("pre-data", "post-data")
"""Statements before the rows, and after them; the words of pg_dump."""
IN_DOCUMENTS = frozenset({("report_document", "content"), ("study_document", "content")})
"""Columns that Parquet leaves out: they are files of their own among the documents."""


class Unreadable(ValueError):  # noqa: N818  the name states the fact, as Refused does
    """The bytes are no manifest; the words say where."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the package: `sealed` is the digest of the file, `plain` of its content opened and unpacked.

    `about` names what it holds: a table's relation, a FHIR type. `rows` are rows, resources or documents;
    `low` and `high` the least and greatest key of the rows, where they have one.
    """

    path: str
    kind: str
    size: int
    sealed: str
    plain: str
    about: str = ""
    rows: int = 0
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, or a month of one, with its columns and their types as the database names them.

    `rows` are those in the region, `how` an increment carries the table.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    key: str
    order: tuple[str, ...]
    rows: int
    how: str


@dataclass(frozen=True, slots=True)
class Marks:
    """Up to where the region is in the package: what comes after belongs to the next increment.

    `chains`: slot of the audit: place and hash of its last block. `settled`: table that is only added to: the
    id up to which all is in the package. `months`: months that were put away, with the digest of their file.
    """

    chains: Mapping[str, tuple[int, str]]
    settled: Mapping[str, int]
    months: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a package says of itself. `number` counts the increments after a full package, which is 0."""

    kind: str
    number: int
    series: str
    predecessor: str
    region: str
    program: str
    schema: str
    server: int
    written_at: str
    receivers: tuple[str, ...]
    signer: str
    marks: Marks
    sequences: Mapping[str, int]
    relations: tuple[Relation, ...]
    parts: tuple[Part, ...]

    def of_kind(self, kind: str) -> tuple[Part, ...]:
        """The parts of one kind, in the order in which they were written."""
        return tuple(one for one in self.parts if one.kind == kind)

    def rows_in(self, relation: str) -> int:
        """The rows of a relation that the parts hold."""
        return sum(one.rows for one in self.of_kind(TABLE) if one.about == relation)


def canonical(value: Any) -> bytes:
    """The one way to write a value: JSON, UTF-8, keys in order, no spaces. Source: after RFC 8785."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def write_manifest(manifest: Manifest) -> bytes:
    """The manifest as it lies in the package and is signed."""
    return canonical({"format": FORMAT, **asdict(manifest)})


def digest_of(content: bytes) -> str:
    """The SHA-256 of these bytes."""
    return hashlib.sha256(content).hexdigest()


def read_manifest(content: bytes) -> Manifest:
    """The manifest in these bytes; Unreadable when they are none, or of another format."""
    try:
        said = orjson.loads(content)
    except ValueError as fault:
        raise Unreadable("not JSON") from fault
    if not isinstance(said, dict) or said.pop("format", None) != FORMAT:
        raise Unreadable("format")
    try:
        found = _manifest(said)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise Unreadable(str(fault)) from fault
    if found.kind not in KINDS or (found.kind == FULL) != (found.number == 0):
        raise Unreadable("kind")
    if bad := [one.path for one in found.parts if not is_inside(one.path)]:
        raise Unreadable(bad[0])
    return found


def is_inside(path: str) -> bool:
    """Whether a path of a part stays in its package, whoever wrote it."""
    steps = path.split("/")
    return all(step not in ("", ".", "..") for step in steps) and "\\" not in path and "\0" not in path


def marks_of(said: Mapping[str, Any]) -> Marks:
    """The marks as they were written."""
    chains = {slot: (int(place), str(link)) for slot, (place, link) in said["chains"].items()}
    return Marks(chains, said["settled"], said["months"])


def schema_path(section: str) -> str:
    """Where the statements of a section of the schema lie."""
    return f"schema/{section}.sql.zst.age"


def twin_of(path: str) -> str:
    """The file of Parquet beside a file of rows."""
    return path.replace("tables/", "parquet/", 1).replace(".csv.zst.age", ".parquet.age")


def _manifest(said: dict[str, Any]) -> Manifest:
    known = {one.name for one in fields(Manifest)}
    if said.keys() != known:
        raise ValueError(", ".join(sorted(said.keys() ^ known)))
    return Manifest(
        **{name: said[name] for name in known - {"marks", "relations", "parts", "receivers"}},
        receivers=tuple(said["receivers"]),
        marks=marks_of(said["marks"]),
        relations=tuple(_relation(one) for one in said["relations"]),
        parts=tuple(Part(**one) for one in said["parts"]),
    )


def _relation(said: dict[str, Any]) -> Relation:
    listed = {name: tuple(said[name]) for name in ("columns", "types", "order")}
    return Relation(**{**said, **listed})
