"""How each table is carried: what of it an increment has to hold. Told by its protection alone."""

import re
from collections.abc import Collection
from enum import StrEnum

_UPDATE = re.compile(r"UPDATE(?: \(([^)]*)\))?")
LEFT_BEHIND = frozenset({"sign_in_session"})
"""Whose rows stay: a browser that is signed in at the old side is not signed in at the new one."""
CHAINS = frozenset({"audit_block", "audit_row"})


class Carrying(StrEnum):
    """What an increment holds of a table."""

    CHANGED = "changed"  # the rows that the audit names
    CHAIN = "chain"  # the blocks after the chains' earlier ends
    ADDED = "added"  # the rows after an id up to which all was settled
    WHOLE = "whole"  # everything
    NOTHING = "nothing"


def carrying_of(
    table: str,
    *,
    rights: str,
    is_audited: bool,
    left_out: Collection[str] = (),
    computed: Collection[str] = (),
    has_number: bool = True,
) -> Carrying:
    """How a table is carried.

    `rights` as in GRANT. A column that the audit leaves out but that may change would change unseen, unless
    the database computes it: such a table is carried whole, and so is one whose rows carry no number.
    """
    if table in LEFT_BEHIND:
        return Carrying.NOTHING
    if table in CHAINS:
        return Carrying.CHAIN
    if not has_number:
        return Carrying.WHOLE
    if is_audited:
        unseen = set(left_out) - set(computed)
        return Carrying.WHOLE if unseen & _changeable(rights, unseen) else Carrying.CHANGED
    return Carrying.ADDED if rights == "SELECT, INSERT" else Carrying.WHOLE


def _changeable(rights: str, columns: Collection[str]) -> set[str]:
    """Which of these columns the rights let change."""
    found = _UPDATE.search(rights)
    if not found:
        return set()
    if found[1] is None:
        return set(columns)
    return set(columns) & {one.strip() for one in found[1].split(",")}
