"""What leaves the laboratory, read as others read it: printed words, bar codes, the report over FHIR."""

import base64
import json
import re
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pypdfium2
import zxingcpp

from aliquot.registers.people.actions import DEMO_PASSWORD
from tests.journeys.stage import Stage
from tests.processes import PATIENCE


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return re.sub(r"\s+", " ", " ".join(page.get_textpage().get_text_range() for page in document))


def bar_codes(pdf: bytes) -> set[str]:
    """What a scanner reads from every page at the resolution of a label printer."""
    document = pypdfium2.PdfDocument(pdf)
    pictures = [page.render(scale=300 / 72).to_pil() for page in document]
    return {found.text for picture in pictures for found in zxingcpp.read_barcodes(picture)}


def from_the_clinics_system(stage: Stage) -> dict[str, list[dict[str, Any]]]:
    """What the clinic's own system reads of this order, by type of resource."""
    said = base64.b64encode(f"mis.aleksin:{DEMO_PASSWORD}".encode()).decode()
    query = {"identifier": f"urn:aliquot:order|{stage.kept['order']}", "_include": "DiagnosticReport:result"}
    address = f"{stage.address}/fhir/DiagnosticReport?{urlencode(query)}"
    with urlopen(Request(address, headers={"Authorization": f"Basic {said}"}), timeout=PATIENCE) as answer:
        bundle = json.load(answer)
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in bundle["entry"]:
        found.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    return found
