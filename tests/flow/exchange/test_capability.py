"""What the server says it can do."""

from aliquot.flow.exchange.rules.capability import CHANGED, READ, SEARCHES, capability_statement


def test_the_statement_names_server_version_and_what_may_be_read_and_searched() -> None:
    found = capability_statement(base="https://lab.example/fhir", version="0.1.0")
    [server] = found.pop("rest")
    assert found == {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": CHANGED,
        "kind": "instance",
        "software": {"name": "Aliquot", "version": "0.1.0"},
        "implementation": {"description": "A region's laboratory service", "url": "https://lab.example/fhir"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
    }
    assert (server["mode"], server["interaction"]) == ("server", [{"code": "transaction"}])
    assert server["security"]["cors"] is False
    assert server["security"]["description"].startswith("HTTP Basic, or Bearer")
    report, *others = server["resource"]
    assert report == {
        "type": "DiagnosticReport",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "versioned",
        "searchInclude": ["DiagnosticReport:result"],
        "searchParam": [{"name": name, "type": kind} for name, kind in SEARCHES.items()],
    }
    assert others == [{"type": kind, "interaction": [{"code": "read"}]} for kind in READ]
