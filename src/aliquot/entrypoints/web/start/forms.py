"""The sign-in form."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.utils.translation import gettext_lazy as _

from aliquot.registers.people.models import Person


class SignInForm(forms.Form):
    """Name and password; a refusal does not say which of the two was wrong."""

    username = forms.CharField(
        label=_("Name"), widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    person: Person

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        found = authenticate(username=given.get("username", ""), password=given.get("password", ""))
        if not isinstance(found, Person):
            raise forms.ValidationError(
                _("Name and password do not match. Check both; passwords tell A from a.")
            )
        self.person = found
        return given
