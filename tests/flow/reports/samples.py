"""Facts of orders as the database would give them, for the pure tests."""

from datetime import UTC, datetime
from typing import Any

from aliquot.flow.reports.rules.composition import Content, OrderFacts, compose

RELEASED_AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
DOCTOR = {"key": "person:7:orlova", "name_en": "Dr A. Orlova", "name_ru": "Орлова А. С.", "is_rule": False}


def make_place(**changes: Any) -> dict[str, Any]:
    return {
        "id": 1, "code": "HUB", "oid": "1.2.643.5.1.13.13.12.2.45.1.0.9", "time_zone": "Asia/Yekaterinburg",
        "name_en": "Kurgan Hub Laboratory", "name_ru": "Централизованная лаборатория, Курган",
        "address_en": "12 Lenina St, Kurgan", "address_ru": "г. Курган, ул. Ленина, 12",
        "organisation_en": "Regional Laboratory Service", "organisation_ru": "Областная лабораторная служба",
        "organisation_oid": "1.2.643.5.1.13.13.12.2.45.1", "organisation_id": 1,
        **changes,
    }  # fmt: skip


def make_value(value: str = "5.4", **changes: Any) -> dict[str, Any]:
    return {
        "result_id": 900, "version": 1, "value_text": value, "number": value, "comparator": "", "unit": "mmol/L",
        "flag": "N", "low": "4.1", "high": "6.1", "comment": "", "amend_reason": "", "is_automatic": True,
        "measured_at": "2026-11-22T07:40:00+00:00", "released_at": "2026-11-22T08:15:00+00:00",
        "released_by": "system:autoverification", "released_en": None, "released_ru": None, "specimen": "4500000017",
        **changes,
    }  # fmt: skip


def make_item(code: str = "GLUS", *values: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "item_id": 500, "state": "reported" if values else "open", "state_reason": "", "position": 1,
        "panel": "", "panel_en": None, "panel_ru": None, "code": code,
        "name_en": "Glucose (serum)", "name_ru": "Глюкоза (сыворотка)", "loinc": "14749-6",
        "nmu_804n": "A09.05.023", "fsli_1080": "", "scale": "Qn", "test_unit": "mmol/L", "test_unit_ru": "ммоль/л",
        "method_en": "hexokinase", "method_ru": "гексокиназный", "section": "CHEM",
        "section_en": "Clinical chemistry", "section_ru": "Биохимия", "section_position": 1,
        "interval_text_en": None, "interval_text_ru": None, "rejection": None,
        "values": list(values) or None, "earlier": None,
        **changes,
    }  # fmt: skip


def make_facts(*items: dict[str, Any], **changes: Any) -> OrderFacts:
    given: dict[str, Any] = {
        "order_id": 42, "ordering_site_id": 2, "laboratory_id": 1, "patient_id": 77,
        "placed": {
            "id": 42, "number": "45-000042", "placed_at": "2026-11-22T05:10:00+00:00", "urgency": "R",
            "requester": "Смирнов П. Н.", "ward": "", "diagnosis": "E11.9", "note": "", "is_pregnant": None,
            "external_system": "", "external_number": "",
        },
        "patient": {
            "id": 77, "family_name": "Тестова", "given_name": "Анна", "patronymic": "Ивановна",
            "birth_date": "1985-03-15", "sex": "F", "snils": "11223344595", "policy_number": "",
            "is_unidentified": False,
        },
        "places": {
            "laboratory": make_place(),
            "ordering_site": make_place(
                id=2, code="P3", name_en="Polyclinic No. 3", name_ru="Поликлиника № 3",
                organisation_en="City Hospital", organisation_ru="Городская больница",
            ),
        },
        "specimens": [
            {
                "id": 60, "number": "4500000017", "state": "accepted", "code": "SER", "name_en": "Serum",
                "name_ru": "Сыворотка крови", "nsi_1081": "208", "container_en": "SST", "container_ru": "SST",
                "collected_at": "2026-11-22T05:20:00+00:00", "received_at": "2026-11-22T07:05:00+00:00",
                "condition": [],
            }
        ],
        "items": list(items) or [make_item("GLUS", make_value())],
        **changes,
    }  # fmt: skip
    return OrderFacts(**given)


def make_content(*items: dict[str, Any], **changes: Any) -> Content:
    composed = compose(make_facts(*items, **changes), released_at=RELEASED_AT, released_by=DOCTOR)
    assert composed is not None
    return composed.content
