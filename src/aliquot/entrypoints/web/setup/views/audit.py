"""Who changed what, before and after; whether the audit is whole."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.setup.forms import AuditForm
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.foundation.audit.queries import Change, broken_blocks, changes, extent
from aliquot.registers.people.models import Person
from aliquot.registers.people.queries import names_of

SHOWN = 200


@needs("read_audit")
def audit(request: SignedRequest) -> HttpResponse:
    """The latest changes, narrowed by table, row, person and time."""
    form = AuditForm(request.GET or None)
    with timezone.override(request.place.time_zone):  # a time is typed by the clock of the person's site
        given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    sought = {name: given.get(name) for name in ("since", "until")}
    found = changes(
        table=given.get("table") or "",
        row_id=given.get("row"),
        actor=given.get("actor") or "",
        since=sought["since"],
        until=sought["until"],
        limit=SHOWN,
    )
    protected = import_string(settings.ALIQUOT_PROTECTION)
    tables = sorted(name for name, one in protected.items() if one.is_audited)
    context = {
        "form": form,
        "changes": named(found),
        "tables": tables,
        "people": Person.objects.order_by("username"),
    }
    return render(request, "setup/audit.html", context | {"shown": SHOWN}, status=422 if form.errors else 200)


def named(found: Sequence[Change]) -> list[tuple[Change, str]]:
    """Each change with what its actor is called."""
    names = names_of(one.actor for one in found)
    return [(one, names[one.actor].name) for one in found]


@require_POST
@needs("read_audit")
def verify(request: SignedRequest) -> HttpResponse:
    """Every chain computed again from its first block."""
    context = {"broken": broken_blocks(), "extent": extent(), "at": timezone.now()}
    return render(request, "setup/_verified.html", context)
