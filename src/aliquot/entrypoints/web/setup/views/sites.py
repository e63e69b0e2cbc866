"""Sites and their departments."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.setup.forms import DepartmentForm, SiteForm
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.foundation.errors import Refused
from aliquot.registers.network.actions import SiteFacts, add_department, change_site
from aliquot.registers.network.models import Bench, Department, NumberRange, Site


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


def _page(request: SignedRequest, found: Site, form: SiteForm, more: DepartmentForm) -> HttpResponse:
    context = {
        "site": found,
        "form": form,
        "department_form": more,
        "departments": Department.objects.filter(site=found).order_by("code"),
        "benches": Bench.objects.filter(department__site=found).select_related("department").order_by("code"),
        "ranges": NumberRange.objects.filter(site=found).order_by("kind"),
    }
    return render(request, "setup/site.html", context, status=422 if form.errors or more.errors else 200)
