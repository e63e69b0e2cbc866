"""One way in and out for every address: every fault leaves as an OperationOutcome."""

import logging
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from aliquot.entrypoints.api.callers import identify
from aliquot.entrypoints.api.problems import Problem, problem
from aliquot.flow.exchange.rules.issues import ERROR, FATAL, Issue, operation_outcome
from aliquot.foundation.errors import Forbidden, Refused

FHIR_JSON: Final = "application/fhir+json"
_TAKEN: Final = {FHIR_JSON, "application/json", "application/*", "*/*"}
_LOG = logging.getLogger(__name__)


Handler = Callable[..., HttpResponse]
"""What does the work of one method: takes the request, who calls, and the parts of the address."""


def endpoint(**methods: Handler) -> Callable[..., HttpResponse]:
    """A view for accounts of other systems that answers these methods and refuses the others."""

    def view(request: HttpRequest, **parts: str) -> HttpResponse:
        return guarded(lambda: _handler(request, methods)(request, identify(request), **parts))

    return csrf_exempt(view)


def guarded(work: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of `work`, or the OperationOutcome of what stopped it."""
    try:
        return work()
    except Problem as stopped:
        return outcome(stopped.status, *stopped.issues, headers=stopped.headers)
    except Exception as failure:  # noqa: BLE001 - the last door: the caller gets an OperationOutcome, the log the rest
        return outcome(*_told(failure))


def answer(
    resource: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """A resource as JSON, with its version and time as headers."""
    response = HttpResponse(
        orjson.dumps(resource, default=_plain),
        status=status,
        content_type=f"{FHIR_JSON}; charset=utf-8",
        headers=headers,
    )
    response["Cache-Control"] = "no-store"
    if version := resource.get("meta", {}).get("versionId"):
        response["ETag"] = f'W/"{version}"'
    return response


def outcome(status: int, *issues: Issue, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An OperationOutcome with a status."""
    return answer(operation_outcome(issues), status, headers)


def _told(failure: Exception) -> tuple[int, Issue]:
    if isinstance(failure, Forbidden):
        return 403, Issue(ERROR, "forbidden", failure.reason)
    if isinstance(failure, Refused):
        return 422, Issue(ERROR, "business-rule", failure.reason)
    if isinstance(failure, RequestDataTooBig):
        return 413, Issue(ERROR, "too-long", "The document is too large.", "Send a smaller one.")
    if isinstance(failure, UnreadablePostError):
        return 400, Issue(ERROR, "incomplete", "The document broke off.", "Send it again.")
    _LOG.error("a FHIR request failed", exc_info=failure)
    return 500, Issue(FATAL, "exception", "The server failed.", "Send it again later.")


def _handler(request: HttpRequest, methods: Mapping[str, Handler]) -> Handler:
    method = "GET" if request.method == "HEAD" else request.method or ""
    if method not in methods:
        allowed = ", ".join(sorted(methods))
        raise problem(405, "not-supported", f"{method} is not done here.", f"Use {allowed}.", Allow=allowed)
    accepted = {
        one.partition(";")[0].strip().lower() for one in request.headers.get("Accept", "*/*").split(",")
    }
    if not accepted & (_TAKEN | {"application/pdf"}):
        raise problem(406, "not-supported", "Only JSON is answered here.", f"Send Accept: {FHIR_JSON}.")
    if method == "POST" and request.content_type not in (FHIR_JSON, "application/json"):
        raise problem(
            415, "not-supported", f"{request.content_type or 'Nothing'} is not read.", f"Send {FHIR_JSON}."
        )
    return methods[method]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    raise TypeError(type(value).__name__)
