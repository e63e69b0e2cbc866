"""Within how many minutes the correction of a value must be acknowledged, before somebody telephones.

Source: ISO 15189:2022, 7.4.1.8 (amended reports: users are made aware). The times are the laboratory's own:
no standard sets them.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class CorrectionPolicy:
    """`pressing_minutes` when a value that endangers, an urgent order or a look-back is concerned."""

    pressing_minutes: int
    minutes: int
    source: str = ""

    @property
    def pressing(self) -> timedelta:
        return timedelta(minutes=self.pressing_minutes)

    @property
    def otherwise(self) -> timedelta:
        return timedelta(minutes=self.minutes)


UNSTATED = CorrectionPolicy(pressing_minutes=60, minutes=24 * 60)
"""What holds where no rule set in force says anything."""
