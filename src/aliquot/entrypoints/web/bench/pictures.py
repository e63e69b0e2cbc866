"""What the database holds, as a person at the bench reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aliquot.entrypoints.web.shell.wording import left_text, number_text
from aliquot.flow.reports.rules.layout import figure
from aliquot.flow.results.queries import reason_sentences
from aliquot.flow.verification.rules.reasons import WORDS
from aliquot.foundation.naming import is_russian

FLAGS: Mapping[str, tuple[str, Promise]] = {
    "LL": ("alarm", _("critically low")),
    "L": ("notice", _("low")),
    "N": ("good", _("in the interval")),
    "H": ("notice", _("high")),
    "HH": ("alarm", _("critically high")),
    "A": ("notice", _("abnormal")),
    "": ("neutral", _("not judged")),
}
"""Badge and words of each flag; red only for what must be told at once."""
MARKS = {"LL": "↓↓", "L": "↓", "H": "↑", "HH": "↑↑", "A": "!"}
CONTROLS = (
    *("NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI"),
    *("DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC"),
    *("FS", "GS", "RS", "US"),
)
"""The names of the control characters, in the order of ASCII."""
DELETE, FIRST_VISIBLE = 127, 32


class Named(Protocol):
    """A row with a patient's name."""

    @property
    def family_name(self) -> str | None: ...
    @property
    def given_name(self) -> str | None: ...
    @property
    def patronymic(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag as it is drawn: badge, words, arrows."""

    kind: str
    words: object
    mark: str

    @property
    def is_critical(self) -> bool:
        return self.kind == "alarm"


@dataclass(frozen=True, slots=True)
class Clock:
    """How much time is left, in words; `kind` is a badge."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a message: text as sent, or the name of a control character."""

    text: str
    is_control: bool = False


def said(english: str | None, russian: str | None) -> str:
    """The name in the reader's language."""
    return ((russian if is_russian() else english) or english) or ""


def flag_of(flag: str | None) -> Flag:
    """A flag with its badge and words."""
    kind, words = FLAGS.get(flag or "", FLAGS[""])
    return Flag(kind, words, MARKS.get(flag or "", ""))


def value_text(text: str | None, value: Decimal | None) -> str:
    """The value as the report prints it, with the language's decimal sign."""
    return localised(text or "") if value is not None else text or ""


def localised(text: str) -> str:
    """A stored number, perhaps with a sign before it, with the language's decimal sign; words stay."""
    return figure(text, "ru" if is_russian() else "en")


def interval_text(low: Decimal | None, high: Decimal | None, decimals: int | None) -> str:
    """The interval of health, "" when there is none."""
    if low is not None and high is not None:
        return f"{_limit(low, decimals)} – {_limit(high, decimals)}"
    if high is not None:
        return f"≤ {_limit(high, decimals)}"
    return f"≥ {_limit(low, decimals)}" if low is not None else ""


def _limit(number: Decimal, decimals: int | None) -> str:
    shown = number.normalize()
    places = max(decimals or 0, -int(shown.as_tuple().exponent))
    return number_text(number, places)


def short_name(person: Named) -> str:
    """The family name with initials; words when nobody is named."""
    initials = [f"{part[0]}." for part in (person.given_name, person.patronymic) if part]
    return " ".join([person.family_name or gettext("Name unknown"), *initials])


def full_name(person: Named) -> str:
    """Every part of the name."""
    return " ".join(part for part in (person.family_name, person.given_name, person.patronymic) if part)


def reason_badges(reasons: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Every reason as a sentence with its badge; only a critical value is red."""
    kept = list(reasons)
    spoken = [{name: localised(str(fact)) for name, fact in one.items()} for one in kept]
    kinds = ["danger" if one.get("code") == "critical" else "notice" for one in kept]
    return list(zip(kinds, reason_sentences(spoken), strict=True))


def analyzer_words(flags: Iterable[str]) -> list[str]:
    """What the analyzer said of a value, in words; that it is normal by its own limits says nothing."""
    return [_analyzer_word(flag) for flag in flags if flag != "normal"]


def _analyzer_word(flag: str) -> str:
    if flag.startswith("message:"):
        return gettext("message %(name)s") % {"name": flag.removeprefix("message:")}
    if flag.startswith("unknown:"):
        return gettext("not understood: %(what)s") % {"what": flag.removeprefix("unknown:")}
    if flag in PLAIN_FLAGS:
        return str(PLAIN_FLAGS[flag])
    return gettext(WORDS[flag]) if flag in WORDS else flag


PLAIN_FLAGS: Mapping[str, Promise] = {
    "low": _("low by its own limits"),
    "high": _("high by its own limits"),
}


def clock(due_at: datetime | None, *, at: datetime) -> Clock:
    """How long until `due_at`, in words; past its time it asks for attention."""
    if due_at is None:
        return Clock("neutral", gettext("no target"))
    return Clock("notice" if due_at < at else "neutral", left_text(due_at, at=at))


def pieces(content: bytes) -> list[list[Piece]]:
    """Bytes as lines of pieces: a control character is its name, a byte that is no character its number."""
    lines: list[list[Piece]] = [[]]
    text = content.decode("utf-8", "backslashreplace")
    for at, one in enumerate(text):
        if name := _control(one):
            lines[-1].append(Piece(name, is_control=True))
        elif lines[-1] and not lines[-1][-1].is_control:
            lines[-1][-1] = Piece(lines[-1][-1].text + one)
        else:
            lines[-1].append(Piece(one))
        if one == "\n" or (one == "\r" and text[at + 1 : at + 2] != "\n"):
            lines.append([])
    return lines if lines[-1] else lines[:-1]


def _control(one: str) -> str:
    number = ord(one)
    if number < FIRST_VISIBLE:
        return CONTROLS[number]
    return "DEL" if number == DELETE else ""
