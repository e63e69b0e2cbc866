"""The page of the binder."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.quality.words import Said
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.foundation.naming import is_russian
from aliquot.oversight.accreditation.queries import MOST, Held, binder_of
from aliquot.oversight.accreditation.rules.clauses import Standing

YEAR = timedelta(days=365)
STANDARD = "ISO 15189:2022"
STANDINGS: Mapping[Standing, tuple[str, Promise]] = {
    Standing.HELD: ("good", pgettext_lazy("clause", "recorded")),
    Standing.PARTLY: ("neutral", pgettext_lazy("clause", "partly")),
    Standing.NONE: ("notice", pgettext_lazy("clause", "no record")),
}
KINDS: Mapping[str, tuple[Promise, str]] = {
    "accesses": (pgettext_lazy("evidence", "noted accesses"), "setup:home"),
    "assignments": (pgettext_lazy("evidence", "roles of people"), "setup:home"),
    "departments": (pgettext_lazy("evidence", "departments"), "setup:home"),
    "contacts": (pgettext_lazy("evidence", "contacts"), "setup:home"),
    "tests": (pgettext_lazy("evidence", "tests of the catalogue"), "setup:home"),
    "reference_limits": (pgettext_lazy("evidence", "reference limits"), "setup:home"),
    "rejection_reasons": (pgettext_lazy("evidence", "reasons of rejection"), "setup:home"),
    "tubes_judged": (pgettext_lazy("evidence", "days and sites of intake"), "quality:indicators"),
    "transport": (pgettext_lazy("evidence", "days and sites of transport"), "transport:home"),
    "analyzers": (pgettext_lazy("evidence", "analyzers"), "setup:home"),
    "control_plans": (pgettext_lazy("evidence", "control plans in force"), "quality:plans"),
    "control_runs": (pgettext_lazy("evidence", "control runs"), "quality:home"),
    "violations": (pgettext_lazy("evidence", "answered violations"), "quality:home"),
    "monitors": (pgettext_lazy("evidence", "patient monitors in use"), "quality:monitors"),
    "eqa_scores": (pgettext_lazy("evidence", "evaluated results of assessment"), "quality:eqa"),
    "eqa_cases": (pgettext_lazy("evidence", "failures worked as cases"), "quality:eqa"),
    "comparisons": (pgettext_lazy("evidence", "compared medians"), "quality:comparability"),
    "studies": (pgettext_lazy("evidence", "signed studies"), "quality:studies"),
    "supplies": (pgettext_lazy("evidence", "supply records"), "quality:supplies"),
    "rule_sets": (pgettext_lazy("evidence", "versions of rules"), "rules:home"),
    "validations": (pgettext_lazy("evidence", "signed validations"), "rules:home"),
    "suspensions": (pgettext_lazy("evidence", "suspensions of automatic release"), "rules:home"),
    "critical_calls": (pgettext_lazy("evidence", "critical values told"), "quality:indicators"),
    "reports": (pgettext_lazy("evidence", "reports"), "reports:home"),
    "corrections": (pgettext_lazy("evidence", "notices of corrections"), "corrections:home"),
    "look_backs": (pgettext_lazy("evidence", "look-backs"), "corrections:home"),
    "requests": (pgettext_lazy("evidence", "electronic requests"), "quality:indicators"),
    "nonconformities": (pgettext_lazy("evidence", "nonconformities"), "quality:nonconformities"),
    "complaints": (pgettext_lazy("evidence", "complaints"), "quality:nonconformities"),
    "audits": (pgettext_lazy("evidence", "internal audits"), "quality:audits"),
    "risks": (pgettext_lazy("evidence", "risks"), "quality:risks"),
    "indicators": (pgettext_lazy("evidence", "figures by month and site"), "quality:indicators"),
    "reviews": (pgettext_lazy("evidence", "signed management reviews"), "quality:reviews"),
}
"""Each kind of record: its words and the page where it stands."""


@needs("manage_quality", "read_indicators")
def binder(request: SignedRequest) -> HttpResponse:
    """For each clause what is recorded at this place as evidence, and what is not."""
    found = binder_of(request.place, since=timezone.now() - YEAR)
    rows = [
        (one.clause.number, _name(one), Said(*STANDINGS[one.standing]), list(_records(one)), _missing(one))
        for one in found
    ]
    gaps = sum(one.standing is not Standing.HELD for one in found)
    return quality_page(
        request,
        "quality/accreditation.html",
        {"rows": rows, "gaps": gaps, "most": MOST, "standard": STANDARD},
        tab="accreditation",
    )


def _name(held: Held) -> str:
    return held.clause.name_ru if is_russian() else held.clause.name_en


def _missing(held: Held) -> str:
    return held.clause.missing_ru if is_russian() else held.clause.missing_en


def _records(held: Held) -> Iterator[tuple[Promise, int, str]]:
    for kind, count in held.counts.items():
        words, page = KINDS[kind]
        yield words, count, _address(page)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
