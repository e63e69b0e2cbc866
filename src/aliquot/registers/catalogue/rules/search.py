"""How well a test or panel fits what a person typed."""

from collections.abc import Iterable, Sequence

_CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбю"
_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
_OTHER_LAYOUT = {ord(one): other for one, other in zip(_CYRILLIC + _LATIN, _LATIN + _CYRILLIC, strict=True)}


def fold(text: str) -> str:
    """The text as it is compared: lower case, ё as е, hyphens as spaces."""
    return " ".join(text.lower().replace("ё", "е").replace("-", " ").split())


def in_other_layout(text: str) -> str:
    """What the same keys type on the other layout, Russian or English: "uk." is "глю"."""
    return text.lower().translate(_OTHER_LAYOUT)


def rank_match(text: str, codes: Sequence[str], names: Iterable[str]) -> int | None:
    """How well `text` fits, 0 is the best; None when it does not fit.

    0 a code is equal, 1 a code begins with it, 2 a name begins with it, 3 every word of it begins a word of
    one name, 4 it stands somewhere inside a name. Source: general knowledge of type-ahead fields.
    """
    wanted = fold(text)
    if not wanted:
        return None
    own = [fold(code) for code in codes if code]
    known = [fold(name) for name in names if name]
    if wanted in own:
        return 0
    if any(code.startswith(wanted) for code in own):
        return 1
    if any(name.startswith(wanted) for name in known):
        return 2
    if any(_has_words(name, wanted.split()) for name in known):
        return 3
    return 4 if any(wanted in name for name in known) else None


def _has_words(name: str, wanted: Iterable[str]) -> bool:
    words = name.replace("(", " ").replace(",", " ").split()
    return all(any(word.startswith(one) for word in words) for one in wanted)
