"""Tubes that changed places."""

from datetime import timedelta
from typing import Any

import pytest

from aliquot.flow.verification.rules.decision import Verdict, decide
from aliquot.flow.verification.rules.evidence import Sibling, Siblings
from aliquot.flow.verification.rules.shapes import (
    Swap,
)
from tests.flow.verification.rules.evidences import (
    DAY,
    HOUR,
    NOW,
    D,
    book,
    case,
    codes,
    evidence,
    with_siblings,
)

SWAP = Swap("s", {"K": (D(10), D(1)), "CA": (D(10), D(2)), "ALP": (D(10), D(1))}, 2, D(3), timedelta(days=30))


def past(now: str | None, before: str | None, days: float = 1, **changes: Any) -> Sibling:
    return Sibling(
        value=None if now is None else D(now),
        value_text=now or "",
        comparator=changes.pop("comparator", ""),
        unit="mmol/L",
        collected_at=NOW - HOUR,
        previous_value=None if before is None else D(before),
        previous_collected_at=None if before is None else NOW - HOUR - days * DAY,
    )


def swapped(**siblings: Sibling) -> Verdict:
    seen = evidence(previous_value=D("4.1"), previous_collected_at=NOW - HOUR - DAY)
    return decide(with_siblings(seen, siblings.items()), book(SWAP))


def test_values_that_change_together_hold_every_result_of_the_order() -> None:
    verdict = swapped(CA=past("2.4", "1.2"), ALP=past("80", "40"))
    assert verdict.reasons[0].as_json() == {
        "code": "swapped",
        "tests": "CA, ALP",
        "score": "3",
        "compared": "3",
        "rule": "s",
    }


@pytest.mark.parametrize(
    "alp",
    [
        past("42", "40"),
        past("80", None),
        past(None, "40"),
        past("NaN", "40"),
        past("80", "40", comparator="<"),
        past("80", "40", days=31),
        past("80", "40", days=-1),
        past("80", "0"),
    ],
)
def test_what_cannot_be_compared_does_not_count(alp: Sibling) -> None:
    assert swapped(CA=past("2.4", "1.2"), ALP=alp).release


def test_too_few_to_compare_find_no_swap() -> None:
    lonely = Swap("s", {"CA": (D(10), D(5))}, 2, D(3), timedelta(days=30))
    seen = with_siblings(evidence(), [("CA", past("2.4", "1.2"))])
    assert decide(seen, book(lonely)).release


def test_as_many_as_asked_are_enough_to_compare() -> None:
    alone = Swap("s", {"CA": (D(10), D(5))}, 1, D(5), timedelta(days=30))
    seen = with_siblings(evidence(), [("CA", past("2.4", "1.2"))])
    assert codes(decide(seen, book(alone))) == ["swapped"]


def test_a_swap_is_worked_out_once_for_an_order_and_anew_for_another_rule() -> None:
    seen = with_siblings(evidence(), [("CA", past("2.4", "1.2")), ("ALP", past("80", "40"))])
    first = decide(seen, book(SWAP))
    assert first == decide(seen, book(SWAP))
    assert len(seen.siblings.memo) == 1
    milder = Swap("s", SWAP.limits, 2, D(4), SWAP.window)
    assert decide(seen, book(milder)).release


def test_evidence_without_siblings_stands_alone() -> None:
    seen, plan = case()
    assert (seen.siblings, plan.swaps) == (Siblings(), ())
