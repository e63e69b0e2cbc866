"""Manifests for tests, in values."""

from typing import Any

from aliquot.oversight.handover.rules.manifest import FULL, TABLE, Manifest, Marks, Part, Relation


def make_part(**changes: Any) -> Part:
    """A part with rows of patients."""
    return Part(
        **{
            "path": "tables/patient/1.csv.zst.age",
            "kind": TABLE,
            "size": 100,
            "sealed": "aa",
            "plain": "bb",
            "about": "patient",
            "rows": 2,
            "low": 1,
            "high": 9,
            **changes,
        }
    )


def make_relation(**changes: Any) -> Relation:
    """The table of patients with two columns."""
    facts = {
        "name": "patient",
        "table": "patient",
        "columns": ("id", "family_name"),
        "types": ("bigint", "text"),
        "key": "id",
        "order": ("id",),
        "rows": 2,
        "how": "changed",
    }
    return Relation(**{**facts, **changes})


def make_manifest(**changes: Any) -> Manifest:
    """The manifest of a full package with one table of two rows."""
    facts: dict[str, Any] = {
        "kind": FULL,
        "number": 0,
        "series": "s",
        "predecessor": "",
        "region": "tula",
        "program": "0.1.0",
        "schema": "0053_comparability",
        "server": 180006,
        "written_at": "2026-11-22T10:00:00+00:00",
        "receivers": ("age1x",),
        "signer": "key",
        "marks": Marks({"1": (7, "ff")}, {"traffic": 9}, {}),
        "sequences": {"public.patient_id_seq": 9},
        "relations": (make_relation(),),
        "parts": (make_part(),),
    }
    return Manifest(**{**facts, **changes})
