"""Who may do what: roles and the permissions they carry.

By role and task: ISO 15189:2022, 6.2.3 and 7.6.2. To change a right, change this page and its test.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

_ORDERING = frozenset({"place_order", "cancel_order", "register_patient", "view_order", "view_report"})
_COLLECTING = frozenset(
    {"print_label", "collect_specimen", "centrifuge_specimen", "close_box", "view_specimen"}
)
_TAKING_IN = frozenset(
    {"receive_box", "accept_specimen", "reject_specimen", "reconcile_box", "store_specimen", "view_specimen"}
)
_MEASURING = frozenset(
    {"enter_result", "verify_result", "run_control", "manage_worklist", "view_reading", "match_reading"}
)
_DECIDING = frozenset(
    {
        "verify_result",
        "release_result",
        "hold_result",
        "amend_result",
        "recall_result",
        "call_critical",
        "concede_specimen",
        "order_repeat",
        "suspend_autorelease",
        "draft_rule",
        "view_reading",
    }
)
_RAISING = frozenset({"raise_nonconformity"})
_ASSURING = frozenset({"manage_quality", "work_nonconformity"}) | _RAISING
_STUDYING = frozenset({"run_study"})
_SIGNING = frozenset({"sign_study"})
_SETTING_UP = frozenset({"manage_registers", "manage_people", "manage_instruments", "manage_federation"})

PERMISSIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "nurse": _ORDERING | _COLLECTING | _RAISING | {"acknowledge_correction"},
        "physician": _ORDERING
        | _RAISING
        | {"view_specimen", "acknowledge_correction", "acknowledge_critical"},
        "courier": _RAISING | {"carry_box", "hand_over_box"},
        # no print_label: who takes tubes in must not be able to give one another name
        "receptionist": _TAKING_IN | _ORDERING | _RAISING | {"merge_patients"},
        "technologist": _TAKING_IN
        | _MEASURING
        | _RAISING
        | _STUDYING
        | {"centrifuge_specimen", "call_critical", "refer_specimen", "view_order", "view_report"},
        "laboratory_doctor": _DECIDING
        | _MEASURING
        | _ASSURING
        | _STUDYING
        | _SIGNING
        | {
            "reject_specimen",
            "refer_specimen",
            "view_order",
            "view_specimen",
            "view_report",
            "merge_patients",
        },
        "quality_manager": _ASSURING
        | _STUDYING
        | {"run_control", "read_audit", "read_indicators", "view_reading", "view_specimen"},
        "hub_director": _DECIDING
        | _SETTING_UP
        | _ASSURING
        | _SIGNING
        | {
            "approve_rule",
            "approve_catalogue",
            "sign_review",
            "read_audit",
            "read_indicators",
            "view_order",
            "view_specimen",
            "view_report",
        },
        "administrator": _SETTING_UP | {"read_audit", "reset_password", "manage_integrations"},
        # of whoever owns the data: decides who operates, and needs no patient for it
        "owner_officer": frozenset({"plan_operator_change", "approve_operator_change", "manage_people"}),
        "integration": frozenset(
            {"place_order", "cancel_order", "register_patient", "view_order", "view_report"}
        ),
    }
)
"""Permissions of each role, named verb_object."""

ALL_PERMISSIONS = frozenset().union(*PERMISSIONS.values())


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """Every permission that these roles carry together; an unknown role carries none."""
    return frozenset().union(*(PERMISSIONS.get(role, frozenset()) for role in roles))


def may(roles: Iterable[str], permission: str) -> bool:
    """Whether one of `roles` carries `permission`. Raises ValueError for a permission that does not exist."""
    if permission not in ALL_PERMISSIONS:
        raise ValueError(f"{permission!r} is not a permission.")
    return permission in permissions_of(roles)
