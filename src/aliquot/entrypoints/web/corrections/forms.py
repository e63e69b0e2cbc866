"""Forms of corrections: what to look for, what to do about it, who was told."""

from dataclasses import fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.queries import failures_of
from aliquot.flow.results.actions import Then
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.registers.catalogue.models import Test

MINUTES, MINUTES_FORMAT = {"type": "datetime-local"}, "%Y-%m-%dT%H:%M"
LINE = {"autocomplete": "off"}
REASON_MISSING = {"required": _("Write a reason: it is kept with the result.")}
THENS = [
    (Then.REPEAT.value, _("measure the same tube again")),
    (Then.OPEN.value, _("stays open: another tube or value will follow")),
    (Then.NOT_PERFORMED.value, _("not performed: there will be no value")),
]


class LookForForm(forms.Form):
    """What the results have in common; every field narrows."""

    analyzer = forms.ModelChoiceField(Analyzer.objects.none(), label=_("Analyzer"), required=False)
    test = forms.ModelChoiceField(Test.objects.none(), label=_("Test"), required=False, to_field_name="code")
    since = forms.DateTimeField(
        label=_("Measured since"),
        required=False,
        widget=forms.DateTimeInput(MINUTES, format=MINUTES_FORMAT),
    )
    until = forms.DateTimeField(
        label=_("Measured before"),
        required=False,
        widget=forms.DateTimeInput(MINUTES, format=MINUTES_FORMAT),
    )
    reagent_lot = forms.CharField(label=_("Reagent lot"), required=False, widget=forms.TextInput(LINE))
    calibrator_lot = forms.CharField(label=_("Calibrator lot"), required=False, widget=forms.TextInput(LINE))
    failure = forms.ChoiceField(label=_("Since the last good control before"), required=False)
    specimen = forms.CharField(label=_("Tube"), required=False, widget=forms.TextInput(LINE))
    order = forms.CharField(label=_("Order"), required=False, widget=forms.TextInput(LINE))

    def __init__(self, laboratory_id: int, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        devices = Analyzer.objects.filter(laboratory_id=laboratory_id).order_by("name")
        self.fields["analyzer"].queryset = devices  # type: ignore[attr-defined]
        self.fields["test"].queryset = Test.objects.order_by("code")  # type: ignore[attr-defined]
        failed = [(one.pk, f"{one.analyzer} {one.test.code}") for one in failures_of(laboratory_id)]
        self.fields["failure"].choices = [("", "—"), *failed]  # type: ignore[attr-defined]

    def criteria(self) -> Criteria:
        """What was asked for; call it when the form is valid."""
        given = self.cleaned_data
        found = {
            **{name: given[name] for name in ("since", "until", "reagent_lot", "calibrator_lot")},
            **{name: given[name].strip() for name in ("specimen", "order")},
            "analyzer_id": given["analyzer"].pk if given["analyzer"] else None,
            "test_id": given["test"].pk if given["test"] else None,
            "failure_id": int(given["failure"]) if given["failure"] else None,
        }
        return Criteria(**{one.name: found[one.name] for one in fields(Criteria)})


class ReasonForm(forms.Form):
    """The one reason of an action; it is told to every recipient."""

    reason = forms.CharField(
        label=_("Reason"), widget=forms.TextInput(LINE), error_messages=REASON_MISSING, max_length=1000
    )


class SettleForm(ReasonForm):
    """What is done with what was looked at: all that is open, or the ticked ones."""

    step = forms.ChoiceField(
        label=_("What to do"),
        choices=[
            ("release", _("give free again: the values hold")),
            ("repeat", _("withdraw and measure the same tubes again")),
            ("open", _("withdraw; the tests stay open")),
            ("not_performed", _("withdraw; the tests are not performed")),
            ("close", _("finish the look-back")),
        ],
    )
    result = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, offered: list[int], *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["result"].choices = [(one, one) for one in offered]  # type: ignore[attr-defined]


class WithdrawForm(ReasonForm):
    then = forms.ChoiceField(
        label=_("The test of the order"), choices=THENS, widget=forms.RadioSelect, initial=Then.OPEN.value
    )


class PhoneForm(forms.Form):
    """Who was told by telephone; nobody, when it was only tried."""

    told_to = forms.CharField(label=_("Told to"), required=False, widget=forms.TextInput(LINE))
    note = forms.CharField(label=_("Note"), required=False, widget=forms.TextInput(LINE))
