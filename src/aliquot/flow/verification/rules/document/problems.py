"""What is wrong with a rule set: where it stands, and what to do about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType


def gettext_noop(text: str) -> str:
    """Mark a sentence for the translators."""
    return text


PROBLEMS: Mapping[str, str] = MappingProxyType(
    {
        "age": gettext_noop('{value} is no age. Write a number with d, wk, mo or a, for example "18a".'),
        "ages_impossible": gettext_noop(
            "Nobody is from {low} to {high} old: the first age must be the lower."
        ),
        "agreement_missing": gettext_noop("State what the rule does: give at least one of {expected}."),
        "always_holds": gettext_noop(
            "A rule of this kind always holds. Remove hold = false, or remove the rule; suppress = true "
            "suppresses instead."
        ),
        "bias_order": gettext_noop("The levels of bias must rise: {low} comes before {high}."),
        "choice": gettext_noop("{value} is not known here. Use one of: {expected}."),
        "critical_inside": gettext_noop(
            "A value can be critical and still be released: the critical limit {critical} lies inside "
            "the limits of automatic release, which end at {limit}. Widen the one or narrow the other."
        ),
        "absurd_inside": gettext_noop(
            "The limit of credibility {absurd} lies inside the critical limit {limit}. Widen the one."
        ),
        "deviation_code": gettext_noop("The set has no rule {value} to deviate from{nearest}."),
        "deviation_parent": gettext_noop('Only a set with parent = "network" deviates. Name the parent.'),
        "deviation_rename": gettext_noop("A rule that replaces {expected} keeps its code, not {value}."),
        "deviation_twice": gettext_noop("{value} is already deviated from above. Keep one of the two."),
        "duplicate": gettext_noop("The code {value} is already taken in this set. Choose another."),
        "equally_specific": gettext_noop(
            "{value} is equally specific, covers the same patients for {tests} and says otherwise. "
            "Add a condition to one of the two, or remove one."
        ),
        "expression": gettext_noop("The condition cannot be used. {message}"),
        "from_catalogue": gettext_noop(
            'With from = "catalogue" the limits stand in the catalogue: remove {value}.'
        ),
        "interval_order": gettext_noop("The lower limit {low} lies above the upper limit {high}. Swap them."),
        "kind": gettext_noop("There is no kind of rule {value}{nearest}. Use one of: {expected}."),
        "ladder_app": gettext_noop(
            "The application comes first in a ladder and needs acknowledge_minutes: "
            "until when it must be read."
        ),
        "ladder_late": gettext_noop(
            "After {limit} minutes without an acknowledgement somebody is telephoned: "
            "{value} minutes is too late."
        ),
        "ladder_order": gettext_noop("The steps of a ladder rise: {low} comes before {high} minutes."),
        "ladder_phone": gettext_noop("Somebody must be telephoned: add a step after the application."),
        "ladder_start": gettext_noop("The first step begins with the decision: minutes = 0, not {value}."),
        "ladder_twice": gettext_noop("{value} stands twice in the ladder. Keep one of the two."),
        "missing": gettext_noop("This is missing. Add {key}."),
        "negative": gettext_noop("{value} must be greater than 0."),
        "no_network": gettext_noop("The network has no rules in force that these could stand upon."),
        "not_quantitative": gettext_noop(
            "{value} has no numbers: a rule of this kind can only be for numeric tests."
        ),
        "range_empty": gettext_noop("Give low or high, else nothing is beyond the measuring range."),
        "toml": gettext_noop("The text cannot be read: {message}"),
        "type": gettext_noop("Expected {expected}, found {value}."),
        "unit": gettext_noop("{value} is reported in {expected}, not in {unit}. Convert the limits."),
        "unknown_key": gettext_noop("This key is not known here{nearest}. Remove or rename it."),
        "unknown_test": gettext_noop("The catalogue has no test {value}{nearest}."),
        "window_long": gettext_noop(
            "The window of {value} days is longer than the {limit} days in which earlier values are looked "
            "for: what is older would never be compared. Shorten the window."
        ),
        "window": gettext_noop('A delta needs its window, for example window = "7d".'),
    }
)
"""The sentence of each problem; {names} are its facts."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: the rule and the key it stands in, what to do, and the character for an expression.

    `position` counts from 0 within the expression; `line` counts from 1 within the text, None when unknown.
    """

    rule: str
    key: str
    code: str
    facts: tuple[tuple[str, str], ...] = ()
    position: int | None = None
    line: int | None = None

    def sentence(self, translate: Callable[[str], str] = gettext_noop) -> str:
        """What is wrong and what to do, in the language of `translate`."""
        facts = {name: translate(fact) if name == "expected" else fact for name, fact in self.facts}
        return translate(PROBLEMS[self.code]).format(**{"key": self.key, **facts})

    def __str__(self) -> str:
        place = " ".join(filter(None, (self.rule, self.key)))
        return f"{place}: {self.sentence()}" if place else self.sentence()


def problem(rule: str, key: str, code: str, *, position: int | None = None, **facts: object) -> Problem:
    """The problem with this code and these facts; raises KeyError for a code without a sentence."""
    PROBLEMS[code]
    words = tuple((name, str(fact)) for name, fact in facts.items())
    return Problem(rule, key, code, words, position)


def nearest(word: str, known: object) -> str:
    """What the writer may have meant, as the end of a sentence: ": perhaps K"; empty when nothing is near."""
    names = [str(one) for one in known] if isinstance(known, set | frozenset | list | tuple | dict) else []
    by_case = {name.casefold(): name for name in names}
    found = get_close_matches(word.casefold(), by_case, n=1, cutoff=0.5)
    return f": perhaps {by_case[found[0]]}" if found else ""
