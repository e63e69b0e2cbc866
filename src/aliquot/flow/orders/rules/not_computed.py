"""Why a computed test of an order has no value, in the reader's language.

Source: ISO 15189:2022, 7.4.1.6 (a report says what could not be examined, and why).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from aliquot.registers.catalogue.rules.calculators.refusals import SENTENCES, gettext_noop, refusal_words

NOT_COMPUTED: Final = "Not computed: "
"""Begins the kept reason of a test that was given up because its formula says nothing of these inputs."""
SAID: Final = gettext_noop("Not computed: {why}")


def reason_words(kept: str, facts: Mapping[str, Any], translate: Callable[[str], str] = str) -> str:
    """The reason of a test that has no value; `kept` as it is where no facts stand beside it."""
    if facts.get("code") not in SENTENCES:
        return kept
    return translate(SAID).format(why=refusal_words(facts["code"], facts.get("values", {}), translate))
