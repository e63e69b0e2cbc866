"""Patients, orders, tubes and reports as FHIR R4, line by line, by the mappings of the exchange."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from aliquot.flow.exchange.rules.codebook import Orderable
from aliquot.flow.exchange.rules.diagnostic_report import diagnostic_report, observations
from aliquot.flow.exchange.rules.resources import (
    Resource,
    patient_resource,
    service_request,
    specimen_resource,
)
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"
Row = Mapping[str, Any]
Catalogue = Mapping[str, tuple[Orderable, str]]
PATIENT = ("id", "snils", "policy_number", "family_name", "given_name", "patronymic", "sex", "birth_date")
ORDER = (
    "id", "number", "patient_id", "urgency", "state", "requester", "diagnosis", "external_system",
    "external_number", "placed_at", "changed_at", "codes", "tubes",
)  # fmt: skip
SPECIMEN = (
    "id", "number", "state", "code", "name", "nsi_1081", "patient_id", "received_at", "collected_at",
)  # fmt: skip
REPORT = ("id", "content")


def resource_lines() -> Iterator[tuple[str, Iterator[bytes]]]:
    """Each kind of resource with its lines of NDJSON; inside the transaction that is exported."""
    orderables = _catalogue()
    kinds: list[tuple[str, str, tuple[str, ...], Callable[[Row], Iterator[Resource]]]] = [
        ("Patient", "fhir_patients", PATIENT, lambda row: iter([patient_resource(row)])),
        ("ServiceRequest", "fhir_orders", ORDER, lambda row: _requests(row, orderables)),
        ("Specimen", "fhir_specimens", SPECIMEN, lambda row: iter([specimen_resource(row)])),
        ("DiagnosticReport", "fhir_reports", REPORT, _report),
        ("Observation", "fhir_reports", REPORT, _observations),
    ]
    for kind, statement, names, make in kinds:
        yield kind, _lines(statement, names, make)


def _lines(
    statement: str, names: tuple[str, ...], make: Callable[[Row], Iterator[Resource]]
) -> Iterator[bytes]:
    for values in sql_files.stream_rows(SQL, statement, using="owner"):
        row = {name: _said(value) for name, value in zip(names, values, strict=True)}
        for resource in make(row):
            yield orjson.dumps(resource, default=_plain) + b"\n"


def _requests(order: Row, orderables: Catalogue) -> Iterator[Resource]:
    for code in order["codes"]:
        if known := orderables.get(code):
            yield service_request(order, *known, order["tubes"])


def _report(row: Row) -> Iterator[Resource]:
    yield diagnostic_report(orjson.loads(row["content"]), report_id=row["id"])


def _observations(row: Row) -> Iterator[Resource]:
    yield from observations(orjson.loads(row["content"]))


def _catalogue() -> Catalogue:
    rows = sql_files.fetch_rows(SQL, "orderables", using="owner")
    return {
        code: (Orderable(code, loinc, nmu, fsli, is_panel=is_panel), name)
        for code, name, loinc, nmu, fsli, is_panel in rows
    }


def _said(value: Any) -> Any:
    """Moments and days in ISO 8601, as the mappings take them."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _plain(value: Any) -> Any:
    """A number exactly as it was reported."""
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    raise TypeError(type(value).__name__)
