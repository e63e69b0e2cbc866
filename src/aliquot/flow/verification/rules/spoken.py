"""Words that a rule puts beside a result."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spoken:
    """A comment in both languages, and the rule it comes from."""

    rule: str
    text_en: str
    text_ru: str
