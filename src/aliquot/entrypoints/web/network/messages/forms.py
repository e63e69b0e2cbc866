"""Forms of the network."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AddressForm(forms.Form):
    """Where another node takes messages."""

    node = forms.SlugField(label=_("Code of the node"), max_length=40)
    address = forms.CharField(label=_("Its address"), required=False, max_length=200)
