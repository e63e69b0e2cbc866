"""What changed after a mark: told by the chains of the audit, whose order is that of the commits."""

from pathlib import Path
from typing import Any

from aliquot.foundation import sql_files
from aliquot.oversight.handover.rules.manifest import Marks

SQL = Path(__file__).parent.parent / "sql"


def changed_keys(marks: Marks) -> dict[str, list[int]]:
    """Table: the keys of its rows that were added, changed or removed after the marks, in their order."""
    found: dict[str, list[int]] = {}
    for table, key in sql_files.fetch_rows(SQL, "changed_keys", using="owner", **_ends(marks)):
        found.setdefault(table, []).append(key)
    return {table: sorted(keys) for table, keys in found.items()}


def later_blocks(marks: Marks) -> list[int]:
    """The audit's blocks that came after the marks, in the order of their keys."""
    return sorted(row[0] for row in sql_files.fetch_rows(SQL, "later_blocks", using="owner", **_ends(marks)))


def _ends(marks: Marks) -> dict[str, Any]:
    return {
        "slots": [int(slot) for slot in marks.chains],
        "places": [place for place, _link in marks.chains.values()],
    }
