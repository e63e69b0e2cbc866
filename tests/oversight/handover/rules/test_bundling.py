"""The same documents make the same ZIP, whenever it is made."""

import hashlib
import io
import zipfile

from aliquot.oversight.handover.rules.bundling import Document, bundled, bundles


def document(key: int, content: bytes = b"%PDF") -> Document:
    return Document(key, f"{key}-ru.pdf", f"T-{key}, v1", "2026-11-22T10:00:00+00:00", content)


def test_the_index_names_each_document() -> None:
    content = bundled([document(1), document(2, b"two")])
    assert content == bundled([document(1), document(2, b"two")])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["index.csv", "1-ru.pdf", "2-ru.pdf"]
        assert archive.read("2-ru.pdf") == b"two"
        digest = hashlib.sha256(b"two").hexdigest()
        assert archive.read("index.csv").decode().splitlines()[2] == (
            f'2-ru.pdf,"T-2, v1",2026-11-22T10:00:00+00:00,{digest}'
        )


def test_bundles_are_bounded() -> None:
    documents = [document(key, b"x" * 10) for key in range(5)]
    found = list(bundles(documents, limit=15))
    assert [[one.key for one in some] for _content, some in found] == [[0, 1], [2, 3], [4]]
    assert found[0][0] == bundled(documents[:2])
    assert list(bundles([])) == []
