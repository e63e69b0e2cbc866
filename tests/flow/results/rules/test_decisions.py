"""The rules of release: each alone, at its edges, and all together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.results.rules.autoverification import RULES, decide
from aliquot.flow.results.rules.critical import critical_limit, due_at, repeats_value
from aliquot.flow.results.rules.delta import delta_reasons
from aliquot.flow.results.rules.evidence import Evidence
from aliquot.flow.results.rules.flags import condition_reasons, flag_reasons
from aliquot.flow.results.rules.limits import flag_and_reasons
from aliquot.flow.results.rules.order_state import order_reasons
from aliquot.flow.results.rules.quality import quality_reasons
from aliquot.flow.results.rules.stability import stability_reasons

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
POTASSIUM = Evidence(
    result_id=1,
    order_item_id=2,
    order_id=3,
    test_id=4,
    value=Decimal("4.2"),
    value_text="4.2",
    comparator="",
    unit="mmol/L",
    analyzer_flags=(),
    measured_at=NOW,
    is_manual=False,
    scale="Qn",
    test_unit="mmol/L",
    is_released_by_rules=True,
    critical_low=Decimal("2.8"),
    critical_high=Decimal("6.2"),
    technical_low=None,
    technical_high=None,
    delta_percent=Decimal(20),
    delta_days=3,
    stable_room_minutes=480,
    stable_cold_minutes=None,
    unspun_room_minutes=240,
    is_centrifuged=True,
    spoilt_by=("HAEM",),
    has_interval=True,
    is_interval_unclear=False,
    low=Decimal("3.5"),
    high=Decimal("5.1"),
    expected_en="",
    expected_ru="",
    sex="F",
    age_days=14_863,
    previous_value=None,
    previous_collected_at=None,
    collected_at=NOW - HOUR,
    spun_at=NOW - HOUR / 2,
    accepted_at=NOW - HOUR / 3,
    conditions=(),
    qc_state="no_plan",
    is_suspended=False,
    item_state="open",
    order_state="placed",
    urgency="R",
    is_inpatient=False,
    is_rerun=False,
)
"""An unremarkable potassium: every rule allows it."""


def evidence(**changes: Any) -> Evidence:
    return replace(POTASSIUM, **changes)


def potassium(value: str, **changes: Any) -> Evidence:
    return evidence(value=Decimal(value), value_text=value, **changes)


def codes(changed: Evidence) -> list[str]:
    return [one.code for one in decide(changed).reasons]


def test_an_unremarkable_result_is_released_with_its_flag() -> None:
    verdict = decide(POTASSIUM)
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
    verdict = decide(evidence(**changes))
    assert not verdict.release
    assert [one.code for one in verdict.reasons] == expected


def test_all_reasons_are_named_at_once() -> None:
    changed = potassium(
        "6.9", is_rerun=True, analyzer_flags=["abnormal"], is_suspended=True, conditions=["HAEM"]
    )
    assert codes(changed) == ["critical", "rerun", "analyzer_flag", "specimen_spoilt", "analyzer_suspended"]


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        ("2.79", "LL"),
        ("2.8", "L"),
        ("3.49", "L"),
        ("3.5", "N"),
        ("5.1", "N"),
        ("5.11", "H"),
        ("6.2", "H"),
        ("6.21", "HH"),
    ],
)
def test_a_limit_belongs_to_the_interval_it_closes(value: str, flag: str) -> None:
    assert decide(potassium(value)).flag == flag


@pytest.mark.parametrize(
    ("comparator", "value", "interval", "flag", "expected"),
    [
        ("<", "0.6", ("0", "5.0"), "N", []),
        ("<=", "0.6", (None, "5.0"), "N", []),
        ("<", "6", ("0", "5.0"), "", ["off_scale"]),
        ("<", "6", ("0", None), "", ["off_scale"]),
        ("<", "3", ("3.5", "5.1"), "L", ["off_scale"]),
        ("<", "4", ("3.5", "5.1"), "", ["off_scale"]),
        ("<", "-3", ("-2", "2"), "L", ["off_scale"]),
        ("<", "1", ("-2", "2"), "", ["off_scale"]),
        (">", "300", ("0", "5.0"), "H", ["off_scale"]),
        (">", "3", ("0", "5.0"), "", ["off_scale"]),
        (">=", "3", ("90", None), "", ["off_scale"]),
        ("~", "3", ("0", "5.0"), "", ["off_scale"]),
    ],
)
def test_a_value_with_a_sign_is_released_only_where_it_surely_lies_inside(
    comparator: str, value: str, interval: tuple[str | None, str | None], flag: str, expected: list[str]
) -> None:
    low, high = (Decimal(one) if one else None for one in interval)
    changed = potassium(
        value, comparator=comparator, low=low, high=high, critical_low=None, critical_high=None
    )
    found, reasons = flag_and_reasons(changed)
    assert (found, [one.code for one in reasons]) == (flag, expected)


def test_below_the_range_may_still_be_critical_so_it_is_not_called_normal() -> None:
    changed = potassium("3", comparator="<", low=None, critical_low=Decimal("2.8"))
    assert flag_and_reasons(changed)[0] == ""


@pytest.mark.parametrize(
    ("comparator", "value", "limit"),
    [
        ("<", "2.8", "2.8"),
        ("<", "2.9", None),
        ("<=", "2.8", None),
        (">", "6.2", "6.2"),
        (">=", "6.2", None),
        (">=", "6.3", "6.2"),
        (">", "6.1", None),
        ("<", "7", None),
        (">", "1", None),
    ],
)
def test_a_value_with_a_sign_is_critical_only_when_surely_beyond(
    comparator: str, value: str, limit: str | None
) -> None:
    assert critical_limit(potassium(value, comparator=comparator)) == (Decimal(limit) if limit else None)


@pytest.mark.parametrize(
    "changes", [{"unit": "mg/dL"}, {"technical_high": Decimal(8)}, {"value": None}, {"value": Decimal("NaN")}]
)
def test_an_incredible_value_is_no_critical_value(changes: dict[str, Any]) -> None:
    changed = evidence(**{"value": Decimal(9), **changes})
    assert critical_limit(changed) is None
    assert decide(changed).critical is False


@pytest.mark.parametrize(
    ("changes", "minutes"),
    [
        ({"urgency": "S", "is_inpatient": False}, 30),
        ({"urgency": "R", "is_inpatient": True}, 30),
        ({"urgency": "R", "is_inpatient": False}, 60),
    ],
)
def test_urgent_orders_and_wards_are_told_within_half_an_hour(changes: dict[str, Any], minutes: int) -> None:
    assert due_at(NOW, **changes) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("read_back", "value", "holds"),
    [
        ("potassium 6.9", "6.9", True),
        ("калий шесть и девять, 6,90", "6.9", True),
        ("less than 0.5, Petrova", "<0.5", True),
        ("6.8", "6.9", False),
        ("69", "6.9", False),
        ("16.9", "6.9", False),
        ("yes", "6.9", False),
        ("", "6.9", False),
        ("Gram-positive COCCI in chains", "gram-positive cocci", True),
        ("positive", "gram-positive cocci", False),
        ("anything", "", False),
        ("it is 007.0", "7", True),
    ],
)
def test_the_read_back_holds_the_digits_of_the_value(read_back: str, value: str, *, holds: bool) -> None:
    assert repeats_value(read_back, value) is holds


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"previous_value": Decimal("3.5"), "value": Decimal("4.2")}, []),  # exactly 20 %
        ({"previous_value": Decimal("3.49"), "value": Decimal("4.2")}, ["delta"]),
        ({"previous_value": Decimal("5.26"), "value": Decimal("4.2")}, ["delta"]),
        ({"previous_value": Decimal(0)}, ["delta_from_zero"]),
        ({"previous_value": Decimal(0), "value": Decimal(0)}, []),
        ({"previous_value": Decimal(9), "delta_percent": None}, []),
        ({"previous_value": Decimal(9), "delta_days": None}, []),
        ({"previous_value": Decimal(9), "comparator": "<"}, []),
        ({"previous_value": Decimal(9), "unit": "mg/dL"}, []),
        ({"previous_value": Decimal(9), "value": None}, []),
        ({"previous_value": Decimal(9), "collected_at": None}, []),
    ],
)
def test_the_delta_check_compares_percent(changes: dict[str, Any], expected: list[str]) -> None:
    changed = evidence(**{"previous_collected_at": NOW - 24 * HOUR, **changes})
    assert [one.code for one in delta_reasons(changed)] == expected


@pytest.mark.parametrize(
    ("before", "is_compared"),
    [
        (timedelta(days=3), True),
        (timedelta(days=3, seconds=1), False),
        (timedelta(seconds=1), True),
        (timedelta(0), False),
        (timedelta(hours=-1), False),
    ],
)
def test_only_what_was_collected_earlier_and_within_the_window_is_compared(
    before: timedelta, *, is_compared: bool
) -> None:
    changed = evidence(previous_value=Decimal(9), previous_collected_at=NOW - HOUR - before)
    assert bool(delta_reasons(changed)) is is_compared


def test_a_delta_names_its_figures() -> None:
    changed = potassium("5.0", previous_value=Decimal("4.0"), previous_collected_at=NOW - 49 * HOUR)
    assert delta_reasons(changed)[0].as_json() == {
        "code": "delta",
        "percent": "25",
        "previous": "4",
        "days": "2",
        "limit": "20",
    }


def test_flags_that_only_place_the_value_are_harmless_and_signs_are_judged_by_the_limits() -> None:
    assert flag_reasons(evidence(analyzer_flags=["normal", "low", "high"])) == []
    assert flag_reasons(evidence(analyzer_flags=["below_range"], comparator="<")) == []
    assert flag_reasons(evidence(analyzer_flags=["above_range"], comparator=">=")) == []
    assert [one.code for one in flag_reasons(evidence(analyzer_flags=["below_range"], comparator=">"))] == [
        "analyzer_flag"
    ]


@given(st.text(min_size=1))
def test_a_flag_that_nobody_called_harmless_holds(flag: str) -> None:
    assert bool(flag_reasons(evidence(analyzer_flags=[flag]))) is (flag not in {"normal", "low", "high"})


def test_a_condition_that_spoils_other_tests_only_does_not_hold_this_one() -> None:
    assert condition_reasons(evidence(conditions=["LIPA"])) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"spun_at": NOW - HOUR / 2, "unspun_room_minutes": 30, "stable_room_minutes": 30}, []),
        ({"spun_at": None, "unspun_room_minutes": 60, "stable_room_minutes": 60}, []),
        ({"spun_at": None, "unspun_room_minutes": 59}, ["unspun_too_long"]),
        ({"spun_at": None, "stable_room_minutes": 59}, ["stability_exceeded"]),
        ({"spun_at": NOW - 2 * HOUR, "unspun_room_minutes": 59}, ["unspun_too_long"]),
        ({"spun_at": NOW + HOUR, "unspun_room_minutes": 59}, ["unspun_too_long"]),
        (
            {"spun_at": None, "unspun_room_minutes": 59, "stable_room_minutes": 59},
            ["unspun_too_long", "stability_exceeded"],
        ),
        ({"is_centrifuged": False, "unspun_room_minutes": None, "stable_room_minutes": 60}, []),
        (
            {"is_centrifuged": False, "unspun_room_minutes": None, "stable_room_minutes": 59},
            ["stability_exceeded"],
        ),
    ],
)
def test_stability_counts_unspun_and_spun_time_apart(changes: dict[str, Any], expected: list[str]) -> None:
    assert [one.code for one in stability_reasons(evidence(**changes))] == expected


def test_a_second_over_the_limit_is_over() -> None:
    late = evidence(is_centrifuged=False, stable_room_minutes=60, measured_at=NOW + timedelta(seconds=1))
    assert [one.code for one in stability_reasons(late)] == ["stability_exceeded"]


@pytest.mark.parametrize(
    ("text", "english", "russian", "flag", "expected"),
    [
        ("negative", "negative; a reactive result is confirmed", "отрицательно", "N", []),
        (" Отрицательно ", "negative", "отрицательно; подтвердить", "N", []),
        ("positive", "negative", "", "A", ["unexpected_finding"]),
        ("negative", "positive / negative", "", "", ["no_expected_finding"]),
        ("", "negative", "", "A", ["unexpected_finding"]),
        ("negative", "", "", "", ["no_expected_finding"]),
    ],
)
def test_words_are_released_only_when_they_are_the_finding_of_health(
    text: str, english: str, russian: str, flag: str, expected: list[str]
) -> None:
    changed = evidence(scale="Ord", value=None, value_text=text, expected_en=english, expected_ru=russian)
    found, reasons = flag_and_reasons(changed)
    assert (found, [one.code for one in reasons]) == (flag, expected)


def test_two_faults_of_the_order_are_two_reasons() -> None:
    changed = evidence(item_state="cancelled", is_rerun=True, is_manual=True)
    assert [one.code for one in order_reasons(changed)] == ["item_closed", "rerun", "manual"]


def test_two_faults_of_the_analyzer_are_two_reasons() -> None:
    changed = evidence(is_suspended=True, qc_state="out_of_control")
    assert [one.code for one in quality_reasons(changed)] == ["analyzer_suspended", "out_of_control"]


amounts = st.decimals(min_value=0, max_value=100, places=2)
maybe = st.none() | amounts
moments = st.none() | st.integers(-600, 600).map(lambda minutes: NOW + timedelta(minutes=minutes))
anything = st.builds(
    evidence,
    value=maybe,
    comparator=st.sampled_from(["", "<", ">", "<=", ">="]),
    unit=st.sampled_from(["mmol/L", "", "mg/dL"]),
    analyzer_flags=st.lists(st.sampled_from(["normal", "high", "abnormal", "message:x"]), max_size=2),
    critical_low=maybe,
    critical_high=maybe,
    technical_low=maybe,
    technical_high=maybe,
    low=maybe,
    high=maybe,
    delta_percent=maybe,
    previous_value=maybe,
    previous_collected_at=moments,
    collected_at=moments,
    measured_at=moments,
    spun_at=moments,
    stable_room_minutes=st.none() | st.integers(0, 600),
    unspun_room_minutes=st.none() | st.integers(0, 600),
    is_centrifuged=st.booleans(),
    has_interval=st.booleans(),
    qc_state=st.sampled_from(["no_plan", "in_control", "out_of_control", "unknown"]),
    scale=st.sampled_from(["Qn", "Ord", "Nom"]),
    item_state=st.sampled_from(["open", "cancelled", "reported"]),
)


@given(anything)
def test_nothing_is_released_with_a_reason_or_held_without_one(given_evidence: Evidence) -> None:
    verdict = decide(given_evidence)
    assert verdict.release is (not verdict.reasons)


@given(anything)
def test_a_released_number_is_open_known_and_not_critical(given_evidence: Evidence) -> None:
    verdict = decide(given_evidence)
    if verdict.release:
        assert given_evidence.item_state == "open"
        assert given_evidence.scale == "Qn"
        assert given_evidence.unit == given_evidence.test_unit
        assert verdict.flag in {"L", "N", "H"}
        assert not verdict.critical
        assert critical_limit(given_evidence) is None


@given(anything)
def test_a_critical_number_is_flagged_so_and_never_released(given_evidence: Evidence) -> None:
    verdict = decide(given_evidence)
    if given_evidence.scale == "Qn" and critical_limit(given_evidence) is not None:
        assert verdict.critical
        assert not verdict.release
        assert verdict.flag in {"LL", "HH"}
        assert "critical" in {one.code for one in verdict.reasons}


@given(anything, st.sampled_from(range(len(RULES))))
def test_no_rule_hides_another(given_evidence: Evidence, which: int) -> None:
    own = RULES[which](given_evidence)
    assert set(own) <= set(decide(given_evidence).reasons)
