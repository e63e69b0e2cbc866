"""Until when corrections must be acknowledged: what a text may say of it."""

from datetime import timedelta

import pytest

from aliquot.flow.verification.queries import shipped_rules
from aliquot.flow.verification.rules.correction_policy import UNSTATED, CorrectionPolicy
from aliquot.flow.verification.rules.document import corrections_in, read_rule_set
from aliquot.flow.verification.rules.wording import differences
from tests.flow.verification.rules.evidences import TYPES

HEAD = '[rule_set]\ncode = "network"\ntitle_en = "t"\ntitle_ru = "t"\nsource = "test"\n'
GOOD = 'pressing_minutes = 30\nminutes = 600\nsource = "order 14"'


def text_of(body: str) -> str:
    return f"{HEAD}[correction_policy]\n{body}\n"


def test_a_text_says_within_how_many_minutes() -> None:
    policy = CorrectionPolicy(30, 600, "order 14")
    read = read_rule_set(text_of(GOOD), TYPES)
    assert read.rule_set is not None
    assert read.rule_set.corrections == policy
    assert corrections_in(text_of(GOOD)) == policy
    assert (policy.pressing, policy.otherwise) == (timedelta(minutes=30), timedelta(hours=10))


def test_a_text_may_say_nothing_of_it() -> None:
    read = read_rule_set(HEAD, TYPES)
    assert read.rule_set is not None
    assert read.rule_set.corrections is None
    assert corrections_in(HEAD) is None
    assert corrections_in("[rule_set") is None
    assert (UNSTATED.pressing, UNSTATED.otherwise) == (timedelta(hours=1), timedelta(hours=24))


def test_the_shipped_rules_say_what_held_before() -> None:
    shipped = corrections_in(shipped_rules())
    assert shipped is not None
    assert (shipped.pressing, shipped.otherwise) == (UNSTATED.pressing, UNSTATED.otherwise)


@pytest.mark.parametrize(
    ("body", "key", "code"),
    [
        ('minutes = 600\nsource = "s"', "pressing_minutes", "missing"),
        ('pressing_minutes = 30\nsource = "s"', "minutes", "missing"),
        ("pressing_minutes = 30\nminutes = 600", "source", "missing"),
        (GOOD.replace("600", "20"), "minutes", "interval_order"),
        (GOOD.replace("30", "0"), "pressing_minutes", "negative"),
        (GOOD + "\nhours = 2", "hours", "unknown_key"),
    ],
)
def test_what_is_wrong_is_named(body: str, key: str, code: str) -> None:
    problems = read_rule_set(text_of(body), TYPES).problems
    assert (f"correction_policy.{key}", code) in {(one.key, one.code) for one in problems}
    assert corrections_in(text_of(body)) is None


def test_who_approves_sees_that_it_changed() -> None:
    [found] = differences(text_of(GOOD), text_of(GOOD.replace("600", "700")))
    assert (found.code, found.what, found.changes) == (
        "correction_policy",
        "changed",
        (("minutes", "600", "700"),),
    )
    critical = '[[critical_policy]]\ncode = "C"\nladder = [{ whom = "app", minutes = 0 }, { whom = "ward", minutes = 5 }]'
    [other] = differences(HEAD, f"{HEAD}{critical}")
    assert ("ladder", "", "app 0, ward 5") in other.changes
