"""Names as people write them, folded so that the same name compares equal; and ages."""

import re
import unicodedata
from datetime import date

_NOT_LETTERS = re.compile(r"[^\w]|_|\d")
_LATIN_THAT_LOOKS_CYRILLIC = str.maketrans("abcehkmoptxy", "авсенкмортху")
_TELLING = 3  # letters; fewer are the beginning of too many names
_CYRILLIC = re.compile(r"[а-я]")


def fold(name: str) -> str:
    """`name` in lower case without spaces, hyphens and accents, ё as е.

    Latin letters that look like Cyrillic ones become Cyrillic in a name that holds any Cyrillic letter,
    or that consists of nothing else: a clerk with the wrong keyboard layout types them so.
    """
    lower = unicodedata.normalize("NFKC", name).casefold().replace("ё", "е")
    kept = _without_accents(_NOT_LETTERS.sub("", lower))
    looks = kept.translate(_LATIN_THAT_LOOKS_CYRILLIC)
    return looks if _CYRILLIC.search(kept) or not re.search(r"[a-z]", looks) else kept


def spellings(beginning: str) -> frozenset[str]:
    """The beginning of a name in lower case, ё as е: as typed, and in Cyrillic if it may be meant so.

    Source: as `fold`; a beginning alone does not tell whether a name of look-alikes is Latin.
    """
    lower = beginning.lower().replace("ё", "е")
    looks = lower.translate(_LATIN_THAT_LOOKS_CYRILLIC)
    is_telling = len(looks) >= _TELLING and not re.search(r"[a-z]", looks)
    return frozenset({lower, looks}) if is_telling else frozenset({lower})


def age_on(birth_date: date, day: date) -> tuple[int, int]:
    """The age on `day` in whole years and in days.

    Somebody born on 29 February is a year older on 1 March of a common year.
    Raises ValueError when `day` lies before the birth.
    """
    if day < birth_date:
        raise ValueError(f"{day} lies before the birth on {birth_date}.")
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before_birthday, (day - birth_date).days


def _without_accents(text: str) -> str:
    # й is и with a breve: Cyrillic letters keep their marks, Latin ones lose them
    return "".join(_bare_letter(letter) for letter in text)


def _bare_letter(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else letter
