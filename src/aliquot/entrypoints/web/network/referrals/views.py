"""Tubes that go to another region's laboratory and come from one, and the agreements."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.network.referrals.forms import AgreementForm, SendForm
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs, tell_refusal
from aliquot.flow.specimens.queries import find_specimen
from aliquot.foundation.errors import Refused
from aliquot.oversight.referrals.actions import agree_partner, send_out
from aliquot.oversight.referrals.models import Partner, Referral
from aliquot.oversight.referrals.queries import latest_referrals, partners_of

SHOWN = 50


@needs("refer_specimen", "manage_federation")
def home(request: SignedRequest) -> HttpResponse:
    """What went out and came lately, and the forms to send a tube and to agree with a laboratory."""
    return _page(request)


@require_POST
@needs("refer_specimen")
def send(request: SignedRequest) -> HttpResponse:
    """Tests of a tube are asked of another region's laboratory."""
    form = SendForm(request.POST, partners=partners_of(request.place.pk, timezone.now()))
    if form.is_valid():
        try:
            referral = _sent(request, form)
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            words = _("Asked of %(laboratory)s. Pack the tube for it; its label stays as it is.")
            messages.success(request, words % {"laboratory": referral.partner.site})
            return redirect("network:referrals")
    return _page(request, sending=form)


@require_POST
@needs("manage_federation")
@local_clock
def agree(request: SignedRequest) -> HttpResponse:
    """An agreement is kept, or its end is changed."""
    form = AgreementForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        facts = {name: given[name] for name in ("name_en", "name_ru", "until")}
        try:
            agree_partner(
                given["node"],
                **facts,
                prefix=given["numbers"],
                laboratory=request.place,
                by=request.actor,
                at=timezone.now(),
            )
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The agreement is kept."))
            return redirect("network:referrals")
    return _page(request, agreement=form)


def _sent(request: SignedRequest, form: SendForm) -> Referral:
    given = form.cleaned_data
    tube = find_specimen(given["number"].strip())
    if tube is None:
        words = _("No tube has this number here.")
        raise Refused(words, fields={"number": words})
    partner = Partner.objects.select_related("site").get(pk=given["partner"])
    codes = sorted(set(given["tests"].upper().split()))
    return send_out(tube, codes, to=partner, by=request.actor, at=timezone.now())


def _page(
    request: SignedRequest, *, sending: SendForm | None = None, agreement: AgreementForm | None = None
) -> HttpResponse:
    partners = partners_of(request.place.pk, timezone.now())
    context = {
        "sending": sending or SendForm(partners=partners),
        "agreement": agreement or AgreementForm(),
        "partners": partners,
        "referrals": latest_referrals(request.place.pk, limit=SHOWN),
    }
    return render(request, "network/referrals.html", context, status=422 if sending or agreement else 200)
