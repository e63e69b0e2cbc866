"""What assessment found, as a person reads it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.quality.words import Said
from aliquot.entrypoints.web.shell.wording import number_text
from aliquot.oversight.proficiency.models import (
    PlannedRound,
    ProficiencyResult,
    ProficiencyScore,
    ProficiencyTarget,
)
from aliquot.oversight.proficiency.queries import RoundLine, TestStanding, TrendPoint
from aliquot.oversight.proficiency.rules.calendar import Expected
from aliquot.oversight.proficiency.rules.words import REASONS

Signal = ProficiencyScore.Signal
KINDS = {
    Signal.ACCEPTABLE.value: "good",
    Signal.WARNING.value: "notice",
    Signal.ACTION.value: "danger",
    Signal.MISSING.value: "notice",
    Signal.NOT_SCORED.value: "neutral",
}

DIGITS = 5
Scores = ProficiencyScore | TrendPoint
FURTHER = (
    ("zeta", "\u03b6", 2),
    ("en", "En", 2),
    ("sdi", gettext_lazy("SDI"), 2),
    ("d_percent", "D, %", 1),
)
"""Scores beside the one that it was judged by: name, head, decimals."""


def signal_said(signal: str) -> Said:
    """A score as a badge: red alone for what may have misled about patients."""
    return Said(KINDS[signal], Signal(signal).label)


def reasons_said(codes: Iterable[str]) -> list[str]:
    """Why something was not scored, or not as asked."""
    return [gettext(REASONS.get(code, code)) for code in codes if code]


def score_text(score: ProficiencyScore) -> str:
    """The score that it was judged by, short: z 2.1, z' 1.8, or by how many grades a word is off."""
    if score.judged_by == "z_prime" and score.z_prime is not None:
        return f"z\u2032 {number_text(score.z_prime, 2, signed=True)}"
    if score.z is not None:
        return f"z {number_text(score.z, 2, signed=True)}"
    return number_text(score.distance, signed=True) if score.distance else ""


def shown_z(score: ProficiencyScore) -> Decimal | None:
    """The score that is drawn: the one it was judged by."""
    return score.z_prime if score.judged_by == "z_prime" else score.z


def result_text(result: ProficiencyResult, unit: str) -> str:
    """What was returned, in the unit of the item; as it was read where it is no number."""
    return result.text if result.value is None else f"{number_text(plain(result.value))} {unit}".strip()


def laboratory_text(score: ProficiencyScore) -> str:
    """Whose score it is; of a further analyzer with its code."""
    analyzer = score.result.analyzer if score.result is not None and score.is_further else None
    return f"{score.laboratory}" if analyzer is None else f"{analyzer.code}, {score.laboratory}"


def assigned_text(target: ProficiencyTarget, unit: str) -> str:
    """The assigned value with its uncertainty, or the expected word."""
    value = target.assigned if target.x_pt is None else target.x_pt
    u = target.u_assigned if target.x_pt is None else target.u_x_pt
    if value is None:
        return target.expected
    more = f" \u00b1 {number_text(plain(u, 2))}" if u else ""
    return f"{number_text(plain(value, DIGITS))}{more} {unit}".strip()


def plain(value: Decimal, digits: int | None = None) -> Decimal:
    """The number without zeros at its end, of at most so many significant digits; whole ones in full."""
    if digits is not None and value:
        value = round(value, max(0, digits - 1 - value.adjusted()))
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def further_scores(scores: Sequence[Scores | None]) -> tuple[list[str], list[list[tuple[str, str]]]]:
    """The heads of the scores that at least one has, and for each of `scores` its texts under them."""
    known = [
        (str(label), name, places)
        for name, label, places in FURTHER
        if any(one is not None and getattr(one, name) is not None for one in scores)
    ]
    rows = [
        [(label, number_text(getattr(one, name), places) if one else "") for label, name, places in known]
        for one in scores
    ]
    return [label for label, _name, _places in known], rows


def round_said(line: RoundLine, at: datetime) -> Said:
    """How far a laboratory is in a round."""
    if line.state == "cancelled":
        return Said("neutral", _("given up"))
    if line.state == "closed":
        if line.is_satisfactory is None:
            return Said("neutral", _("not scored"))
        return (
            Said("good", _("satisfactory")) if line.is_satisfactory else Said("danger", _("not satisfactory"))
        )
    if line.submitted_at:
        return Said("good", _("submitted"))
    if at > line.submit_by:
        return Said("notice", _("deadline passed"))
    return Said("accent", _("to do"))


def planned_said(one: PlannedRound, stands: Expected) -> Said:
    """How a round of the calendar stands."""
    if one.round is not None:
        words = {"open": _("runs"), "closed": _("evaluated"), "cancelled": _("given up")}
        return Said("good" if one.round.state == "closed" else "accent", words[one.round.state])
    if one.dropped_why:
        return Said("neutral", _("not to be expected"))
    if stands is Expected.OVERDUE:
        return Said("notice", _("samples overdue"))
    return (
        Said("accent", _("soon"))
        if stands is Expected.SOON
        else Said("neutral", pgettext("calendar", "planned"))
    )


def standing_said(one: TestStanding) -> Said:
    """How a test did in its last round."""
    if one.round_id is None:
        return Said("neutral", _("first round runs") if one.next_due else _("not assessed yet"))
    if one.failed:
        return Said("danger", pgettext("assessment", "failed"))
    if one.warned:
        return Said("notice", _("warning"))
    return Said("good", _("acceptable")) if one.counted else Said("neutral", _("not scored"))
