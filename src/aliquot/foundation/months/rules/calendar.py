"""Months as numbers: since January 2020 in UTC, in the high bits of an id. No clock."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

SHIFT = 40
"""Bits of an id below its month: a million million rows a month, and all below 2**53, so JSON keeps them."""
BEGIN_YEAR = 2020
FIRST = "first"
"""The name of the part whose ids carry no month: what was there before they did."""
KEPT_MONTHS = 13
"""Whole months that stay in the database: decisions and worklists look back a year and a month at most."""
_TEXT = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month; `number` counts from January 2020."""

    number: int

    @classmethod
    def of(cls, at: datetime) -> "Month":
        """The month of this moment, in UTC."""
        moment = at.astimezone(UTC)
        return cls((moment.year - BEGIN_YEAR) * 12 + moment.month - 1)

    @classmethod
    def of_id(cls, row_id: int) -> "Month | None":
        """The month that an id carries; None for an id from before ids carried months."""
        return cls(row_id >> SHIFT) if row_id >> SHIFT else None

    @classmethod
    def parse(cls, text: str) -> "Month":
        """The month written as 2025-03; ValueError for anything else, and for a time before ids had one."""
        found = _TEXT.fullmatch(text)
        if not found or (number := (int(found[1]) - BEGIN_YEAR) * 12 + int(found[2]) - 1) < 1:
            raise ValueError(text)
        return cls(number)

    @classmethod
    def earliest_at_hand(cls, at: datetime) -> "Month":
        """The oldest month that is in the database for certain; older ones may lie in files."""
        return cls.of(at).plus(-KEPT_MONTHS)

    @property
    def begin(self) -> datetime:
        """The month's first moment."""
        return datetime(BEGIN_YEAR + self.number // 12, self.number % 12 + 1, 1, tzinfo=UTC)

    @property
    def low(self) -> int:
        """The least id of the month."""
        return self.number << SHIFT

    def plus(self, months: int) -> "Month":
        """The month so many later, or earlier when negative."""
        return Month(self.number + months)

    def __str__(self) -> str:
        return f"{self.begin:%Y-%m}"
