"""The parameters of a search, read strictly: what an unknown one should narrow would come whole."""

from typing import Final

from django.http import QueryDict

from aliquot.entrypoints.api.problems import problem
from aliquot.flow.exchange.queries.reports import ReportSearch
from aliquot.flow.exchange.rules.capability import SEARCHES
from aliquot.flow.exchange.rules.diagnostic_report import REPORT_STATUS
from aliquot.flow.exchange.rules.searching import Bound, read_bound, read_key, read_request_key, read_token

MOST_ROWS: Final = 100
_OURS: Final = {"_count", "_after", "_include", "_format", "_sort"}
INCLUDES: Final = "DiagnosticReport:result"


def read_search(given: QueryDict) -> ReportSearch:
    """What is looked for; raises a Problem 400 that names the parameter."""
    for name in given:
        if name not in SEARCHES and name not in _OURS:
            raise problem(
                400, "not-supported", f"{name} is no search parameter here.", f"Use {', '.join(SEARCHES)}."
            )
    _check_page(given)
    return ReportSearch(
        ids=_keys(given, "_id", "DiagnosticReport"),
        patients=[*_keys(given, "patient", "Patient"), *_keys(given, "subject", "Patient")],
        identifiers=[read_token(one) for one in _values(given, "identifier")],
        requests=_requests(given),
        released=[_bound(one) for one in given.getlist("_lastUpdated")],
        statuses=_statuses(given),
        count=min(_whole(given, "_count", 20), MOST_ROWS),
        after=_whole(given, "_after", 0),
    )


def wants_results(given: QueryDict) -> bool:
    """Whether the Observations are to come along."""
    return INCLUDES in given.getlist("_include")


def _check_page(given: QueryDict) -> None:
    if unknown := set(given.getlist("_include")) - {INCLUDES}:
        raise problem(400, "not-supported", f"_include={unknown.pop()} is not known.", f"Use {INCLUDES}.")
    if set(given.getlist("_sort")) - {"_lastUpdated"}:
        raise problem(
            400, "not-supported", "_sort: reports come in the order of their release.", "Leave _sort out."
        )


def _values(given: QueryDict, name: str) -> list[str]:
    found = [one for said in given.getlist(name) for one in said.split(",")]
    if any(not one or "\x00" in one for one in found):
        raise _wrong(name, "an empty text")
    return found


def _keys(given: QueryDict, name: str, kind: str) -> list[int]:
    return [_need(read_key(one, kind), name, one) for one in _values(given, name)]


def _requests(given: QueryDict) -> list[tuple[int, str]]:
    found = []
    for said in _values(given, "based-on"):
        key = read_request_key(said)
        if key is None:
            raise _wrong("based-on", said)
        found.append(key)
    return found


def _bound(said: str) -> Bound:
    found = read_bound(said)
    if found is None:
        raise _wrong("_lastUpdated", said)
    return found


def _statuses(given: QueryDict) -> list[str]:
    kinds = {status: kind for kind, status in REPORT_STATUS.items()}
    found = _values(given, "status")
    if unknown := set(found) - set(kinds):
        raise _wrong("status", unknown.pop())
    return [kinds[one] for one in found]


def _whole(given: QueryDict, name: str, default: int) -> int:
    said = given.get(name, str(default))
    if not (said.isascii() and said.isdigit() and len(said) < 19) or (name == "_count" and int(said) == 0):  # noqa: PLR2004 - a bigint
        raise _wrong(name, said)
    return int(said)


def _need(value: int | None, name: str, said: str) -> int:
    if value is None:
        raise _wrong(name, said)
    return value


def _wrong(name: str, said: str) -> Exception:
    return problem(
        400,
        "value",
        f"{name} is {said!r}, which cannot be read.",
        "Compare with the reference.",
        f"http.{name}",
    )
