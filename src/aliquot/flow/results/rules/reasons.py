"""Why a result waits: codes with facts, and the sentence of each code.

The sentences are English; whoever shows them passes the translation of the reader's language.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

UNKNOWN_CODE = "unknown"


def gettext_noop(text: str) -> str:
    """Mark a sentence for the translators."""
    return text


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause to wait: a code of SENTENCES and the facts its sentence names, as text."""

    code: str
    facts: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, str]:
        """The form in which a result keeps it: {"code": ..., **facts}."""
        return {"code": self.code, **dict(self.facts)}


def because(code: str, **facts: object) -> Reason:
    """The reason with this code and these facts; raises KeyError for a code without a sentence."""
    SENTENCES[code]
    return Reason(code, tuple((name, str(fact)) for name, fact in facts.items()))


SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "already_reported": gettext_noop("This test of the order already has a released result."),
        "analyzer_flag": gettext_noop("The analyzer flagged the result: {flag}."),
        "analyzer_suspended": gettext_noop("The analyzer is suspended: its results wait for a person."),
        "autorelease_off": gettext_noop("Automatic release of this test is switched off."),
        "collection_unknown": gettext_noop("No time of collection, so stability cannot be judged."),
        "critical": gettext_noop("Critical value: {value}, limit {limit}. Tell the requester."),
        "delta": gettext_noop("Changed by {percent} % from {previous} in {days} d; the limit is {limit} %."),
        "delta_from_zero": gettext_noop("The earlier value was 0, so the change has no percentage."),
        "held": gettext_noop("Held by {name}: {note}"),
        "instrument_message": gettext_noop("The analyzer said of this specimen: {message}."),
        "interval_unclear": gettext_noop("Two equally fitting reference intervals contradict each other."),
        "item_closed": gettext_noop("This test was cancelled or given up: the result cannot be released."),
        "manual": gettext_noop("Entered by hand: a second look is needed."),
        "measured_before_collected": gettext_noop(
            "Measured before it was collected: one of the times is wrong."
        ),
        "measured_unknown": gettext_noop("No time of measurement, so stability cannot be judged."),
        "no_expected_finding": gettext_noop("Nobody has said which finding may be released unseen."),
        "no_interval": gettext_noop("No reference interval covers this sex and age."),
        "no_limit_beyond": gettext_noop("Outside the interval, and no limit says what is credible."),
        "not_numeric": gettext_noop("The test is numeric, but the result is not a number: {value}."),
        "off_scale": gettext_noop("Beyond the measuring range: {value}. How far is unknown."),
        "out_of_control": gettext_noop("Quality control of this test is out of control."),
        "outside_technical": gettext_noop("Outside what the method can measure: {value}, limit {limit}."),
        "qc_unknown": gettext_noop("The state of quality control is unknown."),
        "refused": gettext_noop("Refused by {name}: {note}"),
        "repeat": gettext_noop("A repeat was asked for by {name}: {note}"),
        "replayed": gettext_noop("An old message was read again and says something else: compare the two."),
        "rerun": gettext_noop("Another result of this test exists: compare the two."),
        "specimen_condition": gettext_noop(
            "Reception saw: {condition}. Nobody has said that this test bears it."
        ),
        "specimen_spoilt": gettext_noop("Reception saw: {condition}. It makes this test unreliable."),
        "stability_exceeded": gettext_noop("Too old when measured: {minutes} min, stable for {limit} min."),
        "stability_unknown": gettext_noop("Nobody has said how long this specimen is stable."),
        "unexpected_finding": gettext_noop("Not the finding of health: {value}."),
        "unit_differs": gettext_noop("The unit is {unit}, the test is reported in {expected}."),
        "unknown_flag": gettext_noop("The analyzer sent something that its driver does not know: {what}."),
        "unspun_too_long": gettext_noop("Stood unspun too long: {minutes} min, allowed {limit} min."),
        UNKNOWN_CODE: gettext_noop("Held for a reason that this version does not know."),
    }
)
"""The sentence of each code; {names} are the facts that come with it."""

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "abnormal": gettext_noop("abnormal"),
        "above_range": gettext_noop("above the measuring range"),
        "below_range": gettext_noop("below the measuring range"),
        "critical_high": gettext_noop("critically high"),
        "critical_low": gettext_noop("critically low"),
        "out_of_range": gettext_noop("out of range"),
        "rerun": gettext_noop("repeated by the analyzer"),
    }
)
"""What the drivers' names of flags mean."""


def sentence(reason: Mapping[str, str], translate: Callable[[str], str] = gettext_noop) -> str:
    """The sentence of a kept reason, in the language of `translate`; a fact that is missing stays empty."""
    text = translate(SENTENCES.get(reason.get("code", ""), SENTENCES[UNKNOWN_CODE]))
    return text.format_map(_Facts((name, _word(fact, translate)) for name, fact in reason.items()))


def sentences(
    reasons: Iterable[Mapping[str, str]], translate: Callable[[str], str] = gettext_noop
) -> list[str]:
    """One sentence for each kept reason, in order."""
    return [sentence(one, translate) for one in reasons]


def _word(fact: str, translate: Callable[[str], str]) -> str:
    return translate(WORDS[fact]) if fact in WORDS else fact


class _Facts(dict[str, str]):
    """Facts by name; one that an older version did not keep reads as nothing."""

    def __missing__(self, key: str) -> str:
        return ""
