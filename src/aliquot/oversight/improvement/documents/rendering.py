"""From an internal audit that is reported to a PDF: every text is laid out here, the template adds ink."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from aliquot.foundation.typesetting import typeset
from aliquot.oversight.improvement.models import Audit, AuditItem
from aliquot.registers.people.queries import names_of

LANGUAGES: Final = ("en", "ru")
TEMPLATE: Final = Path(__file__).parent / "templates" / "audit.typ"
FAILED: Final = frozenset({AuditItem.Verdict.MINOR, AuditItem.Verdict.MAJOR})


def render_audit(audit: Audit, items: Sequence[AuditItem], language: str) -> bytes:
    """The PDF of a reported audit in `en` or `ru`; the database refuses to change what it says."""
    assert audit.ended_at is not None, "an audit is printed when it is reported"
    with override(language):
        page = _page(audit, items, language)
    page["digest"] = sha256(orjson.dumps(page, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return typeset(TEMPLATE, page, audit.ended_at)


def _page(audit: Audit, items: Sequence[AuditItem], language: str) -> dict[str, Any]:
    zone = ZoneInfo(audit.laboratory.time_zone)
    keys = {audit.planned_by, audit.ended_by, *(one.answered_by for one in items)}
    names = {key: getattr(name, f"name_{language}") for key, name in names_of(keys).items()}
    counted = Counter(AuditItem.Verdict(one.verdict) for one in items)
    return {
        "language": language,
        "words": _words(),
        "title": _("Internal audit %(number)s") % {"number": audit.pk},
        "scope": audit.scope,
        "laboratory": getattr(audit.laboratory, f"name_{language}"),
        "facts": [
            (_("Planned for"), audit.planned_on.strftime("%d.%m.%Y")),
            (_("Who audits"), audit.auditor),
            (_("Planned by"), f"{names[audit.planned_by]}, {_moment(audit.planned_at, zone)}"),
        ],
        "summary": audit.summary,
        "counts": [[str(one.label), counted[one]] for one in AuditItem.Verdict if counted[one]],
        "items": [_item(one, names, language, zone) for one in items],
        "signed": [names[audit.ended_by], _moment(audit.ended_at, zone)],
    }


def _item(one: AuditItem, names: Mapping[str, str], language: str, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "clause": one.clause,
        "question": getattr(one, f"question_{language}"),
        "verdict": str(AuditItem.Verdict(one.verdict).label),
        "is_failed": one.verdict in FAILED,
        "evidence": one.evidence,
        "by": f"{names[one.answered_by]}, {_moment(one.answered_at, zone)}",
        "nonconformity": _("Nonconformity %(number)s") % {"number": one.nonconformity.number}
        if one.nonconformity
        else "",
    }


def _words() -> dict[str, str]:
    return {
        "conclusion": _("Conclusion"),
        "found": _("Found"),
        "questions": _("Questions by clause of ISO 15189:2022, with what was looked at"),
        "reported": pgettext("audit", "Reported"),
        "digest": _("SHA-256 of what is printed"),
        "page": _("page"),
        "of": _("of"),
    }


def _moment(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%d.%m.%Y %H:%M") if moment else ""
