"""The forms of ordering. What an action knows better it says itself; a form only reads what was typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from aliquot.flow.orders.actions import OrderRequest
from aliquot.flow.orders.models import Urgency
from aliquot.registers.patients.actions import PatientFacts
from aliquot.registers.patients.models import Patient
from aliquot.registers.patients.rules.identifiers import Verdict, check_policy_number, check_snils

DATES = ["%d.%m.%Y", "%d%m%Y", "%Y-%m-%d", "%d/%m/%Y", "%d %m %Y"]
WRONG_DATE = _("Type the date as 31.12.1980.")


def birth_date_field(*, required: bool) -> forms.DateField:
    """A birth date as it is typed from a document: 31.12.1980 or 31121980."""
    attributes = {"placeholder": "31.12.1980", "inputmode": "numeric", "autocomplete": "off"}
    return forms.DateField(
        label=_("Date of birth"),
        required=required,
        input_formats=DATES,
        widget=forms.DateInput(attrs=attributes, format="%d.%m.%Y"),
        error_messages={"invalid": WRONG_DATE, "required": WRONG_DATE},
    )


class AskedField(forms.CharField):
    """A text that is asked for; whether it may be left out the action says, with every other reason."""

    def validate(self, value: str) -> None:
        """Nothing: an empty text is the action's to refuse."""


def _text(label: Any, *, asked: bool = False, **attributes: Any) -> forms.CharField:
    kind, widget = AskedField if asked else forms.CharField, {"autocomplete": "off", **attributes}
    return kind(label=label, required=asked, widget=forms.TextInput(attrs=widget))


class PatientForm(forms.Form):
    """Who the patient is, as the document says."""

    family_name = _text(_("Family name"), asked=True, autofocus=True)
    given_name = _text(_("Given name"), asked=True)
    patronymic = _text(_("Patronymic"))
    birth_date = birth_date_field(required=False)
    sex = forms.ChoiceField(
        label=_("Sex"), choices=Patient.Sex.choices, initial="U", widget=forms.RadioSelect
    )
    snils = _text(_("SNILS"), inputmode="numeric", placeholder="112-233-445 95")
    policy_number = _text(_("Policy number"), inputmode="numeric", placeholder=_("16 digits"))
    is_unidentified = forms.BooleanField(label=_("The patient cannot be identified now"), required=False)
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_snils(self) -> str:
        return _checked(self.cleaned_data["snils"], check_snils)

    def clean_policy_number(self) -> str:
        return _checked(self.cleaned_data["policy_number"], check_policy_number)

    def facts(self) -> PatientFacts:
        """What was typed, as the action takes it."""
        return PatientFacts(**{name: self.cleaned_data[name] for name in PatientFacts.__slots__})

    def compare(self) -> None:
        """Leave the focus to the records that are shown for comparison."""
        self.fields["family_name"].widget.attrs.pop("autofocus", None)

    def draft(self) -> Patient:
        """The record it would become, to be compared with those that exist."""
        return Patient(**{name: self.cleaned_data[name] for name in PatientFacts.__slots__})


class NumberForm(forms.Form):
    """One number while it is typed, checked when its field is left."""

    snils = PatientForm.base_fields["snils"]
    policy_number = PatientForm.base_fields["policy_number"]
    clean_snils = PatientForm.clean_snils
    clean_policy_number = PatientForm.clean_policy_number


class ClaimForm(forms.Form):
    """The region's patient by a number and the birth date."""

    snils = _text(_("SNILS"), inputmode="numeric", placeholder="112-233-445 95", autofocus=True)
    policy_number = _text(_("or policy number"), inputmode="numeric", placeholder=_("16 digits"))
    birth_date = birth_date_field(required=True)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("snils") and not given.get("policy_number"):
            self.add_error("snils", _("Type the SNILS or the policy number."))
        return given


class OrderForm(forms.Form):
    """Everything of an order but its tests."""

    urgency = forms.ChoiceField(
        label=_("Urgency"), choices=Urgency.choices, initial=Urgency.ROUTINE, widget=forms.RadioSelect
    )
    requester = _text(_("Requesting physician"), asked=True, list="requesters")
    ward = _text(_("Ward or room"))
    diagnosis = _text(_("Diagnosis, ICD-10"), placeholder="E11.9", maxlength=200)
    is_pregnant = forms.TypedChoiceField(
        label=_("Pregnant"),
        required=False,
        choices=[("", _("not stated")), ("yes", _("yes")), ("no", _("no"))],
        coerce=lambda typed: typed == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Note for the laboratory"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def request_for(self, patient: Patient, codes: list[str]) -> OrderRequest:
        """The order as the action takes it."""
        return OrderRequest(patient_id=patient.pk, codes=codes, **self.cleaned_data)


class ReasonForm(forms.Form):
    """Why; the action refuses an empty reason in its own words."""

    reason = _text(_("Reason"), asked=True)
    conflict_reason = _text(_("Why the two SNILS differ"), asked=True)


class SpanForm(forms.Form):
    """The first and the last day of a list."""

    since = forms.DateField(label=_("from"), input_formats=DATES, widget=forms.DateInput(format="%d.%m.%Y"))
    until = forms.DateField(label=_("until"), input_formats=DATES, widget=forms.DateInput(format="%d.%m.%Y"))


class AddingForm(forms.Form):
    """Who asked for further tests; the action says when it must not be left out."""

    reason = _text(_("Who asked for it"), maxlength=300)


def _checked(typed: str, check: Any) -> str:
    verdict: Verdict | None = check(typed) if typed.strip() else None
    if verdict is not None and not verdict.may_be_kept:
        raise forms.ValidationError(f"{say(verdict.reason) % dict(verdict.values)} {say(verdict.remedy)}")
    return typed
