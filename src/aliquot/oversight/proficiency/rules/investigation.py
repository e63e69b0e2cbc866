"""In which order a failed result is investigated, and when the investigation is finished.

Source: Kristensen GBB, Meijer P. Biochem Med 2017; 27(1): 49-62 (flowchart for handling deviating results).
"""

from collections.abc import Collection, Mapping

from aliquot.oversight.proficiency.rules.scores import Signal

STEPS = ("clerical", "sample", "method_group", "analyzer", "patient_impact")
CAUSES = STEPS[:-1]
LAST = STEPS[-1]
FINDINGS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(CAUSES, ("excluded", "cause")),
    LAST: ("no_impact", "impact"),
}
"""What each step may find."""


def next_step(found: Mapping[str, str]) -> str | None:
    """The step to answer next: in order until a cause is found, then what it meant for patients; None: done.

    `found` maps answered steps to findings.
    """
    if cause_of(found) is None:
        open_steps = [one for one in STEPS if one not in found]
        return open_steps[0] if open_steps else None
    return None if LAST in found else LAST


def cause_of(found: Mapping[str, str]) -> str | None:
    """The step that found the cause; None where none has."""
    return next((one for one in CAUSES if found.get(one) == "cause"), None)


def why_open(own: Signal, provider: Signal | None, earlier: Collection[Signal]) -> str | None:
    """Why a score is worked off as a case: action, two_warnings or missing; None for one that is not.

    `provider` is what the provider's own score says, the worse counts; `earlier` are the signals of the same
    test in the laboratory's round before. Source: ISO 13528:2015, 9.4.2 (two warnings in consecutive rounds).
    """
    said = {own, provider}
    if Signal.ACTION in said:
        return "action"
    if Signal.WARNING in said and Signal.WARNING in earlier:
        return "two_warnings"
    return "missing" if own is Signal.MISSING else None
