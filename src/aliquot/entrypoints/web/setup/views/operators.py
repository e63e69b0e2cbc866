"""Who owns the data, who operates which site under which contract; changes planned and approved."""

from dataclasses import asdict
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.setup.operating import (
    ChangeForm,
    ContractForm,
    OrganisationForm,
    WithdrawForm,
    picture,
    told,
)
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs, tell_refusal
from aliquot.foundation.errors import Refused
from aliquot.oversight.succession.actions import approve_change, plan_change, withdraw_change
from aliquot.oversight.succession.models import OperatorChange
from aliquot.oversight.succession.queries import changes, effect_of
from aliquot.registers.network.actions import add_organisation, keep_contract
from aliquot.registers.network.models import Contract, Site
from aliquot.registers.network.queries import contracts, data_owner_at, spell_at, spells_of
from aliquot.registers.people.queries import names_of


@needs("plan_operator_change", "manage_registers")
@local_clock
def operators(request: SignedRequest) -> HttpResponse:
    """Sites with their operators on a line of time, contracts, changes."""
    return _page(request)


@require_POST
@needs("plan_operator_change")
@local_clock
def organisation(request: SignedRequest) -> HttpResponse:
    """An organisation that is new to the region."""
    form = OrganisationForm(request.POST, auto_id="organisation-%s")
    if form.is_valid():
        try:
            add_organisation(**form.cleaned_data, by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The organisation is added."))
            return redirect("setup:operators")
    return _page(request, organisation_form=form)


@require_POST
@needs("plan_operator_change")
@local_clock
def contract(request: SignedRequest) -> HttpResponse:
    """A contract with its document."""
    form = ContractForm(request.POST, request.FILES, auto_id="contract-%s")
    if form.is_valid():
        try:
            keep_contract(form.facts, by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The contract is kept."))
            return redirect("setup:operators")
    return _page(request, contract_form=form)


@needs("plan_operator_change", "manage_registers")
def document(request: SignedRequest, pk: int) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """The signed document of a contract, as it was given."""
    found = get_object_or_404(Contract, pk=pk)
    if not found.document:
        raise Http404
    named = {"Content-Disposition": f'attachment; filename="contract-{found.pk}"'}
    return HttpResponse(bytes(found.document), content_type="application/octet-stream", headers=named)


@require_POST
@needs("plan_operator_change")
@local_clock
def plan(request: SignedRequest) -> HttpResponse:
    """A change is planned; what it changes is shown before anybody approves it."""
    form = ChangeForm(request.POST, auto_id="change-%s")
    if form.is_valid():
        try:
            made = plan_change(**form.cleaned_data, by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The change is planned. Somebody else approves it."))
            return redirect("setup:operator-change", made.pk)
    return _page(request, change_form=form)


@needs("plan_operator_change")
def change(request: SignedRequest, pk: int) -> HttpResponse:
    """One change: what it changes, who planned it, who approved it."""
    return _change_page(request, _change(pk))


@require_POST
@needs("approve_operator_change")
def approve(request: SignedRequest, pk: int) -> HttpResponse:
    """The second person approves."""
    found = _change(pk)
    try:
        approve_change(found, by=request.actor, at=timezone.now())
    except Refused as fault:
        return _change_page(request, found, fault=fault)
    messages.success(request, _("The change is approved. It comes by itself at its moment."))
    return redirect("setup:operator-change", pk)


@require_POST
@needs("plan_operator_change")
def withdraw(request: SignedRequest, pk: int) -> HttpResponse:
    """A change that has not begun is taken back."""
    found, form = _change(pk), WithdrawForm(request.POST)
    if form.is_valid():
        try:
            withdraw_change(found, form.cleaned_data["why"], by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The change is withdrawn."))
            return redirect("setup:operator-change", pk)
    return _change_page(request, found, form=form)


def _change(pk: int) -> OperatorChange:
    return get_object_or_404(changes(), pk=pk)


def _laboratories() -> QuerySet[Site]:
    found = Site.objects.exclude(kind=Site.Kind.COLLECTION_POINT).select_related("organisation")
    return found.order_by("kind", "code")


def _page(
    request: SignedRequest,
    *,
    organisation_form: OrganisationForm | None = None,
    contract_form: ContractForm | None = None,
    change_form: ChangeForm | None = None,
) -> HttpResponse:
    sites, at, zone = list(_laboratories()), timezone.now(), ZoneInfo(request.place.time_zone)
    operated = spells_of(sites)
    context = {
        "picture": mark_safe(picture(sites, operated, at, zone)),  # noqa: S308 - every text in it is escaped
        "rows": [(site, spell_at(operated[site.pk], at)) for site in sites],
        "owner": data_owner_at(at),
        "contracts": contracts(),
        "changes": changes(),
        "at": at,
        "organisation_form": organisation_form or OrganisationForm(auto_id="organisation-%s"),
        "contract_form": contract_form or ContractForm(auto_id="contract-%s"),
        "change_form": change_form or ChangeForm(auto_id="change-%s"),
    }
    is_refused = organisation_form or contract_form or change_form
    return render(request, "setup/operators.html", context, status=422 if is_refused else 200)


def _change_page(
    request: SignedRequest,
    found: OperatorChange,
    *,
    form: WithdrawForm | None = None,
    fault: Refused | None = None,
) -> HttpResponse:
    names = names_of([found.planned_by, found.approved_by, found.withdrawn_by])
    context = {
        "change": found,
        "effect": told(found.effect or asdict(effect_of(found))),
        "planned_by": names[found.planned_by],
        "approved_by": names[found.approved_by],
        "withdrawn_by": names[found.withdrawn_by],
        "is_over": found.on <= timezone.now(),
        "is_own": found.planned_by == request.actor.key,
        "form": form or WithdrawForm(),
        "fault": fault,
    }
    return render(request, "setup/operator_change.html", context, status=422 if form or fault else 200)
