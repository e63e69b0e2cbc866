"""Added tests of a place: what waits for consent, soonest first; what was added lately; a list of charges."""

import csv
from datetime import date, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.ordering.adding import Proposal, may_add, proposals
from aliquot.entrypoints.web.ordering.forms import SpanForm
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.entrypoints.web.shell.origins import origin_words
from aliquot.flow.orders.rules.panels import needed_for
from aliquot.flow.results.models import AddOn
from aliquot.flow.results.queries import AddedItem, added_items, decided_add_ons, waiting_add_ons
from aliquot.registers.people.queries import Name, names_of

LOOKING = ("view_order", "place_order", "release_result")
DAYS = 30


@needs(*LOOKING)
def added(request: SignedRequest) -> HttpResponse:
    """What waits for consent, the tube that leaves first on top; or what was decided in a span of days."""
    shows_decided = request.GET.get("show") == "decided"
    form, since, until = _span(request)
    found: list[AddOn] = []
    if shows_decided:
        found = list(decided_add_ons(request.place.pk, since=since, until=until))
    names = names_of(key for one in found for key in (one.asked_by, one.decided_by) if key)
    waiting = sorted(proposals(waiting_add_ons(request.place.pk)), key=_pressing_first)
    context = {
        "waiting": waiting,
        "decided": [_row(one, names) for one in found],
        "shows_decided": shows_decided,
        "span": form,
        "may_consent": may_add(request),
    }
    return render(request, "ordering/added.html", context)


@needs(*LOOKING)
def charges(request: SignedRequest) -> HttpResponse:
    """Every added test of the orders placed in a span of days as CSV, for whoever makes the bill."""
    _form, since, until = _span(request)
    text = StringIO()
    lines = csv.writer(text, delimiter=";")
    heads = (_("Order"), _("Placed"), _("Site"), _("Test"), _("Service code (804n)"), _("Name"))
    lines.writerow([*heads, _("Added by"), _("Charged"), _("Status"), _("Runs")])
    items = added_items(request.place.pk, since=since, until=until)
    people = names_of({one.item.added_by for one in items if one.item.added_by.startswith("person:")})
    lines.writerows(_line(one, people, ZoneInfo(request.place.time_zone)) for one in items)
    # the mark lets a spreadsheet read Cyrillic
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"added-{since:%Y%m%d}-{until - timedelta(days=1):%Y%m%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _span(request: SignedRequest) -> tuple[SpanForm, datetime, datetime]:
    """The days that are asked for, the last `DAYS` unless said, from midnight to midnight of the place."""
    zone = ZoneInfo(request.place.time_zone)
    today = timezone.localtime(timezone.now(), zone).date()
    form = SpanForm(request.GET if "since" in request.GET else None, initial={"until": today})
    form.initial["since"] = first = today - timedelta(days=DAYS)
    if form.is_bound and form.is_valid():
        first, today = form.cleaned_data["since"], form.cleaned_data["until"]
    return form, _midnight(first, zone), _midnight(today + timedelta(days=1), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def _pressing_first(one: Proposal) -> tuple[bool, datetime]:
    """The tube that leaves first on top; where none serves any more, nothing presses."""
    return (one.until is None, one.until or one.add_on.asked_at)


def _row(one: AddOn, names: dict[str, Name]) -> dict[str, object]:
    return {
        "add_on": one,
        "origin": origin_words(one),
        "by": names[one.decided_by].name if one.decided_by else "",
    }


def _line(one: AddedItem, people: dict[str, Name], zone: ZoneInfo) -> list[object]:
    item, order, test = one.item, one.item.order, one.item.test
    needed, person = needed_for(item.added_by), people.get(item.added_by)
    origin = _("computed from it: %(test)s") % {"test": needed} if needed else item.added_by
    placed = timezone.localtime(order.placed_at, zone).strftime("%d.%m.%Y %H:%M")
    charged = _("yes") if item.is_billable else _("no")
    return [
        order.number, placed, str(order.ordering_site), test.code, test.nmu_804n, test.name,
        person.name if person else origin, charged, item.get_state_display(), one.runs,
    ]  # fmt: skip
