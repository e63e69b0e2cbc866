"""What rules make of flags; whose tube it is."""

from typing import Any

import pytest

from aliquot.flow.verification.rules.shapes import (
    Flags,
)
from tests.flow.verification.rules.evidences import (
    FLAGS,
    codes,
    decided,
    rule,
)


@pytest.mark.parametrize(
    ("flag", "action", "comments"),
    [
        ("a", "release", 0),
        ("b", "release", 1),
        ("c", "hold", 0),
        ("d", "rerun", 0),
        ("e", "suppress", 0),
        ("low", "hold", 0),
        ("high", "release", 0),
        ("replayed", "hold", 0),
        ("message:x", "hold", 0),
        ("unknown:x", "hold", 0),
    ],
)
def test_what_a_flag_brings(flag: str, action: str, comments: int) -> None:
    verdict = decided(FLAGS, analyzer_flags=[flag])
    assert (verdict.action, len(verdict.comments)) == (action, comments)
    assert verdict.rerun == ("" if action == "rerun" else None)


def test_an_old_message_that_says_something_else_waits() -> None:
    assert codes(decided(analyzer_flags=["replayed"])) == ["replayed"]


def test_a_rerun_for_a_flag_is_bounded() -> None:
    assert decided(FLAGS, analyzer_flags=["d"], run=2).action == "hold"


@pytest.mark.parametrize(
    "changes", [{"item_state": "cancelled"}, {"is_manual": True}, {"is_suspended": True}]
)
def test_nothing_is_measured_again_where_it_serves_nobody(changes: dict[str, Any]) -> None:
    assert decided(FLAGS, analyzer_flags=["d"], **changes).action == "hold"


def test_a_cancelled_test_is_not_suppressed() -> None:
    assert decided(FLAGS, analyzer_flags=["e"], item_state="cancelled").action == "hold"


def test_the_most_specific_rule_that_names_a_flag_speaks() -> None:
    own = rule(Flags("own", {"c": "ignore"}), "K")
    assert decided(FLAGS, own, analyzer_flags=["c"]).release


@pytest.mark.parametrize(
    ("milder", "stricter", "action"),
    [
        ("ignore", "comment", "release"),
        ("comment", "rerun", "rerun"),
        ("rerun", "hold", "hold"),
        ("hold", "suppress", "suppress"),
    ],
)
def test_of_equally_specific_rules_the_stricter_speaks(milder: Any, stricter: Any, action: str) -> None:
    """A hub that holds a flag is heard beside the network's rule that lets it pass."""
    one, other = Flags("one", {"x": milder}), Flags("other", {"x": stricter})
    for rules in ((one, other), (other, one)):
        verdict = decided(*rules, analyzer_flags=["x"])
        assert (verdict.action, verdict.rules) == (action, ("other",))


@pytest.mark.parametrize("condition", ["UNLAB", "FEWID", "MISID", "MISREQ"])
def test_doubt_whose_tube_it_is_spoils_every_test(condition: str) -> None:
    assert codes(decided(conditions=[condition])) == ["specimen_spoilt"]
