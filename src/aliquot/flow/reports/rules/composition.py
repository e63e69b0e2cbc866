"""What a report says: the frozen facts of an order become the frozen content of one version.

Source: ISO 15189:2022, 7.4.1.2 (information in reports), 7.4.1.6 and 7.4.1.8 (what is automatic and what was
amended is said); Order 464n, annex 1 (the form of a result).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from aliquot.flow.orders.rules.panels import needed_for
from aliquot.flow.reports.rules.units import printable_unit
from aliquot.registers.people.rules.processes import words_of_process

SCHEMA: Final = 1
PRELIMINARY, FINAL, CORRECTED, SUPPLEMENTED = "preliminary", "final", "corrected", "supplemented"
INVESTIGATED, WITHDRAWN = "investigated", "withdrawn"
TAKEN_BACK: Final = frozenset({INVESTIGATED, WITHDRAWN})
COMPLETE: Final = frozenset({FINAL, CORRECTED, SUPPLEMENTED})
SAID_OF_A_RESULT: Final = ("value", "unit", "flag", "low", "high", "comment")
"""Statuses of a result whose value was released and is not to be used."""
_OF_THE_OPERATOR: Final = ("operator_en", "operator_ru")
_OF_ITS_VERSION: Final = ("version", "kind", "released_at", "released_by", "replaces")

Facts = Mapping[str, Any]
Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What `read_facts.sql` reads of one order; `latest` is the content of the version before."""

    order_id: int
    ordering_site_id: int
    laboratory_id: int
    patient_id: int
    placed: Facts
    patient: Facts | None
    places: Facts
    specimens: Sequence[Facts] = ()
    items: Sequence[Facts] = ()
    earlier: Sequence[Facts] = ()
    latest: Facts | None = None


@dataclass(frozen=True, slots=True)
class Composition:
    """A version to be kept: which, of what kind, and what it says."""

    facts: OrderFacts
    version: int
    kind: str
    content: Content = field(default_factory=dict)


def compose(facts: OrderFacts, *, released_at: datetime, released_by: Facts) -> Composition | None:
    """The next version of the order's report, or None when there is nothing new to say.

    Only released results are in `facts`. None: no test has an outcome yet, or every word equals the version
    before. `released_by` is {key, name_en, name_ru}. Times in the content are UTC in ISO 8601; numbers are
    texts.
    """
    sections = _sections(facts.items)
    results = [result for section in sections for result in section["results"]]
    if not any(result["status"] != "pending" for result in results):
        return None
    said = _said(facts, sections, results)
    if facts.latest is not None and _told(said) == _told(facts.latest):
        return None
    adds = facts.latest is not None and is_addition(facts.latest, said)
    kind = kind_of(facts.earlier, results, only_adds=adds)
    version = 1 + max((int(one["version"]) for one in facts.earlier), default=0)
    return Composition(
        facts,
        version,
        kind,
        {
            **said,
            "version": version,
            "kind": kind,
            "released_at": released_at.isoformat(),
            "released_by": dict(released_by),
            "replaces": dict(facts.earlier[-1]) if facts.earlier else None,
        },
    )


def kind_of(earlier: Sequence[Facts], results: Iterable[Facts], *, only_adds: bool = False) -> str:
    """Preliminary while a test is open; corrected when what was complete or said changed; else final.

    What was complete and only says more is supplemented (`only_adds`). Source: ISO 15189:2022, 7.4.1.8; FHIR
    R4, diagnostic-report-status, "appended".
    """
    statuses = {result["status"] for result in results}
    was_complete = any(one["kind"] in COMPLETE for one in earlier)
    if earlier and statuses & {"amended", *TAKEN_BACK}:
        return CORRECTED
    if was_complete:
        return SUPPLEMENTED if only_adds else CORRECTED
    return PRELIMINARY if "pending" in statuses else FINAL


def differs(old: Facts, new: Facts) -> bool:
    """Whether a result says something else than it said before: its value, how it was judged, its words."""
    was, now = old["status"] in TAKEN_BACK, new["status"] in TAKEN_BACK
    if was or now:
        return (old["status"] if was else "") != (new["status"] if now else "")
    return any(old.get(name) != new.get(name) for name in SAID_OF_A_RESULT)


def is_addition(before: Facts, after: Facts) -> bool:
    """Whether `after` says of the same patient all that `before` said, unchanged, and a result more."""
    known, now = _by_item(before), _by_item(after)
    was = [key for key, one in known.items() if one["status"] != "pending"]
    is_kept = all(
        key in now and known[key]["status"] == now[key]["status"] and not differs(known[key], now[key])
        for key in was
    )
    return is_kept and before["patient"] == after["patient"] and bool(now.keys() - set(was))


def _by_item(content: Facts) -> dict[int, Facts]:
    return {one["item_id"]: one for section in content["sections"] for one in section["results"]}


def _told(content: Facts) -> Content:
    """What a reader is told, without who operates: that changes on a date and makes no report a new one."""
    told = {name: part for name, part in content.items() if name not in _OF_ITS_VERSION}
    return told | {party: _without_operator(content[party]) for party in ("laboratory", "ordering_site")}


def _without_operator(place: Facts) -> Content:
    return {name: part for name, part in place.items() if name not in _OF_THE_OPERATOR}


def _said(facts: OrderFacts, sections: list[Content], results: list[Content]) -> Content:
    if facts.patient is None:
        raise LookupError(f"order {facts.order_id}: whoever composes its report does not see its patient")
    return {
        "schema": SCHEMA,
        "time_zone": facts.places["laboratory"]["time_zone"],
        "laboratory": dict(facts.places["laboratory"]),
        "ordering_site": dict(facts.places["ordering_site"]),
        "patient": _patient(facts.patient),
        "order": dict(facts.placed),
        "specimens": [dict(one) for one in facts.specimens],
        "sections": sections,
        "releasers": _releasers(results),
        "released_by_rules": sum(result.get("is_automatic", False) for result in results),
    }


def _patient(facts: Facts) -> Content:
    names = (facts.get(part) or "" for part in ("family_name", "given_name", "patronymic"))
    return {**facts, "full_name": " ".join(name for name in names if name)}


def _sections(items: Iterable[Facts]) -> list[Content]:
    found: dict[str, Content] = {}
    shown = [item for item in items if item["state"] != "cancelled"]
    for item in sorted(shown, key=lambda one: (one["section_position"], one["position"], one["item_id"])):
        names = {
            "name_en": item["section_en"] or item["section"],
            "name_ru": item["section_ru"] or item["section"],
        }
        section = found.setdefault(item["section"], {"code": item["section"], **names, "results": []})
        section["results"].append(_result(item))
    return list(found.values())


def _result(item: Facts) -> Content:
    base = _of_the_test(item)
    before = [*(item["earlier"] or ()), *(item.get("recalled") or ())]
    earlier = [_earlier(one, item) for one in before]
    if not item["values"] and earlier:
        return _taken_back(base, item, INVESTIGATED if item.get("recalled") else WITHDRAWN, earlier)
    if item["state"] == "not_performed":
        return {**base, "status": "not_performed", "reason": _reason(item)}
    if not item["values"]:
        return {**base, "status": "pending"}
    value = item["values"][-1]
    again = {"given_free": _retraction(value)} if value.get("retraction") else {}
    status = "amended" if earlier else "final"
    return {**base, **_value(value, item), **again, "status": status, "earlier": earlier}


def _taken_back(base: Content, item: Facts, status: str, earlier: list[Content]) -> Content:
    """A result whose last value must not be used: it stands among the earlier ones, never as the value."""
    said = {"status": status, "retraction": earlier[-1].get("retraction") or {}, "earlier": earlier}
    last = {"reason": _reason(item)} if item["state"] == "not_performed" else {}
    return {**base, **said, **last}


def _of_the_test(item: Facts) -> Content:
    kept = ("item_id", "code", "name_en", "name_ru", "loinc", "nmu_804n", "fsli_1080", "scale")
    panel = {"panel": item["panel"], "panel_en": item["panel_en"] or "", "panel_ru": item["panel_ru"] or ""}
    method = {"method_en": item["method_en"], "method_ru": item["method_ru"] or item["method_en"]}
    added = {"added": _added(item)} if item.get("added_by") else {}
    return {**{name: item[name] for name in kept}, **panel, **method, **added}


def _added(item: Facts) -> Content:
    """What added a test: a rule, a person with the reason, or what is computed from it."""
    why = item.get("added") or {}
    needed = needed_for(item["added_by"])
    return {
        "needed_for": needed,
        "rule": "" if needed else why.get("rule", ""),
        "reason": why.get("reason", ""),
        "by_en": why.get("by_en") or "",
        "by_ru": why.get("by_ru") or "",
    }


def _value(value: Facts, item: Facts) -> Content:
    kept = (
        "result_id", "version", "number", "comparator", "unit", "flag", "low", "high", "comment",
        "amend_reason", "is_automatic", "measured_at", "released_at", "specimen",
    )  # fmt: skip
    has_limits = value["low"] is not None or value["high"] is not None
    return {
        **{name: value[name] for name in kept},
        "value": value["value_text"],
        **_units(value, item),
        "interval_en": "" if has_limits else item["interval_text_en"] or "",
        "interval_ru": "" if has_limits else item["interval_text_ru"] or item["interval_text_en"] or "",
        "released_by": _releaser(value),
    }


def _units(value: Facts, item: Facts) -> Content:
    printed = printable_unit(value["unit"])
    is_the_tests = value["unit"] == item["test_unit"] and item["test_unit_ru"]
    return {"unit_en": printed, "unit_ru": printable_unit(item["test_unit_ru"]) if is_the_tests else printed}


def _earlier(value: Facts, item: Facts) -> Content:
    kept = ("result_id", "version", "unit", "flag", "released_at", "number", "comparator")
    said = {"value": value["value_text"], "released_by": _releaser(value)}
    taken = {"retraction": _retraction(value)} if value.get("retraction") else {}
    return {**{name: value[name] for name in kept}, **said, **_units(value, item), **taken}


def _retraction(value: Facts) -> Content:
    """Who took a value back or gave it free again, when and why; `code` as the result keeps it."""
    why = value["retraction"]
    kept = ("code", "name_en", "name_ru", "note", "at", "then", "look_back")
    return {name: why[name] for name in kept if name in why}


def _releaser(value: Facts) -> Content:
    key = value["released_by"]
    last = key.rpartition(":")[2]
    name_en, name_ru = words_of_process(key) or (last, last)
    return {
        "key": key,
        "name_en": value["released_en"] or name_en,
        "name_ru": value["released_ru"] or name_ru,
        "is_rule": bool(value["is_automatic"]),
    }


def _releasers(results: Iterable[Facts]) -> list[Content]:
    people = {
        result["released_by"]["key"]: {**result["released_by"]}
        for result in results
        if "released_by" in result and not result["released_by"]["is_rule"]
    }
    return list(people.values())


def _reason(item: Facts) -> Content:
    rejection = item["rejection"] or {}
    said, words = item["state_reason"], item.get("state_facts") or {}
    return {
        "code": rejection.get("code", ""),
        "name_en": rejection.get("name_en") or words.get("en") or said,
        "name_ru": rejection.get("name_ru") or words.get("ru") or said,
        "advice_en": rejection.get("advice_en", ""),
        "advice_ru": rejection.get("advice_ru", ""),
        "note": rejection.get("note", ""),
        "note_en": _note(rejection, "en"),
        "note_ru": _note(rejection, "ru"),
    }


def _note(rejection: Facts, language: str) -> str:
    parts = (rejection.get(f"findings_{language}", ""), rejection.get("note", ""))
    return " ".join(part for part in parts if part)
