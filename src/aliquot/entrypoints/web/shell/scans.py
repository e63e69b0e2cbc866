"""Answer a scan: a part for the list, words and a sound; a repeated post gets the same answer again."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render

from aliquot.entrypoints.web.shell.access import SignedRequest

KEPT_SECONDS = 900
"""How long an answer is kept for a browser whose line broke after the server had taken the scan."""


def answered_before(request: SignedRequest) -> HttpResponse | None:
    """The answer that this very scan got already, when its `scan_id` comes a second time."""
    kept = cache.get(_key(request)) if request.POST.get("scan_id") else None
    return HttpResponse(kept["content"], headers=kept["headers"]) if kept else None


def answer_scan(
    request: SignedRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    outcome: str,
    text: object,
    follow: str = "",
) -> HttpResponse:
    """The part with its outcome: ok, problem or danger; with `follow` the browser goes to that address."""
    response = render(request, template, dict(context))
    told: dict[str, dict[str, str]] = {"scan": {"outcome": outcome, "text": str(text)}}
    response["HX-Trigger"] = json.dumps(told | ({"follow": {"url": follow}} if follow else {}))
    if request.POST.get("scan_id"):
        kept = {"content": response.content, "headers": {"HX-Trigger": response["HX-Trigger"]}}
        transaction.on_commit(lambda: cache.set(_key(request), kept, KEPT_SECONDS))
    return response


def _key(request: SignedRequest) -> str:
    scan = "".join(sign for sign in request.POST.get("scan_id", "")[:64] if sign.isalnum())
    return f"scan:{request.actor.person_id}:{scan}"
