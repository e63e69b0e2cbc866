"""Forms of a management review: which months, what was decided, the signature."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aliquot.foundation.naming import is_russian
from aliquot.oversight.accreditation.actions import Entry, Meeting
from aliquot.oversight.accreditation.models import ReviewEntry
from aliquot.oversight.accreditation.queries import inputs
from aliquot.oversight.accreditation.rules.reviews import shifted

LINE = {"autocomplete": "off"}
MONTH, DAY = "%Y-%m", "%Y-%m-%d"


def month(label: Any) -> forms.DateField:
    """A month, chosen by the browser's own calendar; its first day."""
    return forms.DateField(
        label=label, input_formats=[MONTH], widget=forms.DateInput({"type": "month"}, format=MONTH)
    )


class MeetingForm(forms.Form):
    """Months from the first to the last, both included."""

    since = month(_("First month"))
    until = month(_("Last month"))
    held_on = forms.DateField(
        label=_("Held on"), widget=forms.DateInput({"type": "date"}, format=DAY), input_formats=[DAY]
    )
    participants = forms.CharField(label=_("Who takes part"), widget=forms.Textarea({"rows": 2}))

    def meeting(self) -> Meeting:
        """What is reviewed; call it when the form is valid."""
        given = self.cleaned_data
        return Meeting(given["since"], shifted(given["until"], 1), given["held_on"], given["participants"])


class EntryForm(forms.Form):
    """A remark, a decision or an action."""

    letter = forms.ChoiceField(label=_("About"))
    kind = forms.ChoiceField(
        label=pgettext_lazy("review", "What it is"),
        choices=ReviewEntry.Kind.choices,
        widget=forms.RadioSelect,
    )
    what = forms.CharField(label=_("In words"), widget=forms.Textarea({"rows": 2}), max_length=4000)
    owner = forms.ChoiceField(label=_("Who does it"), required=False)
    due_on = forms.DateField(
        label=_("Until when"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format=DAY),
        input_formats=[DAY],
    )

    def __init__(self, people: Sequence[tuple[str, str]], *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        words = [(one.letter, one.name_ru if is_russian() else one.name_en) for one in inputs()]
        self.fields["letter"].choices = [(letter, f"{letter}) {name}") for letter, name in words]  # type: ignore[attr-defined]
        self.fields["owner"].choices = [("", "—"), *people]  # type: ignore[attr-defined]

    def entry(self) -> Entry:
        """What is entered; call it when the form is valid."""
        given = self.cleaned_data
        if given["kind"] != ReviewEntry.Kind.ACTION:
            return Entry(given["letter"], given["kind"], given["what"])
        return Entry(given["letter"], given["kind"], given["what"], given["owner"], given["due_on"])


class SignForm(forms.Form):
    """The conclusion; the password is asked again."""

    conclusion = forms.CharField(label=_("Conclusion of management"), widget=forms.Textarea({"rows": 3}))
    password = forms.CharField(
        label=_("Your password"), widget=forms.PasswordInput({"autocomplete": "current-password"})
    )
    read = forms.CharField(widget=forms.HiddenInput)


class DoneForm(forms.Form):
    done_note = forms.CharField(label=_("What was done"), widget=forms.TextInput(LINE), max_length=1000)
