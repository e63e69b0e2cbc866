"""The sign-in form."""

import time
from typing import Any, Final

from django import forms
from django.contrib.auth import authenticate
from django.utils.translation import gettext_lazy as _

from aliquot.registers.people.models import Person
from aliquot.registers.people.rules.attempts import Attempts

ATTEMPTS: Final = Attempts()


class SignInForm(forms.Form):
    """Name and password; a refusal does not say which of the two was wrong."""

    username = forms.CharField(
        label=_("Name"), widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    person: Person

    def __init__(self, *given: Any, address: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.address = address

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        name = given.get("username", "")
        if ATTEMPTS.wait(name, self.address, time.monotonic()):
            raise forms.ValidationError(_("Too many wrong passwords. Wait five minutes, then try again."))
        found = authenticate(username=name, password=given.get("password", ""))
        if not isinstance(found, Person):
            ATTEMPTS.note_failure(name, self.address, time.monotonic())
            raise forms.ValidationError(
                _("Name and password do not match. Check both; passwords tell A from a.")
            )
        ATTEMPTS.forget(name, self.address)
        self.person = found
        return given
