"""What an expression may read: the values of one order, and the patient; evidence of a result is such."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Protocol


class Measured(Protocol):
    """The current value of one test, and the patient's earlier one in the same unit.

    `comparator` is empty or one of <, <=, >, >=. `low` and `high` are the interval that covers the patient.
    """

    @property
    def value(self) -> Decimal | None: ...
    @property
    def value_text(self) -> str: ...
    @property
    def comparator(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def flag(self) -> str: ...
    @property
    def low(self) -> Decimal | None: ...
    @property
    def high(self) -> Decimal | None: ...
    @property
    def collected_at(self) -> datetime | None: ...
    @property
    def previous_value(self) -> Decimal | None: ...
    @property
    def previous_collected_at(self) -> datetime | None: ...


class Values(Protocol):
    """The values of an order by the code of the test."""

    @property
    def values(self) -> Mapping[str, Measured]: ...


class Facts(Protocol):
    """Everything that an expression can ask about; a text that is empty is unknown, as is None."""

    @property
    def siblings(self) -> Values: ...
    @property
    def indices(self) -> Mapping[str, Decimal]: ...
    @property
    def sex(self) -> str: ...
    @property
    def age_days(self) -> int | None: ...
    @property
    def ward(self) -> str: ...
    @property
    def diagnosis(self) -> str: ...
    @property
    def is_pregnant(self) -> bool | None: ...
