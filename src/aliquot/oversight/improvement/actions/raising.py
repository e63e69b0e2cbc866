"""Something was not as it should be: a person says so where it happened, or a failure opens it by itself."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.improvement.actions.noting import note_step, said
from aliquot.oversight.improvement.models import Complaint, ImprovementStep, Nonconformity
from aliquot.oversight.improvement.queries import IN_DOUBT, Subject, last_of_subject, subject_of
from aliquot.oversight.improvement.rules.nonconformities import (
    USUAL_PROBABILITY,
    USUAL_SEVERITY,
    contain_by,
)
from aliquot.oversight.improvement.rules.risks import Level, level_of
from aliquot.registers.network.models import Site

SQL = Path(__file__).parent.parent / "sql"
Source = Nonconformity.Source
AGAIN = frozenset({Source.COMPLAINT, Source.OTHER})
"""Of the same row there may be several."""


@dataclass(frozen=True, slots=True)
class Complainant:
    """Who complains, and how it came."""

    name: str
    channel: str = Complaint.Channel.PAGE


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened; `severity` 1 to 5, None: as is usual for its source. A complaint names who complains."""

    source: str
    what: str
    subject_id: int | None = None
    severity: int | None = None
    complainant: Complainant | None = None


def raise_nonconformity(happening: Happening, place: Site, *, by: Actor, at: datetime) -> Nonconformity:
    """A new nonconformity with the region's next number, to be contained in time by its laboratory.

    It belongs to the parties of what it came from, else to `place` and its laboratory. Refused without words,
    for a complaint without a complainant, and while somebody works on one about the same row.
    Source: ISO 15189:2022, 7.5 a) (anybody reports), 7.7.1 (complaints).
    """
    by.require("raise_nonconformity")
    what = said("what", happening.what, _("Say what happened."))
    subject = _subject(happening)
    with transaction.atomic():
        _check(happening, subject)
        made = _made(happening, what, subject, place, by, at)
        note_step(made, ImprovementStep.Kind.RAISED, what, by=by, at=at)
        if happening.complainant is not None:
            _keep_complaint(made, happening.complainant, at)
        return made


def ask_for_look_back(source: str, subject_id: int, *, by: Actor, at: datetime) -> Nonconformity:
    """A nonconformity that asks who may recall results to look back at those in doubt.

    For who finds a failure of measurement and may not recall: the doctor finds it among the look-backs.
    Refused for what is no failure of measurement, and while one is open about it.
    Source: ISO 15189:2022, 7.5 d) (extent of nonconforming work).
    """
    subject = subject_of(source, subject_id) if source in IN_DOUBT else None
    if subject is None:
        raise Refused(_("There is nothing to look back at."))
    what = _("Look back, please: %(reference)s. Results measured before it was found may be wrong.")
    happening = Happening(source, what % {"reference": subject.reference}, subject_id)
    return raise_nonconformity(happening, Site.objects.get(pk=subject.site_id), by=by, at=at)


def open_for_failures(case_ids: list[int], *, by: Actor, at: datetime) -> int:
    """One nonconformity for each failed item of external assessment that has none yet; how many."""
    opened = 0
    for case in sorted(set(case_ids)):
        subject = subject_of(Source.EQA_FAILURE, case)
        if subject is None or last_of_subject(Source.EQA_FAILURE, case) is not None:
            continue
        what = ", ".join([subject.reference, *subject.facts])
        place = Site.objects.get(pk=subject.site_id)
        raise_nonconformity(Happening(Source.EQA_FAILURE, what, case), place, by=by, at=at)
        opened += 1
    return opened


def _subject(happening: Happening) -> Subject | None:
    """The row it came from. Forbidden when the actor cannot see it."""
    if happening.source not in Source.values:
        words = _("Choose what it is about.")
        raise Refused(words, fields={"source": words})
    if happening.subject_id is None:
        return None
    found = subject_of(happening.source, happening.subject_id)
    if found is None:
        raise Forbidden(_("What this is about belongs to another site."))
    return found


def _check(happening: Happening, subject: Subject | None) -> None:
    if happening.source == Source.COMPLAINT and (
        happening.complainant is None or not happening.complainant.name.strip()
    ):
        words = _("Say who complains, so that the answer reaches them.")
        raise Refused(words, fields={"complainant": words})
    if subject is None or happening.source in AGAIN:
        return
    known = last_of_subject(happening.source, subject.id)
    if known is not None and not known.is_over:
        raise Refused(
            _("Nonconformity %(number)s is open about this already: add to it what you know.")
            % {"number": known.number}
        )


def _made(  # noqa: PLR0917 - the facts of one row
    happening: Happening, what: str, subject: Subject | None, place: Site, by: Actor, at: datetime
) -> Nonconformity:
    severity = happening.severity or USUAL_SEVERITY[happening.source]
    level = _level(severity)
    count = sql_files.fetch_value(SQL, "next_number", year=at.year)
    laboratory = place.pk if place.is_laboratory or place.laboratory_id is None else place.laboratory_id
    return Nonconformity.objects.create(
        number=f"{at.year}-{count:04d}",
        site_id=subject.site_id if subject else place.pk,
        laboratory_id=subject.laboratory_id if subject else laboratory,
        source=happening.source,
        subject_id=subject.id if subject else None,
        reference=subject.reference if subject else "",
        what=what,
        severity=severity,
        probability=USUAL_PROBABILITY,
        raised_at=at,
        raised_by=by.key,
        contain_by=contain_by(level, at),
    )


def _level(severity: int) -> Level:
    try:
        return level_of(severity, USUAL_PROBABILITY)
    except ValueError as fault:
        words = _("Choose how severe it is: 1 to 5.")
        raise Refused(words, fields={"severity": words}) from fault


def _keep_complaint(made: Nonconformity, complainant: Complainant, at: datetime) -> None:
    Complaint.objects.create(
        nonconformity=made,
        site_id=made.site_id,
        laboratory_id=made.laboratory_id,
        complainant=complainant.name.strip(),
        channel=complainant.channel,
        received_at=at,
    )
