"""How a table is carried follows from its protection."""

import pytest

from aliquot.config.protection import TABLES
from aliquot.oversight.handover.rules.carrying import Carrying, carrying_of

ALL = "SELECT, INSERT, UPDATE, DELETE"


@pytest.mark.parametrize(
    ("table", "facts", "how"),
    [
        ("patient", {"rights": ALL, "is_audited": True}, Carrying.CHANGED),
        ("sign_in_session", {"rights": ALL, "is_audited": False}, Carrying.NOTHING),
        ("audit_block", {"rights": "SELECT", "is_audited": False}, Carrying.CHAIN),
        ("indicator_day", {"rights": "SELECT, INSERT, DELETE", "is_audited": False}, Carrying.WHOLE),
        ("traffic", {"rights": "SELECT, INSERT", "is_audited": False}, Carrying.ADDED),
        ("named", {"rights": ALL, "is_audited": True, "has_number": False}, Carrying.WHOLE),
        ("archived_chain", {"rights": "", "is_audited": True, "left_out": ("x",)}, Carrying.CHANGED),
    ],
)
def test_one_of_each(table: str, facts: dict[str, object], how: Carrying) -> None:
    assert carrying_of(table, **facts) is how  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rights", "computed", "how"),
    [
        ("SELECT, INSERT, UPDATE", (), Carrying.WHOLE),
        ("SELECT, INSERT, UPDATE", ("secret",), Carrying.CHANGED),
        ("SELECT, INSERT, UPDATE (state, secret)", (), Carrying.WHOLE),
        ("SELECT, INSERT, UPDATE (state)", (), Carrying.CHANGED),
        ("SELECT, INSERT", (), Carrying.CHANGED),
    ],
)
def test_what_may_change_unseen_is_carried_whole(
    rights: str, computed: tuple[str, ...], how: Carrying
) -> None:
    found = carrying_of("t", rights=rights, is_audited=True, left_out=("secret",), computed=computed)
    assert found is how


def test_of_the_program_s_own_tables() -> None:
    """A password changes without a row in the audit; results are followed by it; bytes of lines are only added."""
    said = {
        name: carrying_of(
            name,
            rights=one.rights,
            is_audited=one.is_audited,
            left_out=one.left_out,
            computed=("search_name",),
        )
        for name, one in TABLES.items()
    }
    assert said["person"] is Carrying.WHOLE
    assert said["result"] is said["patient"] is said["specimen"] is said["message"] is Carrying.CHANGED
    assert said["traffic"] is said["access_entry"] is Carrying.ADDED
    assert said["audit_row"] is Carrying.CHAIN
