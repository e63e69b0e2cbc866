"""Everything that a signature on a management review stands for, as plain values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from aliquot.oversight.accreditation.models import ManagementReview, ReviewEntry
from aliquot.oversight.accreditation.queries import Figure, entries_of, figures_of, inputs
from aliquot.registers.people.queries import names_of

FORMAT = 1


def assembled(review: ManagementReview, *, at: datetime) -> dict[str, Any]:
    """All that a review looks at: as it was signed, or as it is now."""
    if review.state == ManagementReview.State.SIGNED:
        kept: dict[str, Any] = orjson.loads(review.content)
        return kept
    figures = figures_of(review.laboratory, review.since, review.until, at=at)
    return content_of(review, figures, entries_of(review.pk), at=at)


def content_of(
    review: ManagementReview,
    figures: Mapping[str, Figure],
    entries: Sequence[ReviewEntry],
    *,
    at: datetime,
) -> dict[str, Any]:
    """Span, participants, every input with its figures, gaps and entries; counted at `at`."""
    laboratory, names = review.laboratory, names_of({one.owner or one.by for one in entries})
    return {
        "format": FORMAT,
        "laboratory": {
            "name_en": laboratory.name_en,
            "name_ru": laboratory.name_ru,
            "code": laboratory.code,
            "time_zone": laboratory.time_zone,
        },
        "number": review.number,
        "since": review.since.isoformat(),
        "until": review.until.isoformat(),
        "held_on": review.held_on.isoformat(),
        "participants": review.participants,
        "assembled_at": at.isoformat(),
        "inputs": [
            {
                "letter": one.letter,
                "name_en": one.name_en,
                "name_ru": one.name_ru,
                "of_2012": one.of_2012,
                "missing_en": one.missing_en,
                "missing_ru": one.missing_ru,
                "figures": [_figure(figures[kind]) for kind in one.figures],
                "entries": [_entry(entry, names) for entry in entries if entry.letter == one.letter],
            }
            for one in inputs()
        ],
        "conclusion": "",
        "signature": {},
    }


def as_text(content: Mapping[str, Any]) -> str:
    """The content as JSON with its keys in order: the same text for the same content."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()


def digest_of(text: str) -> str:
    """SHA-256 of a text."""
    return sha256(text.encode()).hexdigest()


def read_digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of what somebody reads before signing; the moment of counting alone changes nothing."""
    return digest_of(as_text({**content, "assembled_at": ""}))


def signature_of(name: str, at: datetime) -> dict[str, str]:
    """Who signs, and when."""
    return {"name": name, "at": at.isoformat()}


def _figure(one: Figure) -> dict[str, Any]:
    return {"kind": one.kind, "now": list(one.now), "before": list(one.before) if one.before else None}


def _entry(one: ReviewEntry, names: Mapping[str, Any]) -> dict[str, Any]:
    name = names[one.owner or one.by]
    return {
        "kind": one.kind,
        "what": one.what,
        "name_en": name.name_en,
        "name_ru": name.name_ru,
        "due_on": one.due_on.isoformat() if one.due_on else "",
    }
