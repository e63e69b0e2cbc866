"""Documents as ZIP files: the same documents make the same bytes."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

BUNDLE_BYTES = 8 * 1024**2
INDEX = "index.csv"
_DAY = (1980, 1, 1, 0, 0, 0)  # the first that ZIP knows; a file's own time would make other bytes


@dataclass(frozen=True, slots=True)
class Document:
    """A document with its key and name, what a person finds it by, and when it was issued (ISO 8601)."""

    key: int
    name: str
    title: str
    at: str
    content: bytes


def bundles(
    documents: Iterable[Document], *, limit: int = BUNDLE_BYTES
) -> Iterator[tuple[bytes, Sequence[Document]]]:
    """ZIP files of about `limit` bytes, each with the documents in it."""
    held: list[Document] = []
    size = 0
    for one in documents:
        if size >= limit:
            yield bundled(held), held
            held, size = [], 0
        held.append(one)
        size += len(one.content)
    if held:
        yield bundled(held), held


def bundled(documents: Sequence[Document]) -> bytes:
    """One ZIP file with its index: name, title, moment and SHA-256 of each document."""
    index = io.StringIO()
    writer = csv.writer(index, lineterminator="\n")
    writer.writerow(["file", "title", "issued_at", "sha256"])
    for one in documents:
        writer.writerow([one.name, one.title, one.at, hashlib.sha256(one.content).hexdigest()])
    return bundle([(INDEX, index.getvalue().encode()), *((one.name, one.content) for one in documents)])


def bundle(files: Iterable[tuple[str, bytes]]) -> bytes:
    """These files, by name, as one ZIP file without compression."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, _DAY), content)
    return target.getvalue()
