"""From the content of a signed review to a PDF: every text is laid out here, the template adds ink."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from aliquot.foundation.typesetting import typeset
from aliquot.oversight.accreditation.documents.wording import figure_lines
from aliquot.oversight.accreditation.models import ReviewEntry

LANGUAGES: Final = ("en", "ru")
TEMPLATE: Final = Path(__file__).parent / "templates" / "review.typ"


def render(content: Mapping[str, Any], digest: str, language: str) -> bytes:
    """The PDF of a review's content in `en` or `ru`: the same bytes for the same content."""
    with override(language):
        page = page_of(content, digest, language)
    return typeset(TEMPLATE, page, datetime.fromisoformat(content["signature"]["at"]))


def page_of(content: Mapping[str, Any], digest: str, language: str) -> dict[str, Any]:
    """The texts of the minutes in the language that is set."""
    zone, signature = ZoneInfo(content["laboratory"]["time_zone"]), content["signature"]
    return {
        "language": language,
        "words": _words(),
        "title": _("Management review %(number)s") % {"number": content["number"]},
        "laboratory": content["laboratory"][f"name_{language}"],
        "facts": [
            (_("Months reviewed"), _months(content["since"], content["until"])),
            (_("Held on"), _day(content["held_on"])),
            (_("Participants"), content["participants"]),
            (_("Figures counted"), _moment(content["assembled_at"], zone)),
        ],
        "inputs": [_input(one, language) for one in content["inputs"]],
        "outputs": _outputs(content["inputs"], language),
        "conclusion": content["conclusion"],
        "signature": [signature["name"], _moment(signature["at"], zone)],
        "digest": digest,
    }


def _input(one: Mapping[str, Any], language: str) -> dict[str, Any]:
    missing = one[f"missing_{language}"]
    return {
        "name": f"{one['letter']}) {one[f'name_{language}']}",
        "of_2012": _("ISO 15189:2012, 4.15.2: %(letters)s") % {"letters": one["of_2012"]},
        "figures": [[row.words, row.now, row.before, row.is_trouble] for row in figure_lines(one["figures"])],
        "missing": _("Not held by the software: %(what)s.") % {"what": missing} if missing else "",
        "remarks": [entry["what"] for entry in one["entries"] if entry["kind"] == ReviewEntry.Kind.REMARK],
    }


def _outputs(found: list[Mapping[str, Any]], language: str) -> list[list[str]]:
    """Decisions and actions with their input, owner and day."""
    return [
        [
            one["letter"],
            str(ReviewEntry.Kind(entry["kind"]).label),
            entry["what"],
            entry[f"name_{language}"] if entry["due_on"] else "",
            _day(entry["due_on"]) if entry["due_on"] else "",
        ]
        for one in found
        for entry in one["entries"]
        if entry["kind"] != ReviewEntry.Kind.REMARK
    ]


def _words() -> dict[str, str]:
    return {
        "standard": _("Inputs: ISO 15189:2022, 8.9.2. Outputs: 8.9.3."),
        "figure": _("Figure"),
        "now": _("These months"),
        "before": _("As many before"),
        "remark": _("Remark"),
        "outputs": _("Decisions and actions"),
        "what": _("What"),
        "owner": _("Who"),
        "due": _("Until"),
        "conclusion": _("Conclusion of management"),
        "signed": pgettext("review", "Signed"),
        "digest": _("SHA-256 of what was signed"),
        "page": _("page"),
        "of": _("of"),
    }


def _months(since: str, until: str) -> str:
    last = date.fromisoformat(until) - timedelta(days=1)
    return f"{date.fromisoformat(since):%m.%Y} – {last:%m.%Y}"


def _day(text: str) -> str:
    return date.fromisoformat(text).strftime("%d.%m.%Y")


def _moment(text: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(text).astimezone(zone).strftime("%d.%m.%Y %H:%M")
