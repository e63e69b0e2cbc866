"""Management reviews: opened, entered into, signed; their actions followed up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.accreditation.documents.contents import (
    as_text,
    assembled,
    digest_of,
    read_digest,
    signature_of,
)
from aliquot.oversight.accreditation.documents.rendering import LANGUAGES, render
from aliquot.oversight.accreditation.models import ManagementReview, ReviewDocument, ReviewEntry
from aliquot.oversight.accreditation.queries import entries_of, inputs
from aliquot.oversight.accreditation.rules.reviews import why_not_reviewed, why_not_signed
from aliquot.oversight.improvement.queries import people_at
from aliquot.registers.network.models import Site
from aliquot.registers.people.models import Person

State = ManagementReview.State


@dataclass(frozen=True, slots=True)
class Meeting:
    """Which months are reviewed (first days; the end does not belong to it), when, and who takes part."""

    since: date
    until: date
    held_on: date
    participants: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A remark on an input, a decision, or an action with its owner (a person's key) and day."""

    letter: str
    kind: str
    what: str
    owner: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """The conclusion that is signed, of what was `read` (`digest_to_sign`)."""

    conclusion: str
    read: str


def open_review(laboratory: Site, meeting: Meeting, *, by: Actor, at: datetime) -> ManagementReview:
    """A review of whole months that are over; one at a time. Source: ISO 15189:2022, 8.9.1."""
    by.require("manage_quality")
    _own(laboratory.pk, by)
    today = laboratory.day_of(at)
    if why := why_not_reviewed(meeting.since, meeting.until, today):
        words = _SPAN_REFUSALS[why]()
        raise Refused(words, fields={"until" if why != "months" else "since": words})
    participants = _said("participants", meeting.participants, _("Say who takes part, with their functions."))
    with transaction.atomic():
        Site.objects.select_for_update().get(pk=laboratory.pk)  # one number at a time
        known = ManagementReview.objects.filter(laboratory=laboratory)
        if known.filter(state=State.OPEN).exists():
            raise Refused(_("A review is being prepared already: sign that one first."))
        last = known.aggregate(last=Max("number"))["last"] or 0
        return ManagementReview.objects.create(
            laboratory=laboratory,
            number=last + 1,
            since=meeting.since,
            until=meeting.until,
            held_on=meeting.held_on,
            participants=participants,
            opened_at=at,
            opened_by=by.key,
        )


def add_entry(pk: int, entry: Entry, *, by: Actor, at: datetime) -> ReviewEntry:
    """What was remarked on or decided; an action names who does it until when. Source: 8.9.3."""
    by.require("manage_quality")
    what = _said("what", entry.what, _("Write it down."))
    if entry.kind not in ReviewEntry.Kind.values or entry.letter not in {one.letter for one in inputs()}:
        words = _("Choose what it is and which input it is about.")
        raise Refused(words, fields={"kind": words})
    with transaction.atomic():
        review = _held(pk, by)
        owned = _owned(review, entry, at) if entry.kind == ReviewEntry.Kind.ACTION else {}
        return ReviewEntry.objects.create(
            review=review,
            laboratory_id=review.laboratory_id,
            letter=entry.letter,
            kind=entry.kind,
            what=what,
            at=at,
            by=by.key,
            **owned,
        )


def remove_entry(entry_id: int, *, by: Actor, at: datetime) -> None:  # noqa: ARG001 - every action says when
    """An entry that was not meant, taken out before the review is signed; the audit keeps it."""
    by.require("manage_quality")
    with transaction.atomic():
        found = ReviewEntry.objects.filter(pk=entry_id).first()
        _held(found.review_id if found else 0, by)
        ReviewEntry.objects.filter(pk=entry_id).delete()


def finish_review_action(entry_id: int, note: str, *, by: Actor, at: datetime) -> ReviewEntry:
    """The action of a review, done by its owner or who manages quality; also after the signature."""
    words = _said("done_note", note, _("Say what was done."))
    with transaction.atomic():
        entry = ReviewEntry.objects.select_for_update().filter(pk=entry_id, kind="action").first()
        if entry is None or entry.laboratory_id not in by.sites:
            raise Forbidden(_("This review belongs to another laboratory."))
        if by.key != entry.owner and not by.may("manage_quality"):
            raise Forbidden(_("This action is somebody else's."))
        if entry.done_at is not None:
            raise Refused(_("This action is done already."))
        entry.done_at, entry.done_by, entry.done_note = at, by.key, words
        entry.save(update_fields=["done_at", "done_by", "done_note"])
        return entry


def digest_to_sign(review: ManagementReview, *, at: datetime) -> str:
    """SHA-256 of the figures and entries as they are now: what somebody reads before signing."""
    return read_digest(assembled(review, at=at))


def sign_review(
    review: ManagementReview, signature: Signature, *, password: str, by: Actor, at: datetime
) -> ManagementReview:
    """Answer for a review with name and moment; the password is asked again.

    Refused without a decision or an action, while nobody said a word about an input of which the software
    holds nothing, and when it is not as it was read. Keeps the minutes as a PDF in both languages; the
    database refuses every later change but of actions that are done. Source: ISO 15189:2022, 8.9.
    """
    by.require("sign_review")
    person = _person(password, by)
    conclusion = _said("conclusion", signature.conclusion, _("Say what management concludes."))
    with transaction.atomic():
        held = _held(review.pk, by)
        _check(held)
        content = assembled(held, at=at)
        if signature.read != read_digest(content):
            raise Refused(_("The review is not as you read it. Read it again, then sign."))
        held.conclusion = conclusion
        name = f"{person.name_en} / {person.name_ru}"
        content |= {"conclusion": conclusion, "signature": signature_of(name, at)}
        held.content = as_text(content)
        held.digest = digest_of(held.content)
        for language in LANGUAGES:
            _keep(held, language, render(content, held.digest, language))
        state_reason(conclusion)
        held.state, held.signed_at, held.signed_by, held.signed_name = State.SIGNED, at, by.key, name
        held.save(
            update_fields=[
                "state",
                "conclusion",
                "content",
                "digest",
                "signed_at",
                "signed_by",
                "signed_name",
            ]
        )
    return held


_SPAN_REFUSALS: Mapping[str, Callable[[], str]] = {
    "months": lambda: _("A review is of whole months."),
    "order": lambda: _("Choose a last month that is not before the first."),
    "future": lambda: _("Choose months that are over: their figures still change."),
}


def _check(review: ManagementReview) -> None:
    entries = entries_of(review.pk)
    said = {one.letter for one in entries}
    silent = [one.letter for one in inputs() if not one.figures and one.letter not in said]
    why = why_not_signed({one.kind for one in entries}, silent)
    if why == "outputs":
        raise Refused(_("Enter at least one decision or action: a review that decides nothing is none."))
    if why == "silent":
        raise Refused(
            _("Say a word on input %(letters)s: the software holds nothing about it.")
            % {"letters": ", ".join(silent)}
        )


def _owned(review: ManagementReview, entry: Entry, at: datetime) -> dict[str, Any]:
    if entry.owner not in dict(people_at(review.laboratory_id)):
        words = _("Choose who does it: somebody who works at this laboratory.")
        raise Refused(words, fields={"owner": words})
    if entry.due_on is None or entry.due_on < review.laboratory.day_of(at):
        words = _("Choose a day that is still to come.")
        raise Refused(words, fields={"due_on": words})
    return {"owner": entry.owner, "due_on": entry.due_on}


def _held(pk: int, by: Actor) -> ManagementReview:
    held = (
        ManagementReview.objects.select_for_update(of=("self",))
        .select_related("laboratory")
        .filter(pk=pk)
        .first()
    )
    if held is None:
        raise Forbidden(_("This review belongs to another laboratory."))
    _own(held.laboratory_id, by)
    if held.state != State.OPEN:
        raise Refused(_("This review is signed: what is still to be said belongs into the next one."))
    return held


def _own(laboratory_id: int, by: Actor) -> None:
    if laboratory_id not in by.sites:
        raise Forbidden(_("This review belongs to another laboratory."))


def _person(password: str, by: Actor) -> Person:
    if by.person_id is None:
        raise Forbidden(_("A review is signed by a person."))
    person = Person.objects.get(pk=by.person_id)
    if not person.check_password(password):
        words = _("The password is wrong.")
        raise Refused(words, fields={"password": words})
    return person


def _said(field: str, text: str, missing: str) -> str:
    if words := text.strip():
        return words
    raise Refused(missing, fields={field: missing})


def _keep(review: ManagementReview, language: str, content: bytes) -> None:
    ReviewDocument.objects.create(
        review=review,
        laboratory_id=review.laboratory_id,
        language=language,
        content=content,
        digest=sha256(content).hexdigest(),
    )
