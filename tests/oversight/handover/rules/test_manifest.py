"""The manifest is read back as it was written, and nothing else is taken for one."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.oversight.handover.rules.manifest import (
    PARQUET,
    TABLE,
    Manifest,
    Unreadable,
    canonical,
    digest_of,
    is_inside,
    read_manifest,
    schema_path,
    twin_of,
    write_manifest,
)
from tests.oversight.handover.packages import make_manifest, make_part


def test_a_manifest_is_read_as_it_was_written() -> None:
    manifest = make_manifest(parts=(make_part(), make_part(path="schema/a", low=None, high=None)))
    assert read_manifest(write_manifest(manifest)) == manifest
    assert write_manifest(manifest) == write_manifest(read_manifest(write_manifest(manifest)))


def test_a_value_is_written_in_one_way_only() -> None:
    assert canonical({"b": [1, "я"], "a": None}) == canonical({"a": None, "b": [1, "я"]})
    assert canonical({"b": 1, "a": "я"}) == '{"a":"я","b":1}'.encode()


def said(**changes: object) -> bytes:
    return orjson.dumps({**orjson.loads(write_manifest(make_manifest())), **changes})


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"\x00", "not JSON"),
        (b"[]", "format"),
        (said(format=2), "format"),
        (said(more=1), "more"),
        (said(kind="half"), "kind"),
        (said(number=1), "kind"),
        (said(parts=[{"path": "x"}]), "argument"),
        (said(marks={}), "chains"),
    ],
)
def test_anything_else_is_no_manifest(content: bytes, where: str) -> None:
    with pytest.raises(Unreadable, match=where):
        read_manifest(content)


@pytest.mark.parametrize("path", ["../secrets", "/etc/passwd", "a//b", "a/./b", "a\\b", "a\0b", "", "a/.."])
def test_no_part_leaves_its_package(path: str) -> None:
    assert not is_inside(path)
    with pytest.raises(Unreadable):
        read_manifest(write_manifest(make_manifest(parts=(make_part(path=path),))))


def test_parts_are_asked_by_kind_and_rows_by_relation() -> None:
    one, two = make_part(rows=3), make_part(path="tables/patient/2.csv.zst.age", rows=4)
    twin = replace(one, path=twin_of(one.path), kind=PARQUET)
    manifest = make_manifest(parts=(one, twin, two))
    assert manifest.of_kind(TABLE) == (one, two)
    assert (manifest.rows_in("patient"), manifest.rows_in("test")) == (7, 0)
    assert twin.path == "parquet/patient/1.parquet.age"
    assert schema_path("pre-data") == "schema/pre-data.sql.zst.age"


def test_the_published_digest() -> None:
    """FIPS 180-2, appendix B.1."""
    assert digest_of(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(st.dictionaries(st.text(), st.integers(-(1 << 63), (1 << 63) - 1)))
def test_any_sequence_is_kept(sequences: dict[str, int]) -> None:
    manifest: Manifest = make_manifest(sequences=sequences)
    assert read_manifest(write_manifest(manifest)).sequences == sequences
