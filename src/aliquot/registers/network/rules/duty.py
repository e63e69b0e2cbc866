"""Who is on duty at a moment of the site's clock."""

from datetime import datetime, time, timedelta


def is_on_duty(days: str, on_from: time | None, on_until: time | None, local: datetime) -> bool:
    """Whether these hours cover a local moment: the first minute is inside, the last is not.

    `days` are digits, Monday 1; a duty past midnight belongs to the day on which it began. Without hours, or
    with both alike, it is the whole day.
    """
    if on_from is None or on_until is None or on_from == on_until:
        return str(local.isoweekday()) in days
    clock = local.time()
    if on_from < on_until:
        return str(local.isoweekday()) in days and on_from <= clock < on_until
    began = local if clock >= on_from else local - timedelta(days=1)
    return str(began.isoweekday()) in days and (clock >= on_from or clock < on_until)
