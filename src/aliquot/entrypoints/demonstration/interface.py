"""A clinic's own system that sends its orders by FHIR over HTTP."""

import base64
import logging
import random
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import orjson

from aliquot.entrypoints.demonstration.bundle import order_bundle
from aliquot.entrypoints.demonstration.population import Person
from aliquot.flow.exchange.rules.systems import ORDER_NUMBER
from aliquot.registers.people.actions import DEMO_PASSWORD

log = logging.getLogger("aliquot.demonstration")
SECONDS_TO_ANSWER = 10


@dataclass(slots=True)
class ClinicSystem:
    """Sends orders as its own user; `catalogue` maps our code to (LOINC code, name)."""

    url: str
    username: str
    catalogue: dict[str, tuple[str, str]]
    draw: random.Random

    def send_order(self, person: Person, codes: list[str], *, at: datetime) -> str | None:
        """The order's number; None when the server refused or is not up yet, or no test has a code there."""
        tests = [self.catalogue[code] for code in codes if code in self.catalogue]
        if not tests:
            return None
        urgency = "S" if self.draw.random() < 0.1 else "R"  # noqa: PLR2004 - one in ten
        bundle = order_bundle(
            person, tests, requester="Рощина К. Л.", urgency=urgency, number=uuid4().hex[:12], at=at
        )
        try:
            return _number(self._post(orjson.dumps(bundle)))
        except (urllib.error.URLError, OSError) as fault:
            log.warning("an order by FHIR did not get through: %s", fault)
            return None

    def _post(self, body: bytes) -> dict[str, Any]:
        secret = base64.b64encode(f"{self.username}:{DEMO_PASSWORD}".encode()).decode()
        request = urllib.request.Request(  # noqa: S310 - the address is our own server's
            f"{self.url}/fhir/",
            body,
            {"Content-Type": "application/fhir+json", "Authorization": f"Basic {secret}"},
        )
        with urllib.request.urlopen(request, timeout=SECONDS_TO_ANSWER) as answer:  # noqa: S310 - same
            shown: dict[str, Any] = orjson.loads(answer.read())
            return shown


def _number(response: dict[str, Any]) -> str | None:
    """Our number of the order: the requisition of a ServiceRequest in the answer, under our system."""
    for entry in response.get("entry", ()):
        for identifier in _identifiers(entry.get("resource") or {}):
            if identifier.get("system") == ORDER_NUMBER:
                return str(identifier["value"])
    return None


def _identifiers(resource: dict[str, Any]) -> list[dict[str, Any]]:
    group = resource.get("requisition")
    return [*resource.get("identifier", ()), *([group] if group else ())]
