"""Orders of one patient, for tests of expressions to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from aliquot.flow.verification.rules.expressions import Expression, TestType, compile_expression

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
TESTS: Mapping[str, TestType] = {
    test.code: test
    for test in (
        TestType("K", "Qn", "mmol/L", 1),
        TestType("NA", "Qn", "mmol/L", 0),
        TestType("CA", "Qn", "mmol/L", 2),
        TestType("CL", "Qn", "mmol/L", 0),
        TestType("CREA", "Qn", "umol/L", 0),
        TestType("HGB", "Qn", "g/L", 0),
        TestType("HCT", "Qn", "%", 1),
        TestType("MCV", "Qn", "fL", 1),
        TestType("WBC", "Qn", "10*9/L", 2),
        TestType("INR", "Qn", "", 2),
        TestType("17-OHP", "Qn", "nmol/L", 1),
        TestType("age", "Qn", "a", 0),
        TestType("HBSAG", "Ord"),
        TestType("ABO", "Nom"),
        TestType("CBC", "Pnl"),
    )
}


@dataclass(frozen=True, slots=True)
class One:
    """A value as it was measured, e.g. One("7.4") or One("5", "<")."""

    number: str = ""
    comparator: str = ""
    unit: str = "mmol/L"
    flag: str = ""
    value_text: str = ""
    earlier: str = ""
    days: float = 2
    limits: tuple[str, str] = ("", "")
    collected_at: datetime | None = NOW

    @property
    def value(self) -> Decimal | None:
        return Decimal(self.number) if self.number else None

    @property
    def low(self) -> Decimal | None:
        return Decimal(self.limits[0]) if self.limits[0] else None

    @property
    def high(self) -> Decimal | None:
        return Decimal(self.limits[1]) if self.limits[1] else None

    @property
    def previous_value(self) -> Decimal | None:
        return Decimal(self.earlier) if self.earlier else None

    @property
    def previous_collected_at(self) -> datetime | None:
        return NOW - timedelta(days=self.days) if self.earlier else None


@dataclass(frozen=True, slots=True)
class Ordered:
    values: Mapping[str, One]


@dataclass(frozen=True, slots=True)
class Patient:
    siblings: Ordered = field(default_factory=lambda: Ordered({}))
    indices: Mapping[str, Decimal] = field(default_factory=dict)
    sex: str = ""
    age_days: int | None = None
    ward: str = ""
    diagnosis: str = ""
    is_pregnant: bool | None = None


def measured(indices: Mapping[str, str] | None = None, **values: One | str) -> Patient:
    """An order with these values; a text stands for an exact number in the test's unit."""
    ones = {
        code: one if isinstance(one, One) else One(one, unit=TESTS[code].unit) for code, one in values.items()
    }
    return Patient(Ordered(ones), {name: Decimal(level) for name, level in (indices or {}).items()})


def compiled(text: str) -> Expression:
    return compile_expression(text, TESTS)
