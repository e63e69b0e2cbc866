"""Tests that wait for a value, and values typed by hand."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.bench.forms import EntryForm
from aliquot.entrypoints.web.bench.measuring import PAGE, device_choices, filter_of, lines, section_choices
from aliquot.entrypoints.web.bench.pages import bench_page, say
from aliquot.entrypoints.web.bench.pictures import flag_of, reason_badges, said, short_name, value_text
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.instruments.queries import measuring_places
from aliquot.flow.orders.models import OrderItem
from aliquot.flow.results.actions import enter_result
from aliquot.flow.results.models import Result
from aliquot.flow.verification.rules.kinds.limits import CRITICAL_FLAGS
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.catalogue.models import Test


@needs("enter_result")
def worklist(request: SignedRequest) -> HttpResponse:
    """What is accepted and not measured yet: urgent first, then the longest waiting."""
    asked, now = filter_of(request.GET), timezone.now()
    rows, places = asked.rows(request.place.pk), measuring_places(request.place.pk)
    context = {
        "asked": asked,
        "lines": lines(rows, at=now),
        "is_more": len(rows) == PAGE,
        "sections": section_choices(places),
        "devices": device_choices(places),
    }
    return bench_page(request, "bench/worklist.html", context, tab="worklist")


@needs("enter_result")
def more(request: SignedRequest) -> HttpResponse:
    """The next page of the list."""
    asked = filter_of(request.GET)
    rows = asked.rows(request.place.pk, after=request.GET.get("after", ""))
    context = {"asked": asked, "lines": lines(rows, at=timezone.now()), "is_more": len(rows) == PAGE}
    return render(request, "bench/_lines.html", context)


@needs("enter_result")
@require_POST
def enter(request: SignedRequest, item_id: int) -> HttpResponse:
    """Keep a value from the keyboard; the line then says what became of it."""
    item = OrderItem.objects.select_related("test", "order__patient").filter(pk=item_id).first()
    if item is None:
        raise Http404
    form = EntryForm(request.POST)
    if form.is_valid():
        try:
            result = enter_result(item, form.cleaned_data["value"], by=request.actor, at=timezone.now())
        except Forbidden:
            raise
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            return _kept(request, item, result)
    return _not_kept(request, item, form)


def _kept(request: SignedRequest, item: OrderItem, result: Result) -> HttpResponse:
    """The line with its value; a critical one asks aloud for a call."""
    context = _line_of(item) | {
        "result": result,
        "value": value_text(result.value_text, result.value),
        "flag": flag_of(result.flag),
        "reasons": reason_badges(result.reasons),
    }
    response = render(request, "bench/_entered.html", context)
    if result.flag in CRITICAL_FLAGS:
        return say(response, _("Critical value: somebody must be told. See Critical values."), "danger")
    return response


def _not_kept(request: SignedRequest, item: OrderItem, form: EntryForm) -> HttpResponse:
    """The line with what was typed and why it was not kept; the field one types in now keeps the focus."""
    context = _line_of(item) | {"form": form, "given": request.POST.get("value", "")}
    response = render(request, "bench/_entry_refused.html", context, status=422)
    words = _("Not kept: %(test)s, %(name)s") % {"test": item.test.short, "name": context["name"]}
    return say(response, words, "notice")


def _line_of(item: OrderItem) -> dict[str, Any]:
    return {
        "item": item,
        "name": short_name(item.order.patient),
        "unit": said(item.test.unit, item.test.unit_ru),
        "is_words": item.test.scale != Test.Scale.QUANTITATIVE,
    }
