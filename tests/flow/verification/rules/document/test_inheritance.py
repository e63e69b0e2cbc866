"""What holds in a hub: inherited, replaced, removed, added, each with its reason."""

from typing import Any

import pytest

from aliquot.flow.verification.rules.document import Provenance, RuleSet, effective, read_rule_set
from aliquot.flow.verification.rules.shapes import Limits
from tests.flow.verification.rules.document.test_reading import HEAD, rule_set, text_of
from tests.flow.verification.rules.evidences import TYPES

HUB = HEAD.replace('"network"', '"TUL-HUB"') + 'parent = "network"\n'
NETWORK = text_of("quality", code="Q") + text_of("limits", "critical = [2, 6]", code="L")
NEW = '[deviation.new]\ncode = "{code}"\nkind = "{kind}"\ntests = ["K"]\nsource = "own study"\n{more}\n'


def deviation(
    action: str, code: str, kind: str = "", more: str = "", *, reason: str = "why", new: str = ""
) -> str:
    start = f'[[deviation]]\naction = "{action}"\nrule = "{code}"\nreason = "{reason}"\n'
    return start + (NEW.format(code=new or code, kind=kind, more=more) if kind else "")


def hub(text: str) -> RuleSet:
    read = read_rule_set(HUB + text, TYPES)
    assert read.rule_set is not None, [str(one) for one in read.problems]
    return read.rule_set


def mistakes(text: str, head: str = HUB) -> list[tuple[str, str]]:
    return [(one.key, one.code) for one in read_rule_set(head + text, TYPES).problems]


def joined(text: str) -> Any:
    return effective(rule_set(NETWORK), hub(text))


def test_a_hub_without_a_set_has_the_networks() -> None:
    found = effective(rule_set(NETWORK))
    assert [rule.code for rule in found.rules] == ["Q", "L"]
    assert found.provenance == (Provenance("Q", "inherited"), Provenance("L", "inherited"))


def test_a_hub_deviates_with_reasons() -> None:
    text = deviation("replace", "L", "limits", "critical = [2.5, 6]") + deviation("remove", "Q")
    found = joined(text + deviation("add", "M", "range", "low = 1", reason="new analyzer"))
    assert [rule.code for rule in found.rules] == ["L", "M"]
    assert [(one.code, one.origin, one.reason) for one in found.provenance] == [
        ("Q", "removed", "why"),
        ("L", "replaced", "why"),
        ("M", "added", "new analyzer"),
    ]
    replaced = found.provenance[1].inherited
    assert replaced is not None
    assert isinstance(replaced.body, Limits)
    assert found.problems == ()


def test_rules_that_a_hub_states_as_such_are_added() -> None:
    found = joined(text_of("range", "low = 1", code="OWN"))
    assert found.provenance[-1] == Provenance("OWN", "added")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (deviation("remove", "LL"), [("rule", "deviation_code")]),
        (deviation("remove", "L") * 2, [("deviation", "deviation_twice")]),
        (deviation("add", "L", "range", "low = 1"), [("code", "duplicate")]),
        (deviation("add", "M", "limits", "critical = [1, 9]"), [("population", "equally_specific")]),
    ],
)
def test_a_deviation_that_does_not_fit_is_told(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.key, one.code) for one in joined(text).problems] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (deviation("remove", "L", reason=""), [("deviation.reason", "missing")]),
        (deviation("remove", "L", "range", "low = 1"), [("deviation.new", "unknown_key")]),
        (deviation("replace", "L"), [("deviation.new", "missing")]),
        (
            deviation("replace", "L", "range", "low = 1", new="M"),
            [("deviation.new.code", "deviation_rename")],
        ),
        (deviation("replace", "L", "rage"), [("kind", "kind")]),
        (deviation("alter", "L", "range", "low = 1"), [("deviation.action", "choice")]),
        (
            '[[deviation]]\nrule = "L"\nreason = "r"\n',
            [("deviation.action", "missing"), ("deviation.new", "missing")],
        ),
    ],
)
def test_a_deviation_is_whole(text: str, expected: list[tuple[str, str]]) -> None:
    assert mistakes(text) == expected


def test_an_addition_needs_no_second_name() -> None:
    text = '[[deviation]]\naction = "add"\nreason = "r"\n' + NEW.format(
        code="M", kind="range", more="low = 1"
    )
    assert hub(text).deviations[0].rule == "M"


def test_only_a_set_with_a_parent_deviates() -> None:
    assert mistakes(deviation("remove", "L"), HEAD) == [("deviation", "deviation_parent")]
