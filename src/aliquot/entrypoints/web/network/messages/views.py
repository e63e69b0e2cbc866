"""Messages to and from other nodes: what waits and why, what came of it, and what a person can do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.network.messages.forms import AddressForm
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.foundation.errors import Refused
from aliquot.oversight.federation.actions import begin_stream, open_line, probe_line, send_again, try_now
from aliquot.oversight.federation.models import MessageIn, MessageOut
from aliquot.oversight.federation.queries import LineState, latest_in, latest_out, line_states, line_to
from aliquot.oversight.federation.rules.faults import fault_words

SHOWN = 50


@dataclass(frozen=True, slots=True)
class LineWords:
    """A line as a person reads it: its state, what is wrong and what to do, in the reader's language."""

    state: LineState
    meaning: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Told:
    """A message with what became of it, in the reader's language."""

    message: MessageOut | MessageIn
    words: str


@needs("manage_federation")
def home(request: SignedRequest) -> HttpResponse:
    """Every line with what waits on it, and the latest messages both ways."""
    return _page(request, AddressForm())


@require_POST
@needs("manage_federation")
def address(request: SignedRequest) -> HttpResponse:
    """A line is opened to a node, or its address is changed."""
    form = AddressForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            open_line(given["node"], given["address"], by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The line to %(node)s is open.") % {"node": given["node"]})
            return redirect("network:messages")
    return _page(request, form)


@require_POST
@needs("manage_federation")
def probe(request: SignedRequest, peer: str) -> HttpResponse:
    """A message that asks the other node for an answer."""
    return _done(request, peer, probe_line, _("The question is sent; its answer appears below."))


@require_POST
@needs("manage_federation")
def retry(request: SignedRequest, peer: str) -> HttpResponse:
    """The line is tried at once."""
    return _done(request, peer, try_now, _("The line is tried now."))


@require_POST
@needs("manage_federation")
def renumber(request: SignedRequest, peer: str) -> HttpResponse:
    """What waits gets new numbers: for a node that was restored from a backup."""
    return _done(
        request, peer, begin_stream, _("The count began anew; what waits is sent under new numbers.")
    )


@require_POST
@needs("manage_federation")
def again(request: SignedRequest, uid: str) -> HttpResponse:
    """What was refused at the other node is sent once more."""
    found = MessageOut.objects.filter(uid=uid).first()
    if found is None:
        raise Http404
    try:
        send_again(found, by=request.actor, at=timezone.now())
    except Refused as fault:
        messages.error(request, fault.reason, extra_tags="danger")
    else:
        messages.success(request, _("It is sent once more."))
    return redirect("network:messages")


def _done(request: SignedRequest, peer: str, action: Callable[..., object], words: str) -> HttpResponse:
    line = line_to(peer)
    if line is None:
        raise Http404
    action(line, by=request.actor, at=timezone.now())
    messages.success(request, words)
    return redirect("network:messages")


def _page(request: SignedRequest, form: AddressForm) -> HttpResponse:
    context = {
        "form": form,
        "lines": [_worded(one) for one in line_states()],
        "sent": [Told(one, _answer(one.answer)) for one in latest_out(limit=SHOWN)],
        "came": [Told(one, _answer(one.outcome)) for one in latest_in(limit=SHOWN)],
        "now": timezone.now(),
    }
    return render(request, "network/messages.html", context, status=422 if form.errors else 200)


def _worded(one: LineState) -> LineWords:
    if one.line.fault:
        return LineWords(one, *fault_words(one.line.fault, _))
    if one.waiting and not one.line.address:
        return LineWords(one, _("No address is known for this node."), _("Enter it below."))
    return LineWords(one, "", "")


def _answer(said: Any) -> str:
    """What the node that carried it out says, as a sentence."""
    if not isinstance(said, dict):
        return ""
    if said.get("code") == "unknown_kind":
        words = _(
            "That node, version %(program)s, does not know this kind: upgrade it, then send it once more."
        )
        return words % {"program": said.get("program", "?")}
    if said.get("code") == "repeat":
        return _("It came before; it was not carried out twice.")
    language = "ru" if (get_language() or "en").startswith("ru") else "en"
    if said.get("code") == "refused":
        return str(said.get(language) or said.get("en") or "")
    if "program" in said:
        return _("Version %(program)s answers.") % {"program": said["program"]}
    return ""
