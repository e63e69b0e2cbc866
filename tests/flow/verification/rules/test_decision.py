"""All rules of release together: every reason is named, and nothing is released with one."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.verification.rules.decision import RULES, decide
from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.kinds.order_state import order_reasons
from aliquot.flow.verification.rules.kinds.quality import quality_reasons
from aliquot.flow.verification.rules.plan import Bound
from aliquot.flow.verification.rules.signs import is_surely_above, is_surely_below
from tests.flow.verification.rules.evidences import HOUR, NOW, book, case, decided, evidence


def test_an_unremarkable_result_is_released_with_its_flag() -> None:
    verdict = decided()
    assert (verdict.release, verdict.flag, verdict.reasons, verdict.critical) == (True, "N", (), False)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"value": None, "value_text": "clot"}, ["not_numeric"]),
        ({"value": Decimal("NaN")}, ["not_numeric"]),
        ({"unit": "mg/dL"}, ["unit_differs"]),
        ({"unit": ""}, ["unit_differs"]),
        ({"has_interval": False, "low": None, "high": None}, ["no_interval"]),
        ({"low": None, "high": None}, ["no_interval"]),
        ({"is_interval_unclear": True}, ["interval_unclear"]),
        ({"technical_high": Decimal(4)}, ["outside_technical"]),
        ({"technical_low": Decimal(5)}, ["outside_technical"]),
        ({"value": Decimal("6.3")}, ["critical"]),
        ({"value": Decimal("2.7")}, ["critical"]),
        ({"value": Decimal("5.2"), "critical_high": None}, ["no_limit_beyond"]),
        ({"value": Decimal("3.4"), "critical_low": None}, ["no_limit_beyond"]),
        ({"scale": "Ord"}, ["no_expected_finding"]),
        ({"analyzer_flags": ["above_range"]}, ["analyzer_flag"]),
        ({"analyzer_flags": ["message:PLT_Clumps?"]}, ["instrument_message"]),
        ({"analyzer_flags": ["unknown:flag 'W'", "abnormal"]}, ["unknown_flag", "analyzer_flag"]),
        ({"conditions": ["HAEM"]}, ["specimen_spoilt"]),
        ({"conditions": ["LIPA"], "spoilt_by": []}, ["specimen_condition"]),
        ({"collected_at": None}, ["collection_unknown"]),
        ({"measured_at": None}, ["measured_unknown"]),
        ({"collected_at": NOW + HOUR}, ["measured_before_collected"]),
        ({"stable_room_minutes": None}, ["stability_unknown"]),
        ({"unspun_room_minutes": None}, ["stability_unknown"]),
        ({"unspun_room_minutes": 29}, ["unspun_too_long"]),
        ({"stable_room_minutes": 29}, ["stability_exceeded"]),
        ({"is_suspended": True}, ["analyzer_suspended"]),
        ({"qc_state": "out_of_control"}, ["out_of_control"]),
        ({"qc_state": "unknown"}, ["qc_unknown"]),
        ({"qc_state": "a state nobody knows"}, ["qc_unknown"]),
        ({"is_released_by_rules": False}, ["autorelease_off"]),
        ({"item_state": "cancelled"}, ["item_closed"]),
        ({"item_state": "not_performed"}, ["item_closed"]),
        ({"order_state": "cancelled"}, ["item_closed"]),
        ({"item_state": "reported"}, ["already_reported"]),
        ({"is_rerun": True}, ["rerun"]),
        ({"is_manual": True}, ["manual"]),
    ],
)
def test_each_single_fault_holds_the_result_for_exactly_its_reason(
    changes: dict[str, Any], expected: list[str]
) -> None:
    verdict = decided(**changes)
    assert not verdict.release
    assert [one.code for one in verdict.reasons] == expected


def test_all_reasons_are_named_at_once() -> None:
    verdict = decided(
        value=Decimal("6.9"),
        is_rerun=True,
        analyzer_flags=["abnormal"],
        is_suspended=True,
        conditions=["HAEM"],
    )
    assert [one.code for one in verdict.reasons] == [
        "critical",
        "rerun",
        "analyzer_flag",
        "specimen_spoilt",
        "analyzer_suspended",
    ]


def test_two_faults_of_the_order_are_two_reasons() -> None:
    changed = case(item_state="cancelled", is_rerun=True, is_manual=True)
    assert [one.code for one in order_reasons(*changed)] == ["item_closed", "rerun", "manual"]


def test_two_faults_of_the_analyzer_are_two_reasons() -> None:
    changed = case(is_suspended=True, qc_state="out_of_control")
    assert [one.code for one in quality_reasons(*changed)] == ["analyzer_suspended", "out_of_control"]


amounts = st.decimals(min_value=0, max_value=100, places=2)
maybe = st.none() | amounts
moments = st.none() | st.integers(-600, 600).map(lambda minutes: NOW + timedelta(minutes=minutes))
anything = st.fixed_dictionaries(
    {
        "value": maybe,
        "comparator": st.sampled_from(["", "<", ">", "<=", ">="]),
        "unit": st.sampled_from(["mmol/L", "", "mg/dL"]),
        "analyzer_flags": st.lists(st.sampled_from(["normal", "high", "abnormal", "message:x"]), max_size=2),
        "critical_low": maybe,
        "critical_high": maybe,
        "technical_low": maybe,
        "technical_high": maybe,
        "low": maybe,
        "high": maybe,
        "delta_percent": maybe,
        "previous_value": maybe,
        "previous_collected_at": moments,
        "collected_at": moments,
        "measured_at": moments,
        "spun_at": moments,
        "stable_room_minutes": st.none() | st.integers(0, 600),
        "unspun_room_minutes": st.none() | st.integers(0, 600),
        "is_centrifuged": st.booleans(),
        "has_interval": st.booleans(),
        "qc_state": st.sampled_from(["no_plan", "in_control", "out_of_control", "unknown"]),
        "scale": st.sampled_from(["Qn", "Ord", "Nom"]),
        "item_state": st.sampled_from(["open", "cancelled", "reported"]),
    }
)


INCREDIBLE = {"unit_differs", "outside_technical"}
"""What is in no known unit, or cannot be, is seen by a person and told to nobody."""


@given(anything)
def test_nothing_is_released_with_a_reason_or_held_without_one(changes: dict[str, Any]) -> None:
    verdict = decided(**changes)
    assert verdict.release is (not verdict.reasons)


@given(anything)
def test_a_released_number_is_open_known_and_not_critical(changes: dict[str, Any]) -> None:
    verdict, (seen, plan) = decided(**changes), case(**changes)
    if verdict.release:
        assert seen.item_state == "open"
        assert plan.facts.scale == "Qn"
        assert seen.unit == plan.facts.unit
        assert verdict.flag in {"L", "N", "H"}
        assert not verdict.critical
        assert not is_beyond(seen, plan.critical)


@given(anything)
def test_a_critical_number_is_flagged_so_and_never_released(changes: dict[str, Any]) -> None:
    verdict, (seen, plan) = decided(**changes), case(**changes)
    codes = {one.code for one in verdict.reasons}
    if plan.facts.scale == "Qn" and is_beyond(seen, plan.critical):
        assert not verdict.release
        assert ("critical" in codes) is not bool(INCREDIBLE & codes)
    assert verdict.critical is ("critical" in codes) is (verdict.flag in {"LL", "HH"})


def is_beyond(seen: Evidence, bound: Bound) -> bool:
    """Whether the number lies beyond a limit, whatever its sign leaves open."""
    if seen.value is None:
        return False
    low = bound.low is not None and is_surely_below(seen.value, seen.comparator, bound.low)
    return low or (bound.high is not None and is_surely_above(seen.value, seen.comparator, bound.high))


@given(anything, st.sampled_from(range(len(RULES))))
def test_no_rule_hides_another(changes: dict[str, Any], which: int) -> None:
    own = RULES[which](*case(**changes))
    assert set(own) <= set(decided(**changes).reasons)


def test_a_test_that_the_book_does_not_know_is_held() -> None:
    verdict = decide(evidence(test_id=999), book())
    assert (verdict.action, [one.code for one in verdict.reasons]) == ("hold", ["no_rule"])


def test_without_a_rule_set_everything_waits_and_danger_is_still_told() -> None:
    verdict = decide(evidence(), book(is_active=False))
    assert [one.code for one in verdict.reasons] == ["no_rule_set"]
    verdict = decide(evidence(value=Decimal("6.9")), book(is_active=False))
    assert (verdict.critical, verdict.flag) == (True, "HH")
