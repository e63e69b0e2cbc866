"""Place an order: choose tests by typing, see the tubes that they take."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.ordering.basket import fill_basket
from aliquot.entrypoints.web.ordering.forms import OrderForm
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.orders.queries import recent_requesters
from aliquot.flow.specimens.actions import order_tests
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.queries import Orderable, panels_by_code, search_catalogue
from aliquot.registers.patients.actions import note_access
from aliquot.registers.patients.models import Patient


@needs("place_order")
def place(request: SignedRequest, pk: int) -> HttpResponse:
    """The order for one patient; placed, it goes straight to labels and the draw."""
    patient, codes = _patient(pk), request.POST.getlist("codes")
    note_access([patient.pk], "ordering", by=request.actor, at=timezone.now())
    form = OrderForm(request.POST or None, initial={"requester": _own_name(request)})
    if request.method == "POST" and form.is_valid():
        try:
            wanted = form.request_for(patient, codes)
            order = order_tests(wanted, site=request.place, by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            may_draw = request.actor.may("collect_specimen")
            return redirect("collection:draw" if may_draw else "ordering:order", order.number)
    context = {"patient": patient, "form": form, "basket": fill_basket(codes), "options": _panels()}
    context["requesters"] = recent_requesters(request.place)
    return render(request, "ordering/place.html", context, status=422 if form.errors else 200)


@needs("place_order")
def catalogue(request: SignedRequest) -> HttpResponse:
    """What fits the typed text; all panels while nothing is typed."""
    text = request.GET.get("find", "").strip()
    context = {"options": search_catalogue(text) if text else _panels(), "text": text}
    return render(request, "ordering/_options.html", context)


@needs("place_order")
@require_POST
def basket(request: SignedRequest) -> HttpResponse:
    """The chosen tests and their tubes after one was added or taken out."""
    out = request.POST.get("remove", "")
    codes = [code for code in request.POST.getlist("codes") if code != out]
    added = [request.POST["add"]] if request.POST.get("add") else []
    return render(request, "ordering/_basket.html", {"basket": fill_basket([*codes, *added])})


def _panels() -> list[Orderable]:
    return [
        Orderable(one.code, one.name, one.short, is_panel=True, members=tuple(one.members))
        for one in panels_by_code().values()
    ]


def _own_name(request: SignedRequest) -> str:
    return request.actor.name if "physician" in request.actor.roles else ""


def _patient(pk: int) -> Patient:
    found = Patient.objects.filter(pk=pk, merged_into=None).first()
    if found is None:
        raise Http404
    return found
