"""What the rule of the intake found is kept as codes and said in the language of whoever reads it."""

from datetime import UTC, datetime, timedelta

from aliquot.flow.specimens.rules import acceptance
from aliquot.flow.specimens.rules.acceptance import (
    SENTENCES,
    ConditionFacts,
    TestLimits,
    findings_words,
    judge_condition,
)

AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def test_every_sentence_of_the_rule_has_a_code() -> None:
    said = {text for name, text in vars(acceptance).items() if name.isupper() and isinstance(text, str)}
    assert said == set(SENTENCES.values())


def test_kept_and_read_again_it_says_the_same() -> None:
    limits = TestLimits("GLUS", "SST", 100, stable_room_minutes=60)
    facts = ConditionFacts("EDTA", AT, (limits,), AT - timedelta(hours=2), observed=frozenset({"LEAK"}))
    reasons = judge_condition(facts)[0].reasons
    assert len(reasons) == 3
    assert findings_words([one.as_json() for one in reasons]) == " ".join(one.message for one in reasons)


def test_a_lane_is_said_in_words_and_what_is_not_known_is_left_out() -> None:
    kept = [
        {"code": "no_figure", "values": {"lane": "cold", "test": "K"}},
        {"code": "of_later", "values": {}},
    ]
    assert findings_words(kept) == (
        "No stability figure for K in this lane (2-8 °C) and state: a person decides."
    )
