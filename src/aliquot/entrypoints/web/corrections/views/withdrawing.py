"""One released value is withdrawn without a new one."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from aliquot.entrypoints.web.corrections.forms import WithdrawForm
from aliquot.entrypoints.web.corrections.words import said_value
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.results.actions import Then, withdraw_results
from aliquot.flow.results.queries import result_card
from aliquot.foundation.errors import Refused
from aliquot.registers.patients.actions import note_access


@needs("amend_result")
def withdraw(request: SignedRequest, result_id: int) -> HttpResponse:
    """Why it is withdrawn, and what becomes of the test; then back to the result."""
    result, form = result_card(result_id), WithdrawForm(request.POST or None)
    if result is None:
        raise Http404
    note_access([result.patient_id], "withdrawal", by=request.actor, at=timezone.now())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            withdraw_results(
                [result_id],
                reason=given["reason"],
                then=Then(given["then"]),
                by=request.actor,
                at=timezone.now(),
            )
            return redirect("bench:result", result_id)
        except Refused as fault:
            tell_refusal(form, fault)
    context = {"result": result, "said": said_value(result), "form": form}
    return render(request, "corrections/withdraw.html", context, status=422 if form.errors else 200)
