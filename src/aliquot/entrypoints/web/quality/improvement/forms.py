"""Forms of improvement: what happened, what was done, why, what is done about it; audits; risks."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aliquot.entrypoints.web.quality.improvement.words import choices_of_risks
from aliquot.oversight.improvement.models import (
    AuditItem,
    Complaint,
    ImprovementAction,
    Nonconformity,
    Risk,
)
from aliquot.oversight.improvement.models.risks import Probability, Severity

LINE = {"autocomplete": "off"}
LINES = {"rows": 3}
WHYS = 5
DIGITS = 9
"""Choices that have a key of their own."""


class NumberedRadios(forms.RadioSelect):
    """Choices one under another, each chosen by its number key."""

    def create_option(self, *args: Any, **named: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(*args, **named)
        place = int(option["index"]) + 1
        if place <= DIGITS:
            option["attrs"] |= {"data-key": str(place), "data-key-text": str(option["label"])}
        return option


def line(label: Any, missing: Any = "", **attrs: Any) -> forms.CharField:
    """One line of words; `missing` is said where it must not be empty."""
    return _words(label, missing, forms.TextInput(LINE | attrs), 1000)


def lines(label: Any, missing: Any = "", **attrs: Any) -> forms.CharField:
    """Some lines of words."""
    return _words(label, missing, forms.Textarea(LINES | attrs), 4000)


def _words(label: Any, missing: Any, widget: forms.Widget, most: int) -> forms.CharField:
    said = {"required": missing} if missing else {}
    return forms.CharField(
        label=label, required=bool(missing), max_length=most, widget=widget, error_messages=said
    )


def day(label: Any) -> forms.DateField:
    """A day, chosen by the browser's own calendar."""
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


def rated(label: Any, kind: type[Severity | Probability], **named: Any) -> forms.TypedChoiceField:
    """One of five, with its number before its words."""

    def said() -> list[tuple[int, str]]:  # asked for each page, in its language
        return [(one.value, f"{one.value} · {one.label}") for one in kind]

    return forms.TypedChoiceField(label=label, coerce=int, choices=said, **named)


class RaiseForm(forms.Form):
    """What happened; `source` and `subject` come from the page where it happened."""

    source = forms.ChoiceField(label=_("What it is about"), choices=Nonconformity.Source.choices)
    subject = forms.IntegerField(required=False, widget=forms.HiddenInput)
    what = lines(_("What happened"), _("Say what happened."), autofocus=True)
    severity = rated(_("What it could do to a patient"), Severity, widget=NumberedRadios)
    complainant = line(_("Who complains"))
    channel = forms.ChoiceField(label=_("How it came"), choices=Complaint.Channel.choices, required=False)

    def __init__(self, *args: Any, is_given: bool, **named: Any) -> None:
        super().__init__(*args, **named)
        source = self["source"].value()
        if is_given:
            self.fields["source"].widget = forms.HiddenInput()
        else:  # the others come from their pages, with what they are about
            free = {Nonconformity.Source.OTHER, Nonconformity.Source.COMPLAINT}
            kept = [one for one in Nonconformity.Source.choices if one[0] in free]
            self.fields["source"].choices = kept[::-1]  # type: ignore[attr-defined]
        if is_given and source != Nonconformity.Source.COMPLAINT:
            del self.fields["complainant"], self.fields["channel"]


class WorkForm(forms.Form):
    """A form of a nonconformity; `people` may be given actions, `risks` are those of the laboratory."""

    def __init__(
        self,
        *args: Any,
        row: Nonconformity,
        people: Iterable[tuple[str, str]] = (),
        risks: Iterable[Risk] = (),
        **named: Any,
    ) -> None:
        super().__init__(*args, **named)
        for name in ("severity", "probability"):
            if name in self.fields:
                self.fields[name].initial = getattr(row, name)
        if "owner" in self.fields:
            self.fields["owner"].choices = [("", "—"), *people]  # type: ignore[attr-defined]
        if "risk" in self.fields:
            self.fields["risk"].choices = choices_of_risks(risks)  # type: ignore[attr-defined]


class ContainForm(WorkForm):
    containment = lines(
        _("What was done at once"), _("Say what was done at once, even if it was nothing."), autofocus=True
    )
    impact = forms.ChoiceField(label=_("Patients"), choices=Nonconformity.Impact.choices)
    severity = rated(_("Severity"), Severity)
    probability = rated(_("Probability that it comes again"), Probability)


class WordsForm(WorkForm):
    """A conclusion in words."""

    conclusion = line(_("In words"), _("Say what was learnt, or why no action is needed."))


class CauseForm(WorkForm):
    cause = forms.ChoiceField(
        label=_("Kind of the cause"), choices=Nonconformity.Cause.choices, widget=NumberedRadios
    )
    analysis = line(_("The cause in a sentence"), _("Say the cause in a sentence."))

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        first = {1: _("Why did it happen?")}
        for place in range(1, WHYS + 1):
            label = first.get(place, _("And why that?"))
            self.fields[f"why_{place}"] = line(label)
        self.order_fields([f"why_{place}" for place in range(1, WHYS + 1)])

    def whys(self) -> list[str]:
        """The answers in order; call it when the form is valid."""
        return [str(self.cleaned_data[f"why_{place}"]) for place in range(1, WHYS + 1)]


class ActionForm(WorkForm):
    what = line(_("What is to be done"), _("Say what is to be done."))
    kind = forms.ChoiceField(label=_("Kind"), choices=ImprovementAction.Kind.choices)
    owner = forms.ChoiceField(label=_("Who does it"))
    due_on = day(_("Until when"))


class PlanForm(ActionForm):
    criterion = line(_("By what one will see that it helped"), _("Say by what one will see that it helped."))
    check_on = day(_("When that is looked at"))


class CheckForm(WorkForm):
    is_effective = forms.TypedChoiceField(
        label=_("Did it help?"),
        coerce=lambda one: one == "yes",
        choices=[("yes", pgettext_lazy("did it help", "yes")), ("no", _("no: the cause is sought again"))],
        widget=NumberedRadios,
    )
    verdict = line(_("What you looked at and found"), _("Say what you looked at and what you found."))


class AnswerForm(WorkForm):
    is_justified = forms.TypedChoiceField(
        label=_("The complaint is"),
        coerce=lambda one: one == "yes",
        choices=[("yes", _("justified")), ("no", _("not justified"))],
        widget=forms.RadioSelect,
    )
    answer = lines(_("Answer to who complained"), _("Write the answer: who complained will read it."))


class RiskForm(WorkForm):
    risk = forms.TypedChoiceField(label=_("Risk"), coerce=int)


class DoneForm(forms.Form):
    done_note = line(_("What was done"), _("Say what was done."))


class AuditForm(forms.Form):
    """An audit to be planned: what, who, when, which clauses."""

    scope = line(_("Part of the work"), _("Say which part of the work is audited."), autofocus=True)
    auditor = line(_("Who audits"), _("Say who audits: somebody who does not do this work."))
    planned_on = day(_("When"))
    clauses = forms.MultipleChoiceField(
        label=_("What is asked"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, asked: Iterable[tuple[str, str]], *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["clauses"].choices = list(asked)  # type: ignore[attr-defined]
        self.fields["clauses"].initial = [clause for clause, _words in asked]


class FindingForm(forms.Form):
    """What was found for a question."""

    verdict = forms.ChoiceField(
        label=_("What you found"), choices=AuditItem.Verdict.choices, widget=NumberedRadios
    )
    evidence = lines(_("What you looked at"), _("Say what you looked at: it is the evidence."))


class SummaryForm(forms.Form):
    summary = lines(_("In words"))


class HazardForm(forms.Form):
    """A risk to be entered."""

    step = forms.ChoiceField(label=_("Step of the process"), choices=Risk.ProcessStep.choices)
    hazard = line(_("What may go wrong"), _("Say what may go wrong."), autofocus=True)
    harm = line(_("What it may do to a patient"), _("Say what it may do to a patient."))
    severity = rated(_("Severity"), Severity, initial=3)
    probability = rated(_("Probability"), Probability, initial=3)
    review_on = day(_("Review on"))


class ControlForm(forms.Form):
    what = line(_("What stands against it"), _("Say what controls this risk."))
    reference = line(_("Rule or document"))


class RateForm(forms.Form):
    severity = rated(_("Severity"), Severity)
    probability = rated(_("Probability"), Probability)
    note = line(_("What this rests on"), _("Say what this rating rests on."))


class DecisionForm(forms.Form):
    decision = line(_("Why"), _("Say why what is left can be accepted."))


class ReviewForm(forms.Form):
    note = line(_("What you looked at"), _("Say what you looked at."))
    review_on = day(_("Next review on"))
