"""Values as a person reads them: numbers with the language's decimal sign, times in the region's zone."""

from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, get_format
from django.utils.translation import get_language, gettext, ngettext

from aliquot.foundation.months.rules.calendar import Month

GROUP_MARK = "\u202f"  # a narrow space: a comma would be read as a decimal sign by half of our readers
GROUP_FROM = 10_000
MINUS = "\u2212"
HOUR, DAY = 60, 24 * 60
TIME_FORMS = {
    "time": "H:i",
    "seconds": "H:i:s",
    "day": "j M Y",
    "short": "j M, H:i",
    "full": "j M Y, H:i",
}


def number_text(value: object, decimals: int | None = None, *, signed: bool = False) -> str:
    """The number in the language of the page, half rounded up at `decimals`; text ('<0.5') as it stands."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return "" if value is None else str(value)
    exact = Decimal(str(value))
    if not exact.is_finite():
        return str(value)
    if decimals is not None:
        exact = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    size = exact.copy_abs()
    text = f"{size:,f}".replace(",", GROUP_MARK if size >= GROUP_FROM else "")
    sign = MINUS if exact < 0 else "+" if signed and exact > 0 else ""
    return sign + text.replace(".", str(get_format("DECIMAL_SEPARATOR")))


def figure_text(value: Decimal | None, digits: int = 4) -> str:
    """The number with so many significant digits, whole ones in full; a dash for none."""
    if value is None:
        return "\u2014"
    places = digits - 1 - value.adjusted() if value else 0
    return number_text(value, max(0, places))


def time_text(value: datetime, zone: tzinfo, form: str = "short") -> str:
    """The moment in `zone`; `form` is one of TIME_FORMS."""
    shape = TIME_FORMS[form]
    if not (get_language() or "").startswith("en"):
        shape = shape.replace("M", "b")  # only English writes a month with a capital letter
    return date_format(value.astimezone(zone), shape)


def time_hint(value: datetime, zone: ZoneInfo) -> str:
    """The full moment with the zone's name and offset, so that nobody has to guess whose clock it is."""
    offset = value.astimezone(zone).strftime("%z")
    return f"{time_text(value, zone, 'full')} {zone.key} (UTC{offset[:3]}:{offset[3:]})"


def duration_text(passed: timedelta) -> str:
    """A time span as people say it: 40 min, 2 h 05 min, 3 d 4 h."""
    minutes = int(abs(passed).total_seconds() // 60)
    if minutes < HOUR:
        return gettext("%(minutes)d min") % {"minutes": minutes}
    if minutes < DAY:
        return gettext("%(hours)d h %(minutes)02d min") % {
            "hours": minutes // HOUR,
            "minutes": minutes % HOUR,
        }
    return gettext("%(days)d d %(hours)d h") % {"days": minutes // DAY, "hours": minutes % DAY // HOUR}


def left_text(due_at: datetime, *, at: datetime) -> str:
    """How long until `due_at`, or how long ago it was."""
    words = {"time": duration_text(due_at - at)}
    return gettext("late by %(time)s") % words if due_at < at else gettext("%(time)s left") % words


def day_text(value: date) -> str:
    """A date as documents of the language print it: 14 Mar 1986, 14.03.1986."""
    return date_format(value, "j M Y" if (get_language() or "").startswith("en") else "d.m.Y")


def month_text(name: str) -> str:
    """A month written as 2025-03 in words, as a part of a sentence; "" for what is no month."""
    try:
        begin = Month.parse(name).begin
    except ValueError:
        return ""
    words = date_format(begin, "F Y")
    return words if (get_language() or "").startswith("en") else words.lower()


def age_text(born: date, today: date) -> str:
    """Years; months under two years, days under two months, for limits change fastest there."""
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months < 2:  # noqa: PLR2004 - see above
        return ngettext("%(count)d day old", "%(count)d days old", (today - born).days) % {
            "count": (today - born).days
        }
    if months < 24:  # noqa: PLR2004 - see above
        return ngettext("%(count)d month old", "%(count)d months old", months) % {"count": months}
    return ngettext("%(count)d year old", "%(count)d years old", months // 12) % {"count": months // 12}
