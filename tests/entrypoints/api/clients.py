"""Accounts of other systems, and a client that calls as one."""

import base64
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import Client

from aliquot.foundation.context import acting
from aliquot.registers.network.models import Site
from aliquot.registers.people.models import Assignment, Employment, Person
from tests.factories import NOW
from tests.flow.exchange.bundles import as_bytes
from tests.regions import LOADER

PASSWORD = "correct horse"


def make_account(username: str, site: Site, *, role: str = "integration") -> Person:
    with acting(LOADER):
        person = Person.objects.create(
            username=username, name_en=username, name_ru=username, password=make_password(PASSWORD)
        )
        since = NOW.replace(year=2020)
        Assignment.objects.create(person=person, site=site, role=role, since=since)
        Employment.objects.create(person=person, organisation=site.organisation, since=since)
    return person


def basic(username: str, password: str = PASSWORD) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


class System:
    """Another system that calls the interface."""

    def __init__(self, username: str, site: Site, **changes: Any) -> None:
        self.person = make_account(username, site, **changes)
        self.client = Client(headers={"Authorization": basic(username)}, raise_request_exception=False)

    def post(self, content: Any, content_type: str = "application/fhir+json") -> Any:
        data = content if isinstance(content, bytes) else as_bytes(content)
        return self.client.post("/fhir/", data, content_type=content_type)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/fhir/{path}", query)
