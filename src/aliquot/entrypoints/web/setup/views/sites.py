"""Sites and their departments."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.setup.forms import ContactForm, DepartmentForm, SiteForm
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.foundation.errors import Refused
from aliquot.registers.network.actions import (
    ContactFacts,
    SiteFacts,
    add_department,
    change_site,
    keep_contact,
)
from aliquot.registers.network.models import Bench, Contact, Department, NumberRange, Site


@needs("manage_registers")
def sites(request: SignedRequest) -> HttpResponse:
    """Every site, laboratories first."""
    found = Site.objects.select_related("organisation", "laboratory").order_by("laboratory_id", "code")
    rows = sorted(found, key=lambda one: (one.kind == Site.Kind.COLLECTION_POINT, one.code))
    return render(request, "setup/sites.html", {"sites": rows})


@needs("manage_registers")
def site(request: SignedRequest, code: str) -> HttpResponse:
    """One site, to be changed."""
    found = get_object_or_404(Site, code=code)
    names = SiteFacts.__slots__
    form = SiteForm(request.POST or None, initial={name: getattr(found, name) for name in names})
    if request.method == "POST" and form.is_valid():
        try:
            change_site(found, SiteFacts(**form.cleaned_data), by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The site is changed."))
            return redirect("setup:sites")
    return _page(request, found, form, DepartmentForm(auto_id="department-%s"))


@require_POST
@needs("manage_registers")
def department(request: SignedRequest, code: str) -> HttpResponse:
    """A new department of this site."""
    found, form = get_object_or_404(Site, code=code), DepartmentForm(request.POST, auto_id="department-%s")
    if form.is_valid():
        try:
            add_department(found, **form.cleaned_data, by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The department is added."))
            return redirect("setup:site", code)
    names = SiteFacts.__slots__
    return _page(request, found, SiteForm(initial={name: getattr(found, name) for name in names}), form)


@require_POST
@needs("manage_registers")
def contact(request: SignedRequest, code: str) -> HttpResponse:
    """Somebody who is reached here when a value is critical."""
    found, form = get_object_or_404(Site, code=code), ContactForm(request.POST, auto_id="contact-%s")
    if form.is_valid():
        try:
            facts = ContactFacts(site_id=found.pk, **form.facts)
            keep_contact(facts, by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The contact is added."))
            return redirect("setup:site", code)
    names = SiteFacts.__slots__
    given = SiteForm(initial={name: getattr(found, name) for name in names})
    return _page(request, found, given, DepartmentForm(auto_id="department-%s"), form)


@require_POST
@needs("manage_registers")
def end_contact(request: SignedRequest, code: str, pk: int) -> HttpResponse:
    """Nobody answers there any more; what was kept of calls stays."""
    kept = get_object_or_404(Contact, pk=pk, site__code=code)
    facts = ContactFacts(**{name: getattr(kept, name) for name in ContactFacts.__slots__})
    keep_contact(replace(facts, is_active=False), contact=kept, by=request.actor, at=timezone.now())
    messages.success(request, _("The contact is taken off."))
    return redirect("setup:site", code)


def _page(
    request: SignedRequest,
    found: Site,
    form: SiteForm,
    more: DepartmentForm,
    contact_form: ContactForm | None = None,
) -> HttpResponse:
    whom = contact_form or ContactForm(auto_id="contact-%s")
    context = {
        "contact_form": whom,
        "contacts": Contact.objects.filter(site=found, is_active=True).order_by("function", "id"),
        "site": found,
        "form": form,
        "department_form": more,
        "departments": Department.objects.filter(site=found).order_by("code"),
        "benches": Bench.objects.filter(department__site=found).select_related("department").order_by("code"),
        "ranges": NumberRange.objects.filter(site=found).order_by("kind"),
    }
    has_errors = form.errors or more.errors or whom.errors
    return render(request, "setup/site.html", context, status=422 if has_errors else 200)
