"""Why a result waits: codes with facts, and the sentence of each code.

The sentences are English; whoever shows them passes the translation of the reader's language.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Action = Literal["hold", "rerun", "suppress"]
UNKNOWN_CODE = "unknown"


def gettext_noop(text: str) -> str:
    """Mark a sentence for the translators."""
    return text


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause to wait: a code of SENTENCES and the facts its sentence names, as text.

    `rule` is the code of the rule that asked ("" for what always holds), `action` what it asks for; with
    `is_call_allowed` off the value is not the patient's, and nobody is called about it.
    """

    code: str
    facts: tuple[tuple[str, str], ...] = ()
    rule: str = ""
    action: Action = "hold"
    is_call_allowed: bool = True

    def as_json(self) -> dict[str, str]:
        """The form in which a result keeps it: {"code": ..., **facts, "rule": ..., "action": "suppress"}."""
        rule = {"rule": self.rule} if self.rule else {}
        action = {"action": self.action} if self.action == "suppress" else {}
        return {"code": self.code, **dict(self.facts), **rule, **action}


def because(
    code: str, *, rule: str = "", action: Action = "hold", call: bool = True, **facts: object
) -> Reason:
    """The reason with this code and these facts; raises KeyError for a code without a sentence."""
    SENTENCES[code]
    return Reason(code, tuple((name, str(fact)) for name, fact in facts.items()), rule, action, call)


SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "above_range": gettext_noop("Above the measuring range: {value}, limit {limit}."),
        "already_reported": gettext_noop("This test of the order already has a released result."),
        "analyzer_flag": gettext_noop("The analyzer flagged the result: {flag}."),
        "analyzer_suspended": gettext_noop("The analyzer is suspended: its results wait for a person."),
        "autorelease_off": gettext_noop("Automatic release of this test is switched off."),
        "below_range": gettext_noop("Below the measuring range: {value}, limit {limit}."),
        "calibration_expired": gettext_noop("The calibration of this test is no longer valid."),
        "collection_unknown": gettext_noop("No time of collection, so stability cannot be judged."),
        "critical": gettext_noop("Critical value: {value}, limit {limit}. Tell the requester."),
        "delta": gettext_noop("Changed by {percent} % from {previous} in {days} d; the limit is {limit} %."),
        "delta_absolute": gettext_noop(
            "Changed by {change} from {previous} in {days} d; the limit is {limit}."
        ),
        "delta_from_zero": gettext_noop("The earlier value was 0, so the change has no percentage."),
        "delta_rate": gettext_noop(
            "Changed by {change} a day from {previous} in {days} d; the limit is {limit} a day."
        ),
        "delta_rate_percent": gettext_noop(
            "Changed by {change} % a day from {previous} in {days} d; the limit is {limit} % a day."
        ),
        "delta_rcv": gettext_noop(
            "Changed by {percent} % from {previous} in {days} d; the reference change value is {limit} %."
        ),
        "dilute": gettext_noop(
            "Above the measuring range: {value}, limit {limit}. To be measured at dilution {dilution}."
        ),
        "diluted_too_far": gettext_noop("Diluted too far: {value} at dilution {dilution}, limit {limit}."),
        "dilution_unknown": gettext_noop("Nobody can read the dilution: {dilution}."),
        "excluded": gettext_noop("These patients are excluded from automatic release. {text}"),
        "held_back": gettext_noop("Held by look-back {look_back}. {name}: {note}"),
        "held_no_more": gettext_noop("Look-back {look_back} holds it no more. {name}: {note}"),
        "held": gettext_noop("Held by {name}: {note}"),
        "inconsistent": gettext_noop("It contradicts other results of the order. {text}"),
        "inconsistent_unknown": gettext_noop(
            "Whether it fits the other results cannot be judged: one is missing. {text}"
        ),
        "index_beyond": gettext_noop("Index {index} is {level}: its effect was studied up to {limit} only."),
        "index_missing": gettext_noop("Index {index} of this specimen was not measured."),
        "index_too_high": gettext_noop(
            "Index {index} is {level}, from {limit} on nothing is reported: draw again."
        ),
        "instrument_message": gettext_noop("The analyzer said of this specimen: {message}."),
        "interference": gettext_noop(
            "Index {index} is {level} and changes the value by {percent} %: draw again."
        ),
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
        "no_rule": gettext_noop("No active rule covers this test and this patient."),
        "no_rule_set": gettext_noop("No rule set is active: every result waits for a person."),
        "not_numeric": gettext_noop("The test is numeric, but the result is not a number: {value}."),
        "off_scale": gettext_noop("Beyond the measuring range: {value}. How far is unknown."),
        "out_of_control": gettext_noop("Quality control of this test is out of control."),
        "outside_autoverification": gettext_noop(
            "Outside the limits of automatic release: {value}, limit {limit}."
        ),
        "outside_technical": gettext_noop("Outside what the method can measure: {value}, limit {limit}."),
        "qc_plan_missing": gettext_noop(
            "The rule asks for quality control, and this analyzer has no control plan."
        ),
        "qc_unknown": gettext_noop("The state of quality control is unknown."),
        "reagent_expired": gettext_noop("The reagent has expired."),
        "recalled": gettext_noop("Under investigation, do not use. {name}: {note}"),
        "refused": gettext_noop("Refused by {name}: {note}"),
        "released_again": gettext_noop("Investigated and given free again by {name}: {note}"),
        "repeat": gettext_noop("A repeat was asked for by {name}: {note}"),
        "replayed": gettext_noop("An old message was read again and says something else: compare the two."),
        "rerun": gettext_noop("Another result of this test exists: compare the two."),
        "rerun_asked": gettext_noop("Sent back to the analyzer: another value will come."),
        "rerun_exhausted": gettext_noop("Measured again as often as the rule allows: compare the runs."),
        "rerun_impossible": gettext_noop("It cannot be measured again by itself: {why}."),
        "rerun_wanted": gettext_noop("The rule asks for a second measurement."),
        "rules_contradict": gettext_noop("Two equally specific rules contradict each other: {rules}."),
        "run_confirmed": gettext_noop("A further run, {later}, agrees: this first one is reported."),
        "run_confirms": gettext_noop("It agrees with the first run, {earlier}, which is the one to report."),
        "run_replaced": gettext_noop("A further run is to be reported instead: {later}."),
        "run_reported": gettext_noop("Reported in place of an earlier run: {earlier}."),
        "runs_differ": gettext_noop("The runs do not agree: first {first}, then {second}."),
        "specimen_condition": gettext_noop(
            "Reception saw: {condition}. Nobody has said that this test bears it."
        ),
        "specimen_spoilt": gettext_noop("Reception saw: {condition}. It makes this test unreliable."),
        "stability_exceeded": gettext_noop("Too old when measured: {minutes} min, stable for {limit} min."),
        "stability_unknown": gettext_noop("Nobody has said how long this specimen is stable."),
        "suspended": gettext_noop("Automatic release is suspended ({scope}): {note}"),
        "unit_changed": gettext_noop(
            "The unit of this test changed since its rules were approved (then and now: {units}): "
            "they must be approved anew."
        ),
        "swapped": gettext_noop(
            "Several results changed at once ({tests}): the tubes of two patients may have changed places."
        ),
        "unexpected_finding": gettext_noop("Not the finding of health: {value}."),
        "unit_differs": gettext_noop("The unit is {unit}, the test is reported in {expected}."),
        "unknown_flag": gettext_noop("The analyzer sent something that its driver does not know: {what}."),
        "unspun_too_long": gettext_noop("Stood unspun too long: {minutes} min, allowed {limit} min."),
        "withdrawn": gettext_noop("Withdrawn, do not use. {name}: {note}"),
        UNKNOWN_CODE: gettext_noop("Held for a reason that this version does not know."),
    }
)
"""The sentence of each code; {names} are the facts that come with it."""

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "abnormal": gettext_noop("abnormal"),
        "analyzer_is_off": gettext_noop("the analyzer is switched off"),
        "analyzer_is_suspended": gettext_noop("the analyzer is suspended"),
        "above_range": gettext_noop("above the measuring range"),
        "below_range": gettext_noop("below the measuring range"),
        "critical_high": gettext_noop("critically high"),
        "critical_low": gettext_noop("critically low"),
        "dilution_asked_before": gettext_noop("this dilution was asked for already"),
        "driver_is_stopped": gettext_noop("nothing is sent to analyzers of this model now"),
        "no_code_of_test": gettext_noop("the analyzer has no code for this test"),
        "no_place_for_dilution": gettext_noop("the analyzer cannot be told a dilution"),
        "out_of_range": gettext_noop("out of range"),
        "rerun": gettext_noop("repeated by the analyzer"),
        "takes_no_orders": gettext_noop("the analyzer takes no orders"),
        "tube_is_gone": gettext_noop("no accepted tube is left"),
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
