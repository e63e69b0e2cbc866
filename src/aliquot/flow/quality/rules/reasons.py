"""Sentences that rules say: English with gaps, for a screen to fill in the reader's language."""

from dataclasses import dataclass
from decimal import Decimal


def gettext_noop(text: str) -> str:
    """Mark a sentence for the translators."""
    return text


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence with gaps and what stands in them; a screen translates `text` and fills it itself."""

    text: str
    values: tuple[tuple[str, str], ...] = ()

    @property
    def message(self) -> str:
        """The sentence in English."""
        return self.text % dict(self.values)


def reason(text: str, **values: object) -> Reason:
    """A sentence with its facts, numbers shortened to what a person reads."""
    return Reason(text, tuple((name, _shown(value)) for name, value in values.items()))


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, Decimal) else str(value)
