"""Register, claim, correct and merge patients."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.ordering.forms import ClaimForm, NumberForm, PatientForm, ReasonForm
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.entrypoints.web.shell.wording import day_text
from aliquot.flow.orders.queries import orders_of_patient
from aliquot.foundation.errors import Refused
from aliquot.registers.patients.actions import (
    PatientFacts,
    claim_patient,
    merge_patients,
    note_access,
    register_patient,
    unmerge_patients,
    update_patient,
)
from aliquot.registers.patients.models import Patient, PatientMerge
from aliquot.registers.patients.queries import find_duplicates


@needs("register_patient")
def register(request: SignedRequest) -> HttpResponse:
    """A new patient; records that may be the same person are shown before anything is saved."""
    form = PatientForm(request.POST or None, initial={"family_name": request.GET.get("name", "")})
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        context["likely"] = [] if form.cleaned_data["confirmed"] else find_duplicates(form.draft())
        if not context["likely"] and (patient := _registered(request, form)):
            messages.success(request, _("The patient is registered."))
            return redirect("ordering:place", patient.pk)
        if context["likely"]:
            form.compare()
        seen = [one.patient.pk for one in context["likely"]]
        note_access(seen, "duplicates", by=request.actor, at=timezone.now())
    return render(request, "ordering/register.html", context, status=422 if form.errors else 200)


@needs("register_patient")
def check_number(request: SignedRequest) -> HttpResponse:
    """The field of a number again, with what its check digits say."""
    name = "policy_number" if "policy_number" in request.GET else "snils"
    form = NumberForm({name: request.GET.get(name, "")})
    form.is_valid()
    return render(request, "ordering/_number.html", {"bound": form[name], "name": name})


@needs("register_patient")
def claim(request: SignedRequest) -> HttpResponse:
    """A patient whom another clinic of the region registered."""
    form = ClaimForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = claim_patient(
                site=request.place, by=request.actor, at=timezone.now(), **form.cleaned_data
            )
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The patient is now known at this clinic too."))
            return redirect("ordering:patient", found.pk)
    return render(request, "ordering/claim.html", {"form": form}, status=422 if form.errors else 200)


@needs("register_patient", "view_order")
def card(request: SignedRequest, pk: int) -> HttpResponse:
    """Who the patient is, the orders, and records that may be the same person."""
    patient = _patient(pk)
    if patient.merged_into_id:
        return redirect("ordering:patient", patient.merged_into_id)
    note_access([patient.pk], "card", by=request.actor, at=timezone.now())
    may_merge = request.actor.may("merge_patients")
    context = {
        "patient": patient,
        "orders": orders_of_patient(patient)[:30],
        "likely": find_duplicates(patient) if may_merge else [],
        "merges": PatientMerge.objects.filter(kept=patient, undone_at=None).select_related("merged"),
        "form": ReasonForm(),
    }
    return render(request, "ordering/patient.html", context)


@needs("register_patient")
def edit(request: SignedRequest, pk: int) -> HttpResponse:
    """Correct what is written about a patient."""
    patient = _patient(pk)
    facts = {name: getattr(patient, name) for name in PatientFacts.__slots__}
    form = PatientForm(request.POST or None, initial=facts)
    if request.method == "POST" and form.is_valid():
        try:
            update_patient(patient, form.facts(), by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            return redirect("ordering:patient", patient.pk)
    context = {"form": form, "patient": patient}
    return render(request, "ordering/edit.html", context, status=422 if form.errors else 200)


@needs("merge_patients")
def merge(request: SignedRequest, pk: int, other: int) -> HttpResponse:
    """Two records side by side, and the decision that they are one person."""
    kept, merged = _patient(pk), _patient(other)
    note_access([kept.pk, merged.pk], "merge", by=request.actor, at=timezone.now())
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            merge_patients(kept, merged, by=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The records are one now. It can be undone on this page."))
            return redirect("ordering:patient", kept.pk)
    context = {"form": form, "kept": kept, "merged": merged, "rows": _compared(kept, merged)}
    return render(request, "ordering/merge.html", context, status=422 if form.errors else 200)


@needs("merge_patients")
@require_POST
def unmerge(request: SignedRequest, pk: int) -> HttpResponse:
    """Undo a merge as a whole."""
    found = PatientMerge.objects.filter(pk=pk).first() or _nothing()
    try:
        unmerge_patients(found, reason=request.POST.get("reason", ""), by=request.actor, at=timezone.now())
    except Refused as fault:
        messages.warning(request, fault.reason)
        return redirect("ordering:patient", found.kept_id)
    messages.success(request, _("The merge is undone; both records stand again."))
    return redirect("ordering:patient", found.merged_id)


def _registered(request: SignedRequest, form: PatientForm) -> Patient | None:
    try:
        return register_patient(form.facts(), site=request.place, by=request.actor, at=timezone.now())
    except Refused as fault:
        tell_refusal(form, fault)
        return None


def _patient(pk: int) -> Patient:
    found = Patient.objects.select_related("home_site").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _nothing() -> PatientMerge:
    raise Http404


def _compared(one: Patient, other: Patient) -> list[dict[str, Any]]:
    """What both records say, line by line."""
    named = PatientForm.base_fields
    fields = ("family_name", "given_name", "patronymic", "birth_date", "sex", "snils", "policy_number")
    return [
        {
            "label": named[name].label,
            "kept": _shown(one, name),
            "merged": _shown(other, name),
            "differs": getattr(one, name) != getattr(other, name),
        }
        for name in fields
    ]


def _shown(patient: Patient, name: str) -> object:
    value = getattr(patient, name)
    if name == "birth_date":
        return day_text(value) if value else ""
    return patient.get_sex_display() if name == "sex" else value
