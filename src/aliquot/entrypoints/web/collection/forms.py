"""What a nurse enters beside the scans."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

LOCAL = "%Y-%m-%dT%H:%M"


class MomentField(forms.CharField):
    """A moment on the clock of the place; empty means now."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})

    def clean(self, value: str | None) -> datetime | None:
        if not (value or "").strip():
            return None
        try:
            return datetime.strptime(str(value)[:16], LOCAL)  # noqa: DTZ007 - the zone is the place's, see moment
        except ValueError as fault:
            raise forms.ValidationError(_("Enter day and time, or leave it empty for now.")) from fault


def moment(typed: datetime | None, zone: str, now: datetime) -> datetime:
    """What was typed on the clock of `zone`, or now."""
    return typed.replace(tzinfo=ZoneInfo(zone)) if typed else now


class DrawForm(forms.Form):
    """Who was asked, and when the tubes were drawn."""

    identity_confirmed = forms.BooleanField(
        label=_("Name and birth date were said aloud and are the same"), required=False
    )
    collected_at = MomentField(label=_("Drawn at"), required=False)


class SpinForm(forms.Form):
    """When the tubes came out of the centrifuge."""

    spun_at = MomentField(label=_("Centrifuged at"), required=False)
