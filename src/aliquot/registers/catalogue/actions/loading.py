"""Load the project's own tables into a region."""

import csv
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import models

from aliquot.foundation.actors import Actor
from aliquot.registers.catalogue.actions.allowing import load_allowable
from aliquot.registers.catalogue.models import (
    Container,
    DerivedTest,
    Panel,
    ReferenceInterval,
    RejectionReason,
    Section,
    SpecimenType,
    Test,
)
from aliquot.registers.catalogue.rules.derivation import Derivation, faults

DATA = Path(__file__).parent.parent / "data"

Line = dict[str, str]

_NAMES = ("name_en", "name_ru")
_CAP = ("cap_name_en", "cap_name_ru", "cap_colour", "additive_en", "additive_ru")
_LIMIT_DECIMALS = ("critical_low", "critical_high", "delta_percent")
_LIMIT_MINUTES = (
    "delta_days",
    "unspun_room_minutes",
    "unspun_cold_minutes",
    "stable_room_minutes",
    "stable_cold_minutes",
    "stable_frozen_minutes",
    "tat_routine_minutes",
    "tat_stat_minutes",
)


def load_catalogue(*, by: Actor, at: datetime) -> int:
    """Bring the region's catalogue to the tables in `data`; return how many tests it holds. Idempotent.

    A row is found again by its code and changed; nothing is ever removed, because old results point to it.
    Limits that a person set stay as they are: `own_limits` of catalogue.queries lists them; so does what a
    laboratory allows itself.
    """
    by.require("manage_registers")
    _upsert(Container, [_container(line) for line in _read("containers")])
    _upsert(SpecimenType, [_specimen_type(line) for line in _read("specimen_types")])
    _upsert(Section, [_section(line) for line in _read("sections")])
    tests = _tests()
    _upsert(Test, tests)
    _replace_intervals()
    _load_derived()
    load_allowable((DATA / "allowable.csv").read_text(encoding="utf-8"), by=by, at=at)
    _upsert(Panel, [_panel(line) for line in _read("panels")])
    _upsert(RejectionReason, [_rejection_reason(line) for line in _read("rejection_reasons")])
    return len(tests)


def _read(name: str) -> list[Line]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _upsert(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    columns = [f.name for f in model._meta.concrete_fields if f.name not in {"id", "code"}]  # noqa: SLF001 - Django's documented API
    model._default_manager.bulk_create(  # noqa: SLF001 - same
        rows, update_conflicts=True, unique_fields=["code"], update_fields=columns
    )


def _take(line: Line, *columns: str) -> dict[str, str]:
    return {name: line[name] for name in columns}


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _whole(text: str) -> int | None:
    return int(text) if text else None


def _container(line: Line) -> Container:
    return Container(
        **_take(line, "code", *_NAMES, *_CAP, "source"),
        draw_volume_ul=int(line["draw_volume_ul"]),
        draw_order=int(line["draw_order"]),
        is_centrifuged=line["centrifuged"] == "Y",
        usable_whole_ul=int(line["usable_whole_ul"]),
        usable_spun_ul=int(line["usable_spun_ul"]),
    )


def _specimen_type(line: Line) -> SpecimenType:
    hard = line["hard_to_recollect"] == "Y"
    return SpecimenType(**_take(line, "code", *_NAMES, "nsi_1081", "source"), is_hard_to_recollect=hard)


def _section(line: Line) -> Section:
    volume = int(line["default_volume_ul"])
    return Section(**_take(line, "code", *_NAMES, "source"), default_volume_ul=volume)


def _panel(line: Line) -> Panel:
    kept = _take(line, "code", *_NAMES, "short_en", "short_ru", "loinc", "nmu_804n", "source")
    return Panel(**kept, members=line["members"].split())


def _rejection_reason(line: Line) -> RejectionReason:
    return RejectionReason(
        **_take(line, "code", *_NAMES, "scope", "advice_en", "advice_ru", "ifcc_indicator", "source")
    )


def _tests() -> list[Test]:
    limits = {line["test"]: line for line in _read("limits")}
    methods = {line["name_en"]: line["name_ru"] for line in _read("methods")}
    grades = _grades()
    containers = dict(Container.objects.values_list("code", "pk"))
    types = dict(SpecimenType.objects.values_list("code", "pk"))
    own = {test.code: _own(test) for test in Test.objects.exclude(own_limits=[])}
    return [
        Test(
            **_test(line, methods),
            grades=grades.get(line["code"], []),
            **_limits(limits[line["code"]]) | own.get(line["code"], {}),
            container_id=containers[line["container"]],
            specimen_type_id=types[line["specimen_type"]],
        )
        for line in _read("tests")
    ]


def _grades() -> dict[str, list[str]]:
    """The grades of each ordinal test, the least first."""
    scales: dict[str, list[str]] = {}
    for line in sorted(_read("grades"), key=lambda one: int(one["place"])):
        scales.setdefault(line["scale"], []).append(line["names"])
    return {line["test"]: scales[line["scale"]] for line in _read("ordinals")}


def _test(line: Line, methods: dict[str, str]) -> dict[str, Any]:
    kept = _take(
        line, "code", *_NAMES, "short_en", "short_ru", "loinc", "nmu_804n", "fsli_1080", "unit", "unit_ru",
        "unit_1358", "scale", "method", "section", "handling", "source",
    )  # fmt: skip
    return {
        **kept,
        "method_ru": methods.get(line["method"], ""),
        "loinc_is_verified": line["loinc_verified"] == "Y",
        "decimals": _whole(line["decimals"]),
        "volume_ul": int(line["volume_ul"]),
        "is_centrifuged": line["centrifuge"] == "Y",
    }


def _limits(line: Line) -> dict[str, Any]:
    return {
        **{name: _decimal(line[name]) for name in _LIMIT_DECIMALS},
        **{name: _whole(line[name]) for name in _LIMIT_MINUTES},
        "spoilt_by": line["spoilt_by"].split(),
    }


def _own(test: Test) -> dict[str, Any]:
    return {"own_limits": test.own_limits, **{name: getattr(test, name) for name in test.own_limits}}


def _replace_intervals() -> None:
    # nothing points to an interval: a result copies its limits when it is decided
    tests = dict(Test.objects.values_list("code", "pk"))
    lines = _read("intervals")
    rows = [_interval(line, tests[line["test"]]) for line in lines]
    kept = {_sameness(row): row for row in ReferenceInterval.objects.filter(test_id__in=tests.values())}
    wanted = {_sameness(row): row for row in rows}
    gone = [row.pk for same, row in kept.items() if same not in wanted]
    ReferenceInterval.objects.filter(pk__in=gone).delete()
    ReferenceInterval.objects.bulk_create([row for same, row in wanted.items() if same not in kept])


def _load_derived() -> None:
    """What is computed, found again by its test; a line that no formula fits stops the loading."""
    tests = Test.objects.in_bulk(field_name="code")
    rows = [_derived(line, tests) for line in _read("derived")]
    DerivedTest.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["test"],
        update_fields=["calculator", "inputs", "source"],
    )


def _derived(line: Line, tests: dict[str, Test]) -> DerivedTest:
    inputs = dict(one.split("=") for one in line["inputs"].split())
    test = tests[line["test"]]
    assert test.decimals is not None
    rule = Derivation(test.code, test.unit, test.decimals, line["calculator"], inputs)
    found = [*faults(rule), *(f"{code} is no test." for code in inputs.values() if code not in tests)]
    if found:
        raise ValueError(" ".join(found))
    return DerivedTest(test=test, calculator=rule.calculator, inputs=inputs, source=line["source"])


def _sameness(row: ReferenceInterval) -> tuple[object, ...]:
    ages, limits = (row.age_from_days, row.age_to_days), (row.low, row.high)
    return (row.test_id, row.sex, ages, limits, row.text, row.text_ru, row.kind)


def _interval(line: Line, test_id: int) -> ReferenceInterval:
    return ReferenceInterval(
        test_id=test_id,
        sex=line["sex"],
        age_from_days=int(line["age_from_days"]),
        age_to_days=int(line["age_to_days"]),
        low=_decimal(line["low"]),
        high=_decimal(line["high"]),
        text=line["text_en"],
        text_ru=line["text_ru"],
        kind=line["kind"],
        source=line["source"],
    )
