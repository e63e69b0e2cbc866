"""Everything that a signature on a study stands for, as plain values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from aliquot.flow.instruments.models import Analyzer
from aliquot.oversight.studies.models import EvaluationStudy, StudyData, SupplyRecord
from aliquot.registers.people.queries import names_of

FORMAT = 1


def content_of(
    study: EvaluationStudy,
    data: Sequence[StudyData],
    supply: Mapping[str, SupplyRecord],
    signature: Mapping[str, str],
) -> dict[str, Any]:
    """Plan, data by digest, what was found, supply, conclusion and signature; `data` the newest first."""
    return {
        "format": FORMAT,
        "laboratory": {
            **_names(study.laboratory),
            "code": study.laboratory.code,
            "time_zone": study.laboratory.time_zone,
        },
        "number": study.number,
        "version": study.version,
        "replaces": study.version - 1 if study.supersedes_id else None,
        "kind": study.kind,
        "title": study.title,
        "test": {"code": study.test.code, **_names(study.test)} if study.test else None,
        "unit": study.unit,
        "on_trial": {"analyzer": _analyzer(study.analyzer), "method": study.method},
        "in_use": {"analyzer": _analyzer(study.compared), "method": study.compared_method},
        "plan": study.plan,
        "planned_at": study.planned_at.isoformat(),
        "planned_by": _person(study.planned_by),
        "data": [_data(one) for one in data],
        "evaluated_at": study.evaluated_at.isoformat() if study.evaluated_at else None,
        "record": study.record,
        "supply": {role: _supply(one) for role, one in supply.items()},
        "conclusion": study.conclusion,
        "signature": dict(signature),
    }


def as_text(content: Mapping[str, Any]) -> str:
    """The content as JSON with its keys in order: the same text for the same content."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()


def signature_of(name: str, meaning: str, at: datetime) -> dict[str, str]:
    """Who signs, when, and what that means."""
    return {"name": name, "at": at.isoformat(), "meaning": meaning}


def _names(named: Any) -> dict[str, str]:
    return {"name_en": named.name_en, "name_ru": named.name_ru}


def _analyzer(analyzer: Analyzer | None) -> str:
    if analyzer is None:
        return ""
    return f"{analyzer.name} ({analyzer.code})" if analyzer.name != analyzer.code else analyzer.code


def _person(key: str) -> dict[str, str]:
    name = names_of([key])[key]
    return {"key": key, "name_en": name.name_en, "name_ru": name.name_ru}


def _data(one: StudyData) -> dict[str, Any]:
    return {
        "origin": one.origin,
        "name": one.name,
        "digest": one.digest,
        "rows": one.rows,
        "asked": one.asked,
        "at": one.at.isoformat(),
        "by": _person(one.by),
    }


def _supply(one: SupplyRecord) -> dict[str, Any]:
    days = {
        name: value.isoformat() if (value := getattr(one, name)) else ""
        for name in ("valid_until", "first_delivery")
    }
    facts = {
        name: getattr(one, name)
        for name in ("supplier", "product", "lot", "origin", "registration", "decision")
    }
    return {**facts, **days, "price": "" if one.price is None else f"{one.price:f}"}
