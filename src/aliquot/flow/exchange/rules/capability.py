"""What this server can do, as FHIR R4 says it. A test asks for everything that is promised here."""

from typing import Any, Final

CHANGED: Final = "2026-11-22"
SEARCHES: Final = {
    "_id": "token",
    "_lastUpdated": "date",
    "identifier": "token",
    "patient": "reference",
    "subject": "reference",
    "based-on": "reference",
    "status": "token",
}
READ: Final = ("Patient", "ServiceRequest", "Specimen", "Observation", "Binary")


def capability_statement(*, base: str, version: str) -> dict[str, Any]:
    """The CapabilityStatement of this server at `base`.

    Source: FHIR R4 CapabilityStatement, http.html#capabilities.
    """
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": CHANGED,
        "kind": "instance",
        "software": {"name": "Aliquot", "version": version},
        "implementation": {"description": "A region's laboratory service", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "cors": False,
                    "description": "HTTP Basic, or Bearer with the same name and password in base64url.",
                },
                "resource": [_report(), *(_read(kind) for kind in READ)],
                "interaction": [{"code": "transaction"}],
            }
        ],
    }


def _read(kind: str) -> dict[str, Any]:
    return {"type": kind, "interaction": [{"code": "read"}]}


def _report() -> dict[str, Any]:
    return {
        "type": "DiagnosticReport",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "versioned",
        "searchInclude": ["DiagnosticReport:result"],
        "searchParam": [{"name": name, "type": kind} for name, kind in SEARCHES.items()],
    }
