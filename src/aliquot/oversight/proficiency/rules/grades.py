"""Items whose results are words: agreement with the expected one, or by how many grades it is missed.

Source: ISO 13528:2015, 11.3-11.4 (qualitative and ordinal properties).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aliquot.oversight.proficiency.rules.scores import Signal


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether a word agrees with the expected one; on an ordinal scale by how many grades it is off."""

    signal: Signal
    distance: int | None


def agree(said: str, expected: str, *, grades: Sequence[str] = (), allowed_grades: int = 0) -> Agreement:
    """The verdict on a word. `grades` are an ordinal scale, the least first, names of one grade divided by |.

    Without a scale the words are compared, whatever their case. A word that is not on the scale needs action.
    """
    if not grades:
        same = _plain(said) == _plain(expected)
        return Agreement(Signal.ACCEPTABLE if same else Signal.ACTION, None)
    here, there = place_of(said, grades), place_of(expected, grades)
    if here is None or there is None:
        return Agreement(Signal.ACTION, None)
    fits = abs(here - there) <= allowed_grades
    return Agreement(Signal.ACCEPTABLE if fits else Signal.ACTION, here - there)


def place_of(word: str, grades: Sequence[str]) -> int | None:
    """Where a word stands on the scale, from 0; None for one that is not on it."""
    return next(
        (place for place, names in enumerate(grades) if _plain(word) in map(_plain, names.split("|"))), None
    )


def consensus_word(said: Sequence[str], grades: Sequence[str] = ()) -> str | None:
    """The word of more than half of the participants; None where there is no such word.

    On a scale it is the first name of that grade.
    """
    places = [place_of(one, grades) for one in said] if grades else []
    words = [_plain(one) for one in said]
    if grades:
        words = [grades[place].split("|")[0] for place in places if place is not None]
    most = max(set(words), key=words.count, default=None)
    return most if most is not None and 2 * words.count(most) > len(said) else None


def _plain(word: str) -> str:
    return " ".join(word.split()).casefold()
