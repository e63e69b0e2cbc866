"""Forms of monitors: what to design, the signature, the answer to an alarm."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aliquot.entrypoints.web.quality.forms import LINE, CauseSelect, NumberField
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.actions import DesignAsked
from aliquot.flow.quality.models import MonitorAlarm, MonitorDesign
from aliquot.registers.catalogue.models import Test

DAYS_OF_A_YEAR = 365.25


class MonitorDesignForm(forms.Form):
    """On which results a monitor is tried, what it has to find and how often it may be wrong."""

    analyzer = forms.ModelChoiceField(Analyzer.objects.none(), label=_("Analyzer"), to_field_name="code")
    test = forms.ModelChoiceField(Test.objects.none(), label=_("Test"), to_field_name="code")
    days = forms.IntegerField(label=_("Own results of the last days"), initial=60)
    error = forms.ChoiceField(
        label=_("What it has to find"), choices=MonitorDesign.Error.choices, required=False
    )
    tea = NumberField(label=_("Allowable error, %"))
    alarms_per_day = NumberField(label=_("False alarms a day, at most"), initial=Decimal("0.1"))
    is_routine = forms.BooleanField(label=_("Only routine orders"), required=False)
    is_unflagged = forms.BooleanField(
        label=_("Without results that the analyzer flagged"), required=False, initial=True
    )
    least_age = forms.IntegerField(label=_("From this age, years"), required=False, min_value=0)
    without_wards = forms.CharField(
        label=_("Without these wards, parted by commas"), required=False, widget=forms.TextInput(LINE)
    )

    def __init__(self, laboratory_id: int, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        devices = Analyzer.objects.filter(laboratory_id=laboratory_id)
        self.fields["analyzer"].queryset = devices.order_by("name")  # type: ignore[attr-defined]
        measured = Test.objects.filter(testmapping__analyzer__in=devices).distinct()
        self.fields["test"].queryset = measured.order_by("code")  # type: ignore[attr-defined]

    def asked(self) -> DesignAsked:
        """What was asked for; call it when the form is valid."""
        given = self.cleaned_data
        wards = [one.strip() for one in given["without_wards"].split(",") if one.strip()]
        said = {
            "urgencies": ["R"] if given["is_routine"] else None,
            "is_flagged": False if given["is_unflagged"] else None,
            "least_age_days": round(given["least_age"] * DAYS_OF_A_YEAR) if given["least_age"] else None,
            "without_wards": wards or None,
        }
        inclusion = {name: value for name, value in said.items() if value is not None}
        return DesignAsked(
            given["days"],
            float(given["tea"]) / 100,
            float(given["alarms_per_day"]),
            inclusion,
            given["error"] or MonitorDesign.Error.PROPORTIONAL.value,
        )


class SignForm(forms.Form):
    """Whether an alarm stops the test, and second thoughts."""

    blocks = forms.BooleanField(
        label=_("An alarm stops the release of this test"), required=False, initial=True
    )
    despite = forms.CharField(
        label=_("Why it is used although it falls short"), required=False, widget=forms.TextInput(LINE)
    )


class AlarmForm(forms.Form):
    """What was found and done about an alarm."""

    cause = forms.ChoiceField(
        label=_("What was found"), choices=MonitorAlarm.Cause.choices, widget=CauseSelect, required=False
    )
    action = forms.CharField(label=_("What was done"), required=False, widget=forms.TextInput(LINE))
