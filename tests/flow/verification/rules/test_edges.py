"""The very edges of change, rounding, swapped tubes, populations and of who is told: what is on a limit is within it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Any

import pytest

from aliquot.flow.verification.rules.book import compile_book
from aliquot.flow.verification.rules.change import (
    Check,
    Delta,
    Direction,
    Mode,
    ReferenceChange,
    delta,
    reference_change,
    z_value,
)
from aliquot.flow.verification.rules.critical_policy import CriticalPolicy, Place
from aliquot.flow.verification.rules.evidence import Sibling, Siblings
from aliquot.flow.verification.rules.kinds.swap import swap_reasons
from aliquot.flow.verification.rules.population import Population
from aliquot.flow.verification.rules.rounding import Entry, plain, printed, reported_entry
from aliquot.flow.verification.rules.shapes import Swap
from tests.flow.verification.rules.evidences import CATALOGUE_LIMITS, DAY, NOW, D, case, evidence, facts, rule

LIMITS = ReferenceChange(D(10), D(12), D(-9))


@pytest.mark.parametrize(
    ("change", "direction", "is_flagged"),
    [
        (0, Direction.INCREASE, False),
        (0, Direction.DECREASE, False),
        (1, Direction.INCREASE, True),
        (1, Direction.DECREASE, False),
        (-1, Direction.INCREASE, False),
        (-1, Direction.DECREASE, True),
        ("0.5", Direction.DECREASE, False),
        ("-0.5", Direction.INCREASE, False),
    ],
)
def test_only_a_change_in_its_direction_counts(
    *, change: Any, direction: Direction, is_flagged: bool
) -> None:
    check = Check(Mode.ABSOLUTE, D("0.4"), direction)
    assert delta(check, D(5), D(5) + D(change), D(1)).is_flagged is is_flagged


@pytest.mark.parametrize(
    ("current", "is_lognormal", "is_flagged"),
    [
        ("110", False, False),
        ("110.01", False, True),
        ("90", False, False),
        ("89.99", False, True),
        ("112", True, False),
        ("112.01", True, True),
        ("91", True, False),
        ("90.99", True, True),
    ],
)
def test_a_change_of_just_the_reference_change_is_chance(
    *, current: str, is_lognormal: bool, is_flagged: bool
) -> None:
    check = Check(Mode.RCV, rcv=LIMITS, is_lognormal=is_lognormal)
    assert delta(check, D(100), D(current), None).is_flagged is is_flagged


@pytest.mark.parametrize(
    ("days", "reason"), [("0", ""), ("-0.01", "outside_window"), ("7", ""), ("7.01", "outside_window")]
)
def test_a_window_begins_with_the_same_moment(days: str, reason: str) -> None:
    check = Check(Mode.ABSOLUTE, D(1), window_days=D(7))
    assert delta(check, D(1), D(1), D(days)).reason == reason
    rate = Check(Mode.RATE, D(1))
    assert delta(rate, D(1), D(3), D(0)) == Delta(None, is_flagged=True, reason="no_time_passed")
    assert delta(rate, D(1), D(3), D("0.5")) == Delta(D(4), is_flagged=True)


def test_one_side_is_asked_for_and_two_are_usual() -> None:
    assert round(z_value(D("0.95")), 4) == round(z_value(D("0.95"), 2), 4) == D("1.9600")
    assert round(z_value(D("0.95"), 1), 4) == D("1.6449")


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: z_value(D("0.95"), 3), "A change is judged on 1 or 2 sides."),
        (lambda: z_value(D("0.5")), "The probability lies between 0.5 and 1."),
        (lambda: z_value(D(1)), "The probability lies between 0.5 and 1."),
        (lambda: reference_change(D(-1), D(1), D(1)), "Variations are not negative, and z is above zero."),
        (lambda: reference_change(D(1), D(1), D(0)), "Variations are not negative, and z is above zero."),
        (lambda: delta(Check(Mode.RCV), D(1), D(2), None), "The mode rcv needs cva, cvi and z."),
        (
            lambda: delta(Check(Mode.PERCENT, D(-1)), D(1), D(2), None),
            "The mode percent needs a limit that is not negative.",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(ask: Any, words: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        ask()
    assert str(caught.value) == words


def test_changes_do_not_depend_on_the_context_of_the_thread() -> None:
    exact = (reference_change(D(3), D(5), D("1.96")), delta(Check(Mode.PERCENT, D(1)), D(3), D(4), None))
    with localcontext() as context:
        context.prec = 3
        again = (reference_change(D(3), D(5), D("1.96")), delta(Check(Mode.PERCENT, D(1)), D(3), D(4), None))
    assert again == exact


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("4.10", "4.1"),
        ("1E+2", "100"),
        ("100", "100"),
        ("0.00", "0"),
        ("10.0", "10"),
        ("-0.50", "-0.5"),
        ("1E-7", "0.0000001"),
    ],
)
def test_a_number_is_written_without_what_says_nothing(text: str, shown: str) -> None:
    assert plain(D(text)) == shown


def test_a_limit_keeps_its_sign_and_its_decimals() -> None:
    kept = reported_entry(Entry("<0.04", D("0.04"), "<"), 1)
    assert (kept.text, kept.value, kept.comparator) == ("<0.04", D("0.04"), "<")
    rounded = reported_entry(Entry(">5.0", D("5.0"), ">"), 1)
    assert (rounded.text, str(rounded.value), rounded.comparator) == (">5.0", "5.0", ">")
    assert printed(D("0.00000012"), "", 8) == "0.00000012"


SWAP = Swap("swap", {"K": (D(50), D(2)), "NA": (D(5), D(1))}, least=2, threshold=D(3), window=7 * DAY)
USUAL = {"K": ("6.1", "4.0"), "NA": ("150", "140")}


def sibling(value: str, earlier: str, days: float = 7, **changes: Any) -> Sibling:
    one = Sibling(D(value), value, "", "mmol/L", collected_at=NOW)
    times = {"previous_value": D(earlier), "previous_collected_at": NOW - timedelta(days=days)}
    return replace(one, **{**times, **changes})


def swapped(**siblings: Sibling) -> bool:
    usual = {code: sibling(*values) for code, values in USUAL.items()}
    seen, plan = case(SWAP)
    return bool(swap_reasons(replace(seen, siblings=Siblings(usual | siblings)), plan))


@pytest.mark.parametrize(
    ("siblings", "is_swapped"),
    [
        ({}, True),
        ({"K": sibling("6.0", "4.0")}, False),  # 50 % is the limit itself
        ({"K": sibling("6.01", "4.0")}, True),
        ({"NA": sibling("147", "140")}, False),
        ({"NA": sibling("147.1", "140")}, True),
        ({"NA": sibling("132.9", "140")}, True),
        ({"K": sibling("6.1", "4.0", 7.01)}, False),
        ({"K": sibling("6.1", "4.0", 0)}, False),
        ({"K": sibling("6.1", "4.0", -1)}, False),
        ({"K": sibling("6.1", "4.0", 0.01)}, True),
        ({"K": sibling("6.1", "4.0", collected_at=None)}, False),
        ({"K": sibling("6.1", "4.0", previous_collected_at=None)}, False),
        ({"K": sibling("6.1", "4.0", previous_value=None)}, False),
        ({"K": sibling("6.1", "4.0", comparator="<")}, False),
        ({"K": sibling("6.1", "0")}, False),
    ],
)
def test_a_tube_is_swapped_when_enough_of_it_changed_beyond_its_limits(
    *, siblings: dict[str, Sibling], is_swapped: bool
) -> None:
    assert swapped(**siblings) is is_swapped


def test_a_test_that_was_not_measured_is_not_compared() -> None:
    seen, plan = case(SWAP)
    alone = replace(seen, siblings=Siblings({"K": sibling("6.1", "4.0")}))
    assert swap_reasons(alone, plan) == []


@pytest.mark.parametrize(
    ("one", "other", "can_meet"),
    [
        ({"age_to_days": 1}, {}, True),
        ({"age_to_days": 1}, {"age_from_days": 0}, True),
        ({"sex": "F"}, {}, True),
        ({"wards": ("A",)}, {}, True),
        ({"diagnoses": ("N18",)}, {}, True),
    ],
)
def test_who_asks_nothing_meets_everybody(
    *, one: dict[str, Any], other: dict[str, Any], can_meet: bool
) -> None:
    assert Population(**one).meets(Population(**other)) is can_meet
    assert Population(**other).meets(Population(**one)) is can_meet


def policy(code: str, **changes: Any) -> CriticalPolicy:
    usual: dict[str, Any] = {"tests": ("*",), "source": "s"}
    return CriticalPolicy(code, **usual | changes)


def handled(
    policies: dict[int | None, list[CriticalPolicy]], *, site: str = "P3", kind: str = "clinic", **seen: Any
) -> int:
    book = compile_book([facts()], {None: [rule(CATALOGUE_LIMITS)]}, sites={5: "HUB"}, policies=policies)
    return book.handling_for(evidence(**seen), site=site, kind=kind).tell_minutes


def test_who_is_told_how_soon_is_asked_of_the_laboratory_then_of_the_network() -> None:
    network, own = [policy("N", tell_minutes=20)], [policy("O", tell_minutes=10)]
    assert handled({None: network, 5: own}) == 10
    assert handled({None: network, 6: own}) == 20
    assert handled({}) == handled({6: own}) == 60
    assert handled({}, is_inpatient=True) == handled({}, urgency="S") == 30
    assert handled({None: [policy("N", tests=("K",), tell_minutes=20)]}) == 20
    assert handled({None: [policy("N", tests=("K",), tell_minutes=20)]}, test_id=99) == 60


def test_a_policy_asks_of_the_place_that_ordered_and_of_the_laboratory_that_measured() -> None:
    of_the_hub = [policy("N", tell_minutes=20, population=Population(sites=("HUB",)))]
    assert handled({None: of_the_hub}) == 20
    assert handled({None: of_the_hub}, laboratory_id=9) == 60
    of_the_place = [
        policy("N", tell_minutes=20, place=Place(sites=("P3",), kinds=("clinic",), is_inpatient=False))
    ]
    assert handled({None: of_the_place}) == 20
    assert handled({None: of_the_place}, site="P4") == handled({None: of_the_place}, kind="ward") == 60
    assert handled({None: of_the_place}, is_inpatient=True) == 30


def test_of_equally_specific_policies_the_stricter_holds() -> None:
    slow, fast = policy("A", tell_minutes=20), policy("B", tell_minutes=10)
    assert handled({None: [slow, fast]}) == handled({None: [fast, slow]}) == 10
    silent = policy("A", acknowledge_minutes=5)
    assert handled({None: [silent, slow]}) == 20


def test_a_context_is_not_left_changed() -> None:
    before = Decimal(1) / Decimal(3)
    reference_change(D(3), D(5), D("1.96"))
    assert Decimal(1) / Decimal(3) == before
