"""What reception's scanner says of a tube, in words and in a sound."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aliquot.flow.logistics.actions import ArrivalOutcome
from aliquot.flow.logistics.rules.custody import Arrival
from aliquot.flow.specimens.rules.acceptance import Outcome, TestVerdict

ARRIVALS: dict[Arrival, tuple[str, Promise]] = {
    Arrival.RECEIVED: ("ok", gettext_lazy("Received.")),
    Arrival.EXTRA: ("problem", gettext_lazy("Extra: on no list. It is taken in all the same.")),
    Arrival.OTHER_BOX: ("problem", gettext_lazy("From another box. It is taken in here.")),
    Arrival.ALREADY: ("problem", gettext_lazy("Already received.")),
    Arrival.UNKNOWN: (
        "problem",
        gettext_lazy("Unknown number. Scan it again; if it stays unknown, put it aside."),
    ),
    Arrival.OTHER_REGION: (
        "problem",
        gettext_lazy("Number of another region. Put it aside and tell the sender."),
    ),
    Arrival.OTHER_LABORATORY: ("problem", gettext_lazy("Bound for another laboratory. Send it on.")),
    Arrival.NOT_COLLECTED: ("problem", gettext_lazy("Not entered as drawn. Ask the site when it was drawn.")),
    Arrival.CANCELLED: ("problem", gettext_lazy("Withdrawn by the site. Put it aside.")),
}
"""For each outcome of a scan: the sound and the sentence."""

CONDITIONS: tuple[tuple[str, str], ...] = (
    ("Alt+h", "HAEM"),
    ("Alt+c", "CLOT"),
    ("Alt+v", "INSUF"),
    ("Alt+w", "WCONT"),
    ("Alt+u", "UNLAB"),
    ("Alt+l", "LEAK"),
)
"""The conditions that have a key of their own, by the code of the rejection reason."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one scan: the sound, the sentence, and what acceptance will find."""

    number: str
    outcome: str
    text: str
    notes: tuple[str, ...] = ()


def answer_to(arrival: ArrivalOutcome, verdicts: tuple[TestVerdict, ...] = ()) -> Answer:
    """The answer to a scan; a tube that came in time but is no longer fit for a test says so at once."""
    outcome, text = ARRIVALS[arrival.kind]
    sentence = str(text)
    if arrival.expected_in:
        sentence += " " + _("It was packed in box %(box)s.") % {"box": arrival.expected_in}
    notes = tuple(_unfit(verdicts))
    return Answer(arrival.number, "problem" if notes else outcome, " ".join((sentence, *notes)), notes)


def _unfit(verdicts: tuple[TestVerdict, ...]) -> list[str]:
    lost = [one for one in verdicts if one.outcome is Outcome.REJECT]
    old = [one.test for one in lost if any(reason.code in {"OLD", "TEMP"} for reason in one.reasons)]
    other = [one.test for one in lost if one.test not in old]
    held = [one.test for one in verdicts if one.outcome is Outcome.HOLD]
    notes = []
    if old:
        notes.append(_("Too old for %(tests)s.") % {"tests": ", ".join(old)})
    if other:
        notes.append(_("Unfit for %(tests)s.") % {"tests": ", ".join(other)})
    if held:
        notes.append(
            ngettext(
                "%(count)d test waits for a decision.", "%(count)d tests wait for a decision.", len(held)
            )
            % {"count": len(held)}
        )
    return notes
