"""The pages as tests open them: a client that has signed in as one of the prepared people."""

from django.conf import settings
from django.test import Client

from aliquot.registers.people.actions import DEMO_PASSWORD


def signed_in(username: str, *, language: str = "en") -> Client:
    """A browser's client after the sign-in page, in this language."""
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    response = client.post("/sign-in/", {"username": username, "password": DEMO_PASSWORD})
    assert response.status_code == 302, "the prepared person could not sign in"
    return client
