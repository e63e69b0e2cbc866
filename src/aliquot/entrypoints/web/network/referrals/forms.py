"""Forms of work between regions."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aliquot.oversight.referrals.models import Partner


class SendForm(forms.Form):
    """A tube's tests for another region's laboratory."""

    number = forms.CharField(label=_("Tube"), max_length=40)
    tests = forms.CharField(label=_("Codes of the tests, with spaces between"), max_length=400)
    partner = forms.TypedChoiceField(label=_("Laboratory"), coerce=int)

    def __init__(self, *args: Any, partners: Sequence[Partner], **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["partner"].choices = [(one.pk, str(one.site)) for one in partners]  # type: ignore[attr-defined]


class AgreementForm(forms.Form):
    """An agreement with another region's laboratory."""

    node = forms.SlugField(label=_("Code of the node"), max_length=31)
    name_en = forms.CharField(label=_("Name in English"), max_length=200)
    name_ru = forms.CharField(label=_("Name in Russian"), max_length=200)
    numbers = forms.CharField(label=_("Beginning of the numbers of its orders"), max_length=8)
    until = forms.DateTimeField(
        label=_("Until, for help in a surge"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
