import csv
import json
import re
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.specimens.rules import acceptance as rules
from aliquot.flow.specimens.rules.acceptance import (
    ConditionFacts,
    Lane,
    Outcome,
    TestLimits,
    judge_condition,
    keeps_until,
)

DRAWN = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
K = TestLimits("K", "SST", 20, True, 240, 0, 1440, 10080, 129600, frozenset({"HAEM"}))
NA = TestLimits("NA", "SST", 20, True, 1440, None, 1440, 10080, 129600)
GLUS = TestLimits("GLUS", "SST", 10, True, 60, None, 480, 4320, None)
HGB = TestLimits(
    "HGB", "EDTA", 10, stable_room_minutes=1440, stable_cold_minutes=2880, spoilt_by=frozenset({"CLOT"})
)


def make_facts(*tests: TestLimits, hours: float = 1, **changes: object) -> ConditionFacts:
    facts: dict[str, object] = {
        "container": tests[0].container,
        "judged_at": DRAWN + timedelta(hours=hours),
        "tests": tests,
        "collected_at": DRAWN,
    }
    return ConditionFacts(**(facts | changes))  # type: ignore[arg-type]


def outcomes(facts: ConditionFacts) -> dict[str, str]:
    return {verdict.test: verdict.outcome.value for verdict in judge_condition(facts)}


def reasons(facts: ConditionFacts) -> list[str]:
    return [reason.code for verdict in judge_condition(facts) for reason in verdict.reasons]


def test_a_fresh_tube_is_accepted_without_a_word() -> None:
    assert [(v.outcome, v.reasons) for v in judge_condition(make_facts(K, NA, GLUS))] == [
        (Outcome.ACCEPT, ())
    ] * 3


def test_glucose_in_unspun_serum_after_six_hours_is_rejected_and_sodium_is_not() -> None:
    facts = make_facts(GLUS, NA, hours=6)
    assert outcomes(facts) == {"GLUS": "reject", "NA": "accept"}
    assert reasons(facts) == ["OLD"]
    assert (
        judge_condition(facts)[0].reasons[0].message
        == "GLUS is stable for 60 min in this state and 360 min have passed."
    )


def test_potassium_in_refrigerated_whole_blood_is_rejected() -> None:
    facts = make_facts(K, hours=0.5, lane=Lane.COLD)
    assert outcomes(facts) == {"K": "reject"}
    assert reasons(facts) == ["TEMP"]


def test_spun_in_time_potassium_may_travel_cold() -> None:
    assert outcomes(make_facts(K, hours=20, spun_at=DRAWN + timedelta(hours=1), lane=Lane.COLD)) == {
        "K": "accept"
    }


def test_spun_too_late_stays_too_late() -> None:
    facts = make_facts(K, hours=6, spun_at=DRAWN + timedelta(hours=5))
    assert outcomes(facts) == {"K": "reject"}


def test_without_a_time_of_collection_a_person_decides() -> None:
    facts = make_facts(NA, collected_at=None)
    assert outcomes(facts) == {"NA": "hold"}
    assert "time of collection is missing" in judge_condition(facts)[0].reasons[0].message


@pytest.mark.parametrize(
    "changes", [{"spun_at": DRAWN - timedelta(minutes=5)}, {"collected_at": DRAWN + timedelta(days=1)}]
)
def test_times_that_contradict_each_other_hold(changes: dict[str, Any]) -> None:
    assert outcomes(make_facts(NA, **changes)) == {"NA": "hold"}


def test_without_a_figure_a_person_decides() -> None:
    facts = make_facts(HGB, lane=Lane.FROZEN)
    assert outcomes(facts) == {"HGB": "hold"}
    assert "No stability figure" in judge_condition(facts)[0].reasons[0].message


def test_haemolysis_spoils_potassium_and_not_sodium() -> None:
    assert outcomes(make_facts(K, NA, observed=frozenset({"HAEM"}))) == {"K": "reject", "NA": "accept"}


@pytest.mark.parametrize("code", sorted(rules.SPOILS_EVERYTHING))
def test_some_things_spoil_every_test(code: str) -> None:
    facts = make_facts(K, NA, observed=frozenset({code}))
    assert outcomes(facts) == {"K": "reject", "NA": "reject"}
    assert reasons(facts) == [code, code]


def test_all_reasons_are_named() -> None:
    facts = make_facts(K, hours=9, observed=frozenset({"HAEM", "LEAK"}), container="EDTA", volume_ul=5)
    assert reasons(facts) == ["LEAK", "HAEM", "WCONT", "INSUF", "OLD"]


def test_volume_is_given_out_in_order_and_a_smaller_test_may_still_fit() -> None:
    facts = make_facts(K, NA, GLUS, volume_ul=30)
    assert outcomes(facts) == {"K": "accept", "NA": "reject", "GLUS": "accept"}
    assert judge_condition(facts)[1].reasons[0].message == "NA needs 20 µL and 10 µL are left."


def test_an_irreplaceable_specimen_is_conceded() -> None:
    facts = make_facts(K, NA, hours=6, observed=frozenset({"HAEM", "UNLAB"}), is_irreplaceable=True)
    assert outcomes(facts) == {"K": "concession", "NA": "concession"}


@pytest.mark.parametrize("code", sorted(rules.NEVER_CONCEDED - {"INSUF"}))
def test_another_patients_specimen_is_never_conceded(code: str) -> None:
    facts = make_facts(K, observed=frozenset({code}), is_irreplaceable=True)
    assert outcomes(facts) == {"K": "reject"}


@given(st.integers(0, 20_000), st.integers(0, 20_000), st.sampled_from(Lane), st.booleans())
def test_waiting_never_makes_a_specimen_better(one: int, other: int, lane: Lane, spun: bool) -> None:  # noqa: FBT001 - a drawn value
    worse = ["accept", "hold", "reject"]
    sooner, later = sorted([one, other])
    when = {"spun_at": DRAWN} if spun else {}
    first, second = (
        outcomes(make_facts(K, NA, GLUS, hours=m / 60, lane=lane, **when)) for m in (sooner, later)
    )
    assert all(worse.index(first[test]) <= worse.index(second[test]) for test in first)


@given(
    st.sets(st.sampled_from(["HAEM", "LEAK", "CLOT", "UNLAB", "ICT"])),
    st.integers(0, 100),
    st.integers(0, 3000),
)
def test_one_verdict_a_test_and_a_reason_for_everything_but_acceptance(
    seen: set[str], volume: int, minutes: int
) -> None:
    verdicts = judge_condition(
        make_facts(K, NA, GLUS, hours=minutes / 60, observed=frozenset(seen), volume_ul=volume)
    )
    assert [verdict.test for verdict in verdicts] == ["K", "NA", "GLUS"]
    assert all((verdict.outcome is Outcome.ACCEPT) == (not verdict.reasons) for verdict in verdicts)


ORACLE = Path(__file__).parents[4] / "shared" / "oracles" / "policy_rules.json"
TEST_OF = {"glucose": "GLUS", "potassium": "K", "sodium": "NA"}
OUTCOME_OF = {"reject_test": Outcome.REJECT, "hold": Outcome.HOLD, "accept": Outcome.ACCEPT}


def limits_of(code: str) -> TestLimits:
    data = resources.files("aliquot.registers.catalogue") / "data"
    row = next(
        row
        for row in csv.DictReader((data / "limits.csv").read_text(encoding="utf-8").splitlines())
        if row["test"] == code
    )
    minutes = {
        name: int(row[name]) if row[name] else None for name in row if re.match(r"(un)?s(pun|table)_", name)
    }
    return TestLimits(
        code, "SST", 10, needs_spinning=True, spoilt_by=frozenset(row["spoilt_by"].split()), **minutes
    )


@pytest.mark.skipif(not ORACLE.exists(), reason="the shared oracle is not at hand")
def test_oracle_cases_with_the_catalogues_own_limits() -> None:
    cases = [
        case
        for case in json.loads(ORACLE.read_text(encoding="utf-8"))["cases"]
        if case["id"].startswith("stab:")
    ]
    assert cases
    for case in cases:
        given_facts = case["inputs"]
        facts = make_facts(
            limits_of(TEST_OF[given_facts["analyte"]]),
            hours=given_facts.get("hours", 1),
            lane=Lane.COLD if given_facts.get("temp_c", 20) < 10 else Lane.ROOM,
            **({"collected_at": None} if "collected" in given_facts else {}),
        )
        assert judge_condition(facts)[0].outcome is OUTCOME_OF[case["expected"]["action"]], case["id"]


@pytest.mark.parametrize("code", ["TEMP", "STORE", "TIME"])
def test_what_was_seen_of_the_way_makes_each_test_unfit(code: str) -> None:
    facts = make_facts(K, NA, observed=frozenset({code}))
    assert outcomes(facts) == {"K": "reject", "NA": "reject"}
    assert reasons(facts) == [code, code]


def test_what_spoils_one_test_leaves_the_other() -> None:
    facts = make_facts(K, NA, observed=frozenset({"HAEM"}))
    assert outcomes(facts) == {"K": "reject", "NA": "accept"}


def until(test: TestLimits, **changes: object) -> timedelta | None:
    """How long after the draw a test may be done from a specimen that is fit for it now."""
    found = keeps_until(make_facts(K, **changes), test)  # type: ignore[arg-type]
    return None if found is None else found - DRAWN


def test_a_test_may_be_added_as_long_as_its_tube_bears_it() -> None:
    minute = timedelta(minutes=1)
    assert until(K) == 240 * minute  # unspun
    assert until(K, spun_at=DRAWN + timedelta(minutes=30)) == 1440 * minute
    plain = TestLimits("X", "SST", 10, stable_room_minutes=300)
    assert until(plain) == 300 * minute
    assert until(plain, hours=6) is None
    assert until(plain, observed=frozenset({"LEAK"})) is None
    assert until(plain, collected_at=None) is None
