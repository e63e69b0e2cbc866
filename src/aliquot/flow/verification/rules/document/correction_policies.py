"""The [correction_policy] table of a rule set: read and checked like its rules."""

import tomllib
from functools import lru_cache

from aliquot.flow.verification.rules.correction_policy import CorrectionPolicy
from aliquot.flow.verification.rules.document.fields import Fields

TABLE = "correction_policy"


def read_corrections(whole: Fields) -> CorrectionPolicy | None:
    """The policy of a text, or None when it has none; what is wrong with it is noted."""
    asked = whole.inner(TABLE)
    if not whole.has(TABLE):
        return None
    for key in ("pressing_minutes", "minutes"):
        if not asked.has(key):
            asked.note(key, "missing")
    policy = CorrectionPolicy(
        asked.whole("pressing_minutes", 1), asked.whole("minutes", 1), asked.text("source")
    )
    if policy.pressing_minutes > policy.minutes:
        asked.note("minutes", "interval_order", low=policy.pressing_minutes, high=policy.minutes)
    asked.close()
    return policy


@lru_cache(maxsize=16)
def corrections_in(text: str) -> CorrectionPolicy | None:
    """Only this policy of a text; None when it says nothing, or cannot be used."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    whole = Fields(table, "", [])
    policy = read_corrections(whole)
    return None if whole.problems else policy
