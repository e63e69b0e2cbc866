"""Forms of the bench: decisions, entries, calls."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aliquot.flow.results.models import CriticalCall
from aliquot.registers.catalogue.models import Test

LINE = {"autocomplete": "off", "autofocus": True}
MINUTES, MINUTES_FORMAT = {"type": "datetime-local"}, "%Y-%m-%dT%H:%M"


class ReasonForm(forms.Form):
    """A reason in one's own words, or one of the ready ones."""

    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.TextInput(attrs=LINE),
        error_messages={"required": _("Write a reason: it is kept with the result.")},
    )
    ready = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if ready := given.get("ready"):
            self.errors.pop("reason", None)
            return given | {"reason": ready}
        return given


class RepeatForm(ReasonForm):
    """Why a test is measured again, and how the tube is to be diluted."""

    dilution = forms.RegexField(
        r"^[0-9A-Za-z.:/+-]{1,12}$",
        label=_("Dilution"),
        required=False,
        help_text=_("In the analyzer's own form, for example 1:5 or 10."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": _("Letters, digits, dot, colon, slash; at most twelve.")},
    )


class RedrawForm(forms.Form):
    """Why another tube is needed: a code of the catalogue's list."""

    reason_code = forms.CharField(
        label=_("Reason"), error_messages={"required": _("Choose a reason from the list.")}
    )


class PreloadForm(forms.Form):
    """One tube, or everything that waits."""

    specimen = forms.CharField(
        label=_("Only this tube"), required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class CommentForm(forms.Form):
    comment = forms.CharField(
        label=_("Comment on the report"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
    )
    ready = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Ready words come after what was written; the same words stand there once."""
        given = super().clean() or {}
        lines = [given.get("comment", "").strip(), given.get("ready", "").strip()]
        if lines[1] and lines[1] in lines[0]:
            lines.pop()
        return given | {"comment": "\n".join(one for one in lines if one)}


class AmendForm(forms.Form):
    value = forms.CharField(label=_("Corrected value"), widget=forms.TextInput(attrs=LINE))
    reason = forms.CharField(
        label=_("Why it is amended"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class ReleaseForm(forms.Form):
    """The results of an order that the person saw and ticked."""

    result = forms.TypedMultipleChoiceField(coerce=int, choices=())

    def __init__(self, offered: list[int], *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["result"].choices = [(one, one) for one in offered]  # type: ignore[attr-defined]
        self.fields["result"].error_messages["required"] = _("Choose at least one result.")
        self.fields["result"].error_messages["invalid_choice"] = _(
            "A colleague has decided one of them. Look again."
        )


class EntryForm(forms.Form):
    """One value from the keyboard, in the test's unit."""

    value = forms.CharField(label=_("Value"), widget=forms.TextInput(attrs={"autocomplete": "off"}))


class ToldForm(forms.Form):
    told_to = forms.CharField(label=_("Told to"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(
        label=_("Who that is"),
        choices=CriticalCall.ToldRole.choices,
        initial=CriticalCall.ToldRole.PHYSICIAN,
        required=False,
    )
    how = forms.ChoiceField(
        label=_("How"),
        choices=[(one.value, one.label) for one in CriticalCall.How if one != CriticalCall.How.APP],
        initial=CriticalCall.How.PHONE,
        required=False,
    )
    read_back = forms.CharField(
        label=_("Read back to you"),
        help_text=_("Type the value as you heard it: its digits must match."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "decimal"}),
    )
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class TriedForm(forms.Form):
    note = forms.CharField(
        label=_("Whom you tried to reach, and how"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class AssignForm(forms.Form):
    specimen = forms.CharField(
        label=_("Number of the tube"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    reason = forms.CharField(label=_("Reason"), widget=forms.TextInput(attrs={"autocomplete": "off"}))


class ReplayForm(forms.Form):
    """A stretch of old messages to be read again; the reason is needed when it is applied."""

    since = forms.DateTimeField(label=_("Since"), widget=forms.DateTimeInput(MINUTES, format=MINUTES_FORMAT))
    until = forms.DateTimeField(label=_("Until"), widget=forms.DateTimeInput(MINUTES, format=MINUTES_FORMAT))
    after = forms.IntegerField(required=False, widget=forms.HiddenInput())
    reason = forms.CharField(label=_("Why"), required=False)


class StandingForm(forms.Form):
    """How one test of an analyzer, or all of them, stand from now on; what is left empty stays as it is."""

    test = forms.ChoiceField(label=_("Test"), required=False)
    qc_state = forms.ChoiceField(
        label=_("Control"),
        required=False,
        choices=[
            ("", _("as it is")),
            ("in_control", _("in control")),
            ("out_of_control", _("out of control: nothing is released by rules")),
        ],
    )
    calibrated_until = forms.DateTimeField(
        label=_("Calibration valid until"),
        required=False,
        widget=forms.DateTimeInput(attrs=MINUTES, format=MINUTES_FORMAT),
    )
    calibrator_lot = forms.CharField(label=_("Lot of the calibrator"), required=False, max_length=60)
    reagent_lot = forms.CharField(label=_("Lot of the reagent"), required=False, max_length=60)
    reagent_expires_at = forms.DateTimeField(
        label=_("Reagent may be used until"),
        required=False,
        widget=forms.DateTimeInput(attrs=MINUTES, format=MINUTES_FORMAT),
    )
    note = forms.CharField(label=_("Why"), widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, tests: Iterable[Test], *given: Any) -> None:
        super().__init__(*given)
        names = [(one.code, f"{one.code} {one.name}") for one in tests]
        self.fields["test"].choices = [("", _("all tests of this analyzer")), *names]  # type: ignore[attr-defined]  # a field of choices
