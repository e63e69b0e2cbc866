"""One monitor of each kind, and each statistic by plain loops over the definition."""

import math
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from aliquot.flow.quality.rules.moving.monitors import Limits, Monitor, Procedure, Transform, Treatment

WIDE = Limits(135.0, 147.0)


def monitor(procedure: Procedure = Procedure.MEAN, **changes: Any) -> Monitor:
    given: dict[str, Any] = {"procedure": procedure, "block": 5}
    if procedure is Procedure.EWMA:
        given["lam"] = 0.2
    if procedure is Procedure.BULL:
        given["start"] = 140.0
    if procedure is Procedure.OUTLIERS:
        given["normal"] = Limits(138.0, 142.0)
    return Monitor(**(given | changes))


KINDS = [
    *(monitor(one) for one in Procedure),
    monitor(block=1),
    monitor(is_batched=True),
    monitor(treatment=Treatment.EXCLUDE, truncation=WIDE),
    monitor(treatment=Treatment.WINSORISE, truncation=WIDE),
    monitor(Procedure.MEDIAN, block=4, treatment=Treatment.WINSORISE, truncation=WIDE),
    monitor(Procedure.MEDIAN, is_batched=True),
    monitor(Procedure.PERCENTILE, percentile=90.0, treatment=Treatment.EXCLUDE, truncation=WIDE),
    monitor(Procedure.SD, block=2, transform=Transform.LOG),
    monitor(Procedure.EWMA, start=140.0, treatment=Treatment.EXCLUDE, truncation=WIDE),
    monitor(Procedure.EWMA, transform=Transform.SQRT),
    monitor(Procedure.BULL, block=20, damping=0.5, treatment=Treatment.WINSORISE, truncation=WIDE),
    monitor(transform=Transform.BOX_COX, power=0.5),
    monitor(transform=Transform.BOX_COX, power=0.0),
    monitor(transform=Transform.LOG10),
]


def named(one: Monitor) -> str:
    words = (one.procedure, one.block, one.treatment, one.transform, "by block" if one.is_batched else "")
    return " ".join(str(word) for word in words).strip()


def counts(one: Monitor, value: float) -> float | None:
    """A result as it counts, by the definition; None for one that does not count."""
    if not math.isfinite(value):
        return None
    limits = one.truncation
    if limits and one.treatment is Treatment.EXCLUDE and not limits.lower <= value <= limits.upper:
        return None
    if limits and one.treatment is Treatment.WINSORISE:
        value = min(max(value, limits.lower), limits.upper)
    if one.transform is Transform.NONE:
        return value
    if value < 0 or (value == 0 and one.transform is not Transform.SQRT):
        return None
    if one.transform is Transform.BOX_COX and one.power:
        return float((value**one.power - 1) / one.power)
    scale = {Transform.SQRT: math.sqrt, Transform.LOG10: math.log10}.get(one.transform, math.log)
    return scale(value)


def by_definition(one: Monitor, values: Sequence[float]) -> list[float | None]:
    """The statistic after each result that counts, each window by itself from its values."""
    counted = [found for found in (counts(one, value) for value in values) if found is not None]
    if one.procedure is Procedure.EWMA:
        return list(smoothed(one, counted))
    if one.procedure is Procedure.BULL:
        return list(bull(one, counted))
    series: list[float | None] = []
    for end in range(1, len(counted) + 1):
        is_due = end >= one.block and (not one.is_batched or end % one.block == 0)
        series.append(of_window(one, counted[end - one.block : end]) if is_due else None)
    return series


def of_window(one: Monitor, window: Sequence[float]) -> float:
    if one.procedure is Procedure.MEAN:
        return math.fsum(window) / len(window)
    if one.procedure is Procedure.MEDIAN:
        return statistics.median(window)
    if one.procedure is Procedure.SD:
        mean = math.fsum(window) / len(window)
        return math.sqrt(math.fsum((value - mean) ** 2 for value in window) / (len(window) - 1))
    if one.procedure is Procedure.OUTLIERS:
        assert one.normal
        return sum(not one.normal.lower <= value <= one.normal.upper for value in window)
    rank = one.percentile / 100 * (len(window) - 1)
    ordered = sorted(window)
    low, high = ordered[math.floor(rank)], ordered[math.ceil(rank)]
    return low + (rank - math.floor(rank)) * (high - low)


def smoothed(one: Monitor, counted: Sequence[float]) -> Iterator[float]:
    assert one.lam
    level = one.start
    for value in counted:
        level = one.lam * value + (1 - one.lam) * (value if level is None else level)
        yield level


def bull(one: Monitor, counted: Sequence[float]) -> Iterator[float | None]:
    assert one.start is not None
    level = one.start
    for end in range(1, len(counted) + 1):
        if end % one.block:
            yield None
            continue
        batch = counted[end - one.block : end]
        total = sum(math.copysign(abs(value - level) ** 0.5, value - level) for value in batch)
        level += one.damping * math.copysign((abs(total) / one.block) ** 2, total)
        yield level
