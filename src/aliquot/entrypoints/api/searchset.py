"""A page of found reports as a Bundle."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from aliquot.flow.exchange.rules.diagnostic_report import diagnostic_report, observations
from aliquot.flow.reports.models import Report


def searchset(
    request: HttpRequest, page: Sequence[Report], total: int, following: int | None, *, with_results: bool
) -> dict[str, Any]:
    """The Bundle of one page with links to itself and to the next. Source: FHIR R4, http.html#paging."""
    base = request.build_absolute_uri(reverse("fhir-base"))
    entries = [entry for one in page for entry in _entries(one, base, with_results=with_results)]
    links = [{"relation": "self", "url": request.build_absolute_uri()}]
    if following is not None:
        links.append({"relation": "next", "url": _next(request, base, following)})
    found: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "total": total, "link": links}
    return found | ({"entry": entries} if entries else {})


def _next(request: HttpRequest, base: str, following: int) -> str:
    query = request.GET.copy()
    query["_after"] = str(following)
    return f"{base}DiagnosticReport?{query.urlencode()}"


def _entries(report: Report, base: str, *, with_results: bool) -> Iterator[dict[str, Any]]:
    yield _entry(diagnostic_report(report.content, report_id=report.pk), base, "match")
    if with_results:
        for one in observations(report.content):
            yield _entry(one, base, "include")


def _entry(resource: dict[str, Any], base: str, mode: str) -> dict[str, Any]:
    url = f"{base}{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": url, "resource": resource, "search": {"mode": mode}}
