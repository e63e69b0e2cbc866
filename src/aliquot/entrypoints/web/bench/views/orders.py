"""Orders to analyzers: what waits to be sent, what none of them took, and the work list sent beforehand."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.bench.forms import PreloadForm, ReasonForm
from aliquot.entrypoints.web.bench.orders import order_rows
from aliquot.entrypoints.web.bench.pages import bench_page, is_part
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.instruments.actions import queue_orders, requeue_request, withdraw_request
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.queries import waiting_tubes
from aliquot.flow.instruments.queries.outbox import open_requests, request_of, settled_requests
from aliquot.foundation.errors import Refused

LOOKING, DECIDING = "view_reading", "manage_worklist"
MOST_TUBES = 500
"""Tubes of one preloaded work list; what is left over goes with the next one."""
READY = {
    "send": (gettext_lazy("The analyzer is ready again"), gettext_lazy("The cable is mended")),
    "withdraw": (
        gettext_lazy("Programmed at the analyzer by hand"),
        gettext_lazy("Measured on another analyzer"),
    ),
}


@needs(LOOKING)
def waiting(request: SignedRequest) -> HttpResponse:
    """What is still to be told, what failed first, with the chosen one; or what was told last."""
    is_told = request.GET.get("list") == "told"
    rows = order_rows((settled_requests if is_told else open_requests)(request.place.pk))
    asked = request.GET.get("chosen", "")
    chosen = int(asked) if asked.isdecimal() else rows[0].id if rows else None
    context = {"rows": rows, "is_told": is_told, **(_card(request, chosen) if chosen else {})}
    return bench_page(request, "bench/orders.html", context, tab="orders")


@needs(LOOKING)
def card(request: SignedRequest, request_id: int) -> HttpResponse:
    """One order to an analyzer: what it says, what became of it, what a person can do."""
    context = _card(request, request_id)
    if is_part(request):
        return render(request, "bench/_order.html", context)
    rows = order_rows(open_requests(request.place.pk))
    return bench_page(request, "bench/orders.html", {"rows": rows, **context}, tab="orders")


@needs(DECIDING)
@require_POST
def send(request: SignedRequest, request_id: int) -> HttpResponse:
    """Send it again."""
    return _decide(request, request_id, requeue_request, "send", _("It is sent again."))


@needs(DECIDING)
@require_POST
def withdraw(request: SignedRequest, request_id: int) -> HttpResponse:
    """Do not send it any more."""
    return _decide(request, request_id, withdraw_request, "withdraw", _("It is not sent any more."))


@needs(DECIDING)
@require_POST
def preload(request: SignedRequest, code: str) -> HttpResponse:
    """Tell an analyzer everything that waits for it, or one tube, before it asks."""
    found = get_object_or_404(Analyzer, code=code, laboratory=request.place)
    form = PreloadForm(request.POST)
    if form.is_valid():
        one = form.cleaned_data["specimen"]
        tubes = [one] if one else waiting_tubes(found, limit=MOST_TUBES)
        try:
            count = queue_orders(found, tubes, by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _told(count))
            return redirect("bench:analyzer", code)
    sentences = [str(one) for errors in form.errors.values() for one in errors]
    messages.error(request, " ".join(sentences))
    return redirect("bench:analyzer", code)


def _told(count: int) -> str:
    if not count:
        return _("Nothing new waits for it: it was told everything.")
    words = ngettext("%(count)d tube will be sent to it.", "%(count)d tubes will be sent to it.", count)
    return words % {"count": count}


def _decide(
    request: SignedRequest, request_id: int, action: Callable[..., None], dialog: str, words: str
) -> HttpResponse:
    context = _card(request, request_id)
    form = ReasonForm(request.POST, auto_id=f"{dialog}-%s")
    if form.is_valid():
        try:
            action(request_id, reason=form.cleaned_data["reason"], by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, words)
            return redirect("bench:orders")
    rows = order_rows(open_requests(request.place.pk))
    context |= {"rows": rows, "opened": dialog, dialog: form, "refused": form}
    return bench_page(request, "bench/orders.html", context, tab="orders", status=422)


def _card(request: SignedRequest, request_id: int) -> dict[str, Any]:
    found = request_of(request.place.pk, request_id)
    if found is None:
        raise Http404
    return {
        "one": order_rows([found])[0],
        "may_decide": request.actor.may(DECIDING),
        "send": ReasonForm(auto_id="send-%s"),
        "withdraw": ReasonForm(auto_id="withdraw-%s"),
        "ready": READY,
    }
