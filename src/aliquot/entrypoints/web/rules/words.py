"""How states, rules and mistakes of rule sets are said on their pages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from aliquot.flow.verification.models import RuleSetVersion
from aliquot.flow.verification.rules.document import Problem
from aliquot.flow.verification.rules.reasons import SENTENCES, sentence
from aliquot.flow.verification.rules.wording import Difference, label

KINDS = {
    "draft": "neutral",
    "submitted": "notice",
    "approved": "accent",
    "coming": "accent",
    "active": "good",
    "retired": "neutral",
}
STAGES: dict[str, Promise] = {
    "draft": _("draft"),
    "submitted": _("waits for approval"),
    "approved": _("approved"),
    "coming": _("comes into force"),
    "active": _("in force"),
    "retired": _("retired"),
}
ACTIONS: dict[str, Promise] = {
    "release": _("released"),
    "hold": _("waits for a person"),
    "rerun": _("measured again"),
    "suppress": _("suppressed"),
}
ORIGINS: dict[str, Promise] = {
    "inherited": _("of the network"),
    "replaced": _("replaced here"),
    "added": _("added here"),
    "removed": _("removed here"),
}

RULE_KINDS: dict[str, Promise] = {
    "quality": _("state of the analyzer"),
    "flags": _("flags of the analyzer"),
    "range": _("measuring range and dilution"),
    "indices": _("haemolysis, icterus, lipaemia"),
    "limits": _("limits"),
    "delta": _("change from before"),
    "swap": _("swapped tubes"),
    "consistency": _("results that contradict each other"),
    "exclusion": _("never released by rules"),
    "rerun": _("measured again"),
    "reflex": _("further tests"),
    "comment": pgettext_lazy("a rule", "comment"),
}
"""What each kind of rule is about."""
NOTES = (gettext_noop("as shipped with the program"), gettext_noop("first rules"))
"""What the program itself writes as what a version is for; the pages say it in the reader's language."""
WORDS: dict[str, Promise] = {
    "true": _("yes"),
    "false": _("no"),
    "skip": _("the rule is passed over"),
    "hold": _("waits for a person"),
    "ignore": _("does not matter"),
    "suppress": _("suppressed"),
    "rerun": _("measured again"),
    "report": _("reported"),
    "dilute": _("measured diluted"),
    "catalogue": _("as the catalogue says"),
    "in_control": _("in control"),
    "no_plan": _("no control planned"),
    "percent": _("percent"),
    "absolute": _("absolute"),
    "both": _("up and down"),
    "increase": _("up"),
    "decrease": _("down"),
    "policy": _("by policy"),
    "ask": _("asked for"),
}
"""Words of a rule's text as a person reads them; what is not here speaks for itself."""


def kind_words(kind: str) -> str:
    """What a kind of rule is about."""
    return str(RULE_KINDS.get(kind, kind))


def value_words(value: str) -> str:
    """A value of a rule, each of its known words said in the reader's language."""
    return ", ".join(str(WORDS.get(one, one)) for one in value.split(", "))


@dataclass(frozen=True, slots=True)
class StateWords:
    """A badge: its colour and its word."""

    kind: str
    words: str


def state_words(version: RuleSetVersion, at: datetime) -> StateWords:
    """The state of a version at a moment."""
    stage = version.stage_at(at)
    return StateWords(KINDS[stage], str(STAGES[stage]))


@dataclass(frozen=True, slots=True)
class Mistake:
    """A problem with the line it stands in, and the line's text."""

    line: int | None
    source: str
    place: str
    words: list[str]


def mistakes(problems: Sequence[Problem], text: str) -> list[Mistake]:
    """Each problem beside its line, the first line first."""
    lines = text.splitlines()
    found = []
    for one in sorted(problems, key=lambda one: one.line or 0):
        source = lines[one.line - 1].strip() if one.line and one.line <= len(lines) else ""
        place = " ".join(filter(None, (one.rule, one.key)))
        found.append(Mistake(one.line, source, place, one.sentence(gettext).split("\n")))
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """A difference in words: the rule, what became of it, and (name, before, after) of each key."""

    code: str
    kind: str
    words: str
    changes: list[tuple[str, str, str]]


def change_words(found: Sequence[Difference]) -> list[Change]:
    """Differences of two texts in the reader's language."""
    said = {
        "added": ("good", pgettext("a rule", "added")),
        "removed": ("danger", pgettext("a rule", "removed")),
        "changed": ("notice", pgettext("a rule", "changed")),
    }
    return [
        Change(one.code, *said[one.what], [(label(key, gettext), was, now) for key, was, now in one.changes])
        for one in found
    ]


def reason_words(code: str) -> str:
    """The sentence of a reason's code, with dots where a single result has its facts."""
    names = re.findall(r"\{(\w+)\}", SENTENCES.get(code, ""))
    return sentence({"code": code, **dict.fromkeys(names, "…")}, gettext)
