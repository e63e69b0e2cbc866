"""Reception's forms."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aliquot.registers.catalogue.models import RejectionReason
from aliquot.registers.catalogue.queries import rejection_reasons


class ReasonField(forms.CharField):
    """A coded reason by its code or the beginning of its name, in either language."""

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value)).strip()
        found = [one for one in rejection_reasons().values() if _fits(one, typed.casefold())]
        exact = [one for one in found if typed.casefold() in _names(one)]
        if len(exact or found) != 1:
            raise forms.ValidationError(_("Choose one reason from the list: type the first letters of it."))
        return (exact or found)[0].code


def _names(reason: RejectionReason) -> tuple[str, str, str]:
    return reason.code.casefold(), reason.name_en.casefold(), reason.name_ru.casefold()


def _fits(reason: RejectionReason, typed: str) -> bool:
    return bool(typed) and any(name.startswith(typed) for name in _names(reason))


class TestsForm(forms.Form):
    """Which tests of a tube, by code."""

    __test__ = False  # not a test case, whatever its name says to pytest

    tests = forms.MultipleChoiceField(
        label=_("Tests"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one test.")},
    )
    note = forms.CharField(label=_("Note"), required=False)

    def __init__(self, *given: Any, codes: list[str], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["tests"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]


class RejectForm(TestsForm):
    """Reject tests with a coded reason."""

    reason_code = ReasonField(
        label=_("Reason"),
        widget=forms.TextInput(attrs={"list": "reasons", "autocomplete": "off", "data-key": "/"}),
        error_messages={"required": _("Choose one reason from the list: type the first letters of it.")},
    )


class ConditionForm(forms.Form):
    """One condition that is noted, or taken back when it was noted before."""

    code = forms.CharField()
