import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.registers.people.models import Role
from aliquot.registers.people.rules.permissions import ALL_PERMISSIONS, PERMISSIONS, may, permissions_of

ROLES = st.sets(st.sampled_from(sorted(PERMISSIONS)))


def roles_that_may(permission: str) -> set[str]:
    return {role for role in PERMISSIONS if may([role], permission)}


def test_every_role_of_the_register_is_here_and_no_other() -> None:
    assert set(PERMISSIONS) == set(Role.values)


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        ("release_result", {"laboratory_doctor", "hub_director"}),
        ("amend_result", {"laboratory_doctor", "hub_director"}),
        ("verify_result", {"technologist", "laboratory_doctor", "hub_director"}),
        ("enter_result", {"technologist", "laboratory_doctor"}),
        ("place_order", {"nurse", "physician", "receptionist", "integration"}),
        ("collect_specimen", {"nurse"}),
        ("print_label", {"nurse"}),  # the hub never relabels
        ("carry_box", {"courier"}),
        ("receive_box", {"receptionist", "technologist"}),
        ("reject_specimen", {"receptionist", "technologist", "laboratory_doctor"}),
        ("merge_patients", {"receptionist", "laboratory_doctor"}),
        ("run_control", {"technologist", "laboratory_doctor", "quality_manager"}),
        ("manage_quality", {"laboratory_doctor", "quality_manager", "hub_director"}),
        ("read_audit", {"hub_director", "administrator", "quality_manager"}),
        ("manage_registers", {"hub_director", "administrator"}),
    ],
)
def test_who_may(permission: str, roles: set[str]) -> None:
    assert roles_that_may(permission) == roles


def test_a_courier_and_an_administrator_see_no_patient() -> None:
    clinical = {
        "view_order",
        "view_report",
        "view_specimen",
        "place_order",
        "release_result",
        "register_patient",
    }
    assert permissions_of(["courier", "administrator"]) & clinical == set()


def test_names_are_verb_and_object() -> None:
    assert [name for name in ALL_PERMISSIONS if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)] == []


@given(ROLES, ROLES)
def test_roles_add_up_and_nothing_else_does(some: set[str], others: set[str]) -> None:
    assert permissions_of(some | others) == permissions_of(some) | permissions_of(others)


def test_the_unknown() -> None:
    assert permissions_of([]) == permissions_of(["king"]) == frozenset()
    assert not may([], "place_order")
    with pytest.raises(ValueError, match="not a permission"):
        may(["nurse"], "do_everything")


def test_the_table_cannot_be_changed_by_a_passer_by() -> None:
    with pytest.raises(TypeError):
        PERMISSIONS["nurse"] = frozenset()  # type: ignore[index]
