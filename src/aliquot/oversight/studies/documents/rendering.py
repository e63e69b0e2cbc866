"""From the content of a signed study to a PDF: every text is laid out here, the template adds ink."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from aliquot.foundation.typesetting import typeset
from aliquot.oversight.studies.documents.drawing import draw
from aliquot.oversight.studies.documents.wording import (
    DECISIONS,
    MEANINGS,
    criterion_lines,
    figure_lines,
    localised,
    pictures_in,
    plan_lines,
    sentence,
    shown,
)
from aliquot.oversight.studies.rules.outline import OUTLINES

LANGUAGES: Final = ("en", "ru")
_TEMPLATE: Final = Path(__file__).parent / "templates" / "study.typ"
SUPPLY: Mapping[str, Callable[[], str]] = {
    "supplier": lambda: _("Supplier"),
    "product": lambda: _("Product"),
    "lot": lambda: _("Lot"),
    "origin": lambda: _("Made in"),
    "registration": lambda: _("Registration certificate"),
    "valid_until": lambda: _("Registered until"),
    "price": lambda: _("Price of a test, roubles"),
    "first_delivery": lambda: _("First delivery"),
    "decision": lambda: _("Decision on the supply"),
}
DAYS = ("valid_until", "first_delivery")


def render(content: Mapping[str, Any], digest: str, language: str) -> bytes:
    """The PDF of a study's content in `en` or `ru`: the same bytes for the same content."""
    with override(language):
        page = _page(content, digest, language)
    signed = datetime.fromisoformat(content["signature"]["at"])
    return typeset(_TEMPLATE, page, signed)


def supply_lines(supply: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Each fact of the supply in words, on trial and in use; what neither has is left out."""
    candidate, in_use = (supply.get(role, {}) for role in ("candidate", "in_use"))
    lines = [(words(), _fact(name, candidate), _fact(name, in_use)) for name, words in SUPPLY.items()]
    return [one for one in lines if one[1] or one[2]]


def _fact(name: str, record: Mapping[str, Any]) -> str:
    value = str(record.get(name) or "")
    if value and name in DAYS:
        return _day(value)
    return localised(value) if name == "price" else value


def _page(content: Mapping[str, Any], digest: str, language: str) -> dict[str, Any]:
    record, moment = content["record"], partial(_moment, zone=ZoneInfo(content["laboratory"]["time_zone"]))
    signature = content["signature"]
    return {
        "language": language,
        "words": _words(),
        "title": _("Evaluation study %(number)s, version %(version)s")
        % {"number": content["number"], "version": content["version"]},
        "kind": _(OUTLINES[content["kind"]].name),
        "subject": content["title"],
        "laboratory": content["laboratory"][f"name_{language}"],
        "replaces": _("Replaces version %(version)s.") % {"version": content["replaces"]}
        if content["replaces"]
        else "",
        "facts": _facts(content, language, moment),
        "plan": plan_lines(content["kind"], content["plan"]),
        "decision": str(DECISIONS[record["decision"]]),
        "meaning": str(MEANINGS[record["decision"]]),
        "is_accepted": record["decision"] == "accepted",
        "reasons": [sentence(one) for one in record["reasons"]],
        "remarks": [sentence(one) for one in record["remarks"]],
        "criteria": [
            [one.what, one.value, one.interval, one.limit, one.words] for one in criterion_lines(record)
        ],
        "figures": [[one.what, one.value, one.interval] for one in figure_lines(record)],
        "pictures": [_picture(one) for one in pictures_in(record)],
        "supply": supply_lines(content["supply"]),
        "data": [_data(one, language, moment) for one in content["data"]],
        "conclusion": content["conclusion"],
        "signature": [signature["name"], moment(signature["at"]), signature["meaning"]],
        "digest": digest,
    }


def _picture(one: Mapping[str, Any]) -> list[str]:
    title = one["title"]
    return [_(title), draw(one, _, shown, on_paper=True)]


def _words() -> dict[str, str]:
    return {
        "plan": _("Plan, made before the measurements"),
        "decision": _("Decision"),
        "criteria": _("Acceptance criteria"),
        "criterion": _("Criterion"),
        "value": pgettext("study", "Found"),
        "interval": _("Interval"),
        "limit": _("Limit"),
        "verdict": _("Verdict"),
        "figures": _("Figures"),
        "remarks": _("Remarks"),
        "pictures": _("Pictures"),
        "supply": _("Supply"),
        "on_trial": _("on trial"),
        "in_use": _("in use"),
        "data": _("Data"),
        "conclusion": _("Conclusion of the signer"),
        "signed": _("Signed"),
        "digest": _("SHA-256 of what was signed"),
        "page": _("page"),
        "of": _("of"),
    }


def _facts(content: Mapping[str, Any], language: str, moment: Callable[[str], str]) -> list[tuple[str, str]]:
    test, planned = content["test"], content["planned_by"]
    named = f"{test[f'name_{language}']} ({test['code']})" if test else ""
    facts = [
        (_("Test"), named),
        (_("Unit"), content["unit"]),
        (_("On trial"), _method(content["on_trial"])),
        (_("In use"), _method(content["in_use"])),
        (_("Planned"), f"{planned[f'name_{language}']}, {moment(content['planned_at'])}"),
        (_("Evaluated"), moment(content["evaluated_at"])),
    ]
    return [one for one in facts if one[1]]


def _method(side: Mapping[str, str]) -> str:
    return ", ".join(filter(None, (side["analyzer"], side["method"])))


def _data(one: Mapping[str, Any], language: str, moment: Callable[[str], str]) -> dict[str, str]:
    asked = one["asked"]
    words = _("from a file") if one["origin"] == "file" else _("from analyzers")
    if asked:
        span = f"{moment(asked['since'])} – {moment(asked['until'])}"
        words = ", ".join([words, span, *asked["analyzers"], *asked["named"]])
    rows = _("%(rows)d rows") % {"rows": one["rows"]}
    given = f"{one['by'][f'name_{language}']}, {moment(one['at'])}"
    return {"name": one["name"], "line": f"{words}; {rows}; {given}", "digest": one["digest"]}


def _moment(text: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(text).astimezone(zone).strftime("%d.%m.%Y %H:%M")


def _day(text: str) -> str:
    return date.fromisoformat(text).strftime("%d.%m.%Y")
