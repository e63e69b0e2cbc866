"""Write a rule set: drafted, changed as often as needed, then submitted with its text as it stands."""

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from aliquot.flow.verification.actions.stepping import require_place, require_words, take_step
from aliquot.flow.verification.models import RuleSetVersion
from aliquot.flow.verification.queries import check_text, shipped_rules
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.registers.network.models import Site

State = RuleSetVersion.State
MOST_CHARACTERS = 1_000_000


def draft_rule_set(
    text: str,
    *,
    laboratory: Site | None,
    note: str,
    drawn_from: RuleSetVersion | None = None,
    by: Actor,
    at: datetime,
) -> RuleSetVersion:
    """A new draft of the network's rules (no laboratory), or of a laboratory's own; `note` says what for.

    A draft may be unfinished: what is wrong with it is refused when it is submitted.
    """
    by.require("draft_rule")
    place = laboratory.pk if laboratory else None
    require_place(place, by)
    note = require_words(note, "note")
    _require_short(text)
    with transaction.atomic():
        last = RuleSetVersion.objects.filter(laboratory=laboratory).aggregate(last=Max("version"))["last"]
        return RuleSetVersion.objects.create(
            laboratory=laboratory,
            version=(last or 0) + 1,
            text=text,
            digest=digest_of(text),
            drawn_from=drawn_from,
            note=note,
            drafted_at=at,
            drafted_by=by.key,
            edited_at=at,
            edited_by=by.key,
            written_by=[by.key],
        )


def save_draft(version: RuleSetVersion, text: str, *, by: Actor, at: datetime) -> None:
    """Keep this text in the draft; its writer cannot approve it. Refused when somebody saved meanwhile."""
    by.require("draft_rule")
    require_place(version.laboratory_id, by)
    _require_short(text)
    if text != version.text:
        take_step(
            version,
            State.DRAFT,
            text=text,
            digest=digest_of(text),
            edited_at=at,
            edited_by=by.key,
            written_by=list(dict.fromkeys([*version.written_by, by.key])),
        )


def discard_draft(version: RuleSetVersion, *, reason: str, by: Actor, at: datetime) -> None:
    """Put a draft away; its text stays readable."""
    by.require("draft_rule")
    require_place(version.laboratory_id, by)
    note = require_words(reason)
    take_step(version, State.DRAFT, state=State.RETIRED, review_note=note, retired_at=at, retired_by=by.key)


def submit_rule_set(version: RuleSetVersion, *, by: Actor, at: datetime) -> None:
    """Ask for approval of the text as it stands; refused while anything is wrong with it, in words."""
    by.require("draft_rule")
    require_place(version.laboratory_id, by)
    problems = check_text(version.text, version.laboratory, at=at).problems
    if problems:
        words = _("The text has mistakes (%(count)d). The first: %(problem)s") % {
            "count": len(problems),
            "problem": problems[0],
        }
        raise Refused(words, fields={"text": words})
    take_step(
        version, State.DRAFT, state=State.SUBMITTED, submitted_at=at, submitted_by=by.key, review_note=""
    )


def load_shipped_rules(*, by: Actor, at: datetime) -> RuleSetVersion | None:
    """The network's rules as shipped, as a draft for a director to read; None when the text is known."""
    text = shipped_rules()
    if RuleSetVersion.objects.filter(laboratory=None, digest=digest_of(text)).exists():
        return None
    return draft_rule_set(text, laboratory=None, note="as shipped with the program", by=by, at=at)


def digest_of(text: str) -> str:
    """SHA-256 of a text in UTF-8, as hexadecimal digits."""
    return sha256(text.encode()).hexdigest()


def _require_short(text: str) -> None:
    if not text.strip() or len(text) > MOST_CHARACTERS or "\x00" in text:
        words = _("Write the rules as a text of at most a million characters.")
        raise Refused(words, fields={"text": words})
