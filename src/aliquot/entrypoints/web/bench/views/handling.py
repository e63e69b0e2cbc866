"""One result, one person: saying that one looks, taking over, taking back."""

import json

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.bench.handling import named
from aliquot.entrypoints.web.bench.pages import say
from aliquot.entrypoints.web.bench.views.verifying import card, note_opened, whole_answer
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.flow.results import actions
from aliquot.flow.results.queries import claims_at
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.people.queries import names_of


class UndoForm(forms.Form):
    """The results whose decision is taken back."""

    result = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, given: list[str]) -> None:
        super().__init__({"result": given})
        numbers = [one for one in given if one.isdecimal()]
        self.fields["result"].choices = [(one, one) for one in numbers]  # type: ignore[attr-defined]  # a field of choices


@needs("verify_result")
@require_POST
def claim(request: SignedRequest, result_id: int) -> HttpResponse:
    """This person still looks; the card anew when a colleague has the result now, or it is free again."""
    now, was_mine = timezone.now(), request.POST.get("mine") == "1"
    if request.POST.get("opened") == "1":  # fetched ahead, and now it stands there
        found = actions.claim_result(result_id, by=request.actor, at=now)
        note_opened(request, result_id, at=now)
    else:
        found = actions.keep_claim(result_id, by=request.actor, at=now)
    holder = named(found, request.actor)
    if holder.is_mine == was_mine:
        response = render(request, "bench/_claim.html", {"holder": holder, "result_id": result_id})
    else:
        response = card(request, result_id)
        response["HX-Retarget"], response["HX-Reswap"] = "#card", "innerHTML"
    response["HX-Trigger"] = json.dumps({"looks": _colleagues(request)})
    return response


@needs("verify_result")
@require_POST
def take_over(request: SignedRequest, result_id: int) -> HttpResponse:
    """This person has the result now; the colleague's page says so."""
    now = timezone.now()
    found = actions.claim_result(result_id, take_over=True, by=request.actor, at=now)
    if found is None or found.by != request.actor.key:
        return say(card(request, result_id), _("It was decided meanwhile: it waits no more."), "notice")
    return say(card(request, result_id), _("The result is yours now."))


@needs("verify_result")
@require_POST
def undo(request: SignedRequest) -> HttpResponse:
    """Take back what was decided last; the result opens again and stands in the list."""
    now, form = timezone.now(), UndoForm(request.POST.getlist("result"))
    ids = form.cleaned_data["result"] if form.is_valid() else []
    try:
        actions.undo_decisions(ids, by=request.actor, at=now)
    except Forbidden:
        raise
    except Refused as fault:
        return say(HttpResponse(status=204), fault, "notice")
    response = render(request, "bench/_card.html", whole_answer(request, ids[0], at=now))
    return say(response, _("Taken back: nothing has left the house."))


def _colleagues(request: SignedRequest) -> dict[str, str]:
    """Who else looks at which result here, by the id of its line."""
    claims = claims_at(request.place.pk, at=timezone.now())
    others = [one for one in claims if one.by != request.actor.key]
    names = names_of(one.by for one in others)
    return {str(one.result_id): names[one.by].name for one in others}
