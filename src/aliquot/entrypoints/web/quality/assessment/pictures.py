"""Scores and returned values turned into what the charts draw."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.quality.assessment.words import laboratory_text, plain, score_text, shown_z
from aliquot.entrypoints.web.shell.charts import YoudenPoint, svg, youden
from aliquot.entrypoints.web.shell.charts.histogram import Around, Returned, histogram
from aliquot.entrypoints.web.shell.charts.levey_jennings import shape
from aliquot.entrypoints.web.shell.charts.z_scores import ZLine, ZPoint, z_rows, z_trend
from aliquot.entrypoints.web.shell.wording import number_text
from aliquot.oversight.proficiency.models import ProficiencyItem, ProficiencyScore, ProficiencyTarget
from aliquot.oversight.proficiency.queries import (
    Pair,
    ReturnedValue,
    TrendPoint,
    WorkLine,
    with_further,
)

TWO = 2
LABEL_AT_MOST = 14
ACTION = 3
"""In SD: from here action is due. ISO 13528:2015, 9.4.2."""
FAILED = frozenset({ProficiencyScore.Signal.ACTION, ProficiencyScore.Signal.MISSING})


def picture_of_round(lines: Sequence[WorkLine]) -> SafeString:
    """Every test of a laboratory in a round, by analyzer, its samples side by side; '' without a number."""
    samples = samples_of(lines)
    tests: dict[tuple[str, str], list[ZPoint]] = {}
    for one in with_further(lines):
        if one.score is not None and (point := _point(one.score, samples[one.item.sample.code])):
            tests.setdefault((one.item.test.code, one.name), []).append(point)
    drawn = [
        ZLine(name, tuple(points), reverse("quality:eqa-test", args=[code]))
        for (code, name), points in tests.items()
    ]
    return _rows(drawn, _("Scores by test"))


def picture_of_laboratories(scores: Iterable[ProficiencyScore]) -> SafeString:
    """Every laboratory in one item."""
    drawn = [
        ZLine(laboratory_text(one).partition(",")[0], (point,))
        for one in scores
        if (point := _point(one, 1, laboratory_text(one)))
    ]
    return _rows(drawn, _("Scores by laboratory"))


def picture_of_trend(points: Sequence[TrendPoint]) -> SafeString:
    """A test of a laboratory over its rounds, the oldest first."""
    rounds: dict[int, list[TrendPoint]] = {}
    for one in points:
        rounds.setdefault(one.round_id, []).append(one)
    lines = [ZLine(own[0].round, tuple(_trend_points(own))) for own in rounds.values()]
    lines = [one for one in lines if one.points]
    said = _("%(count)s rounds") % {"count": number_text(len(lines))}
    return _safe(z_trend(lines, title=_("Scores over rounds"), description=said))


def picture_of_pairs(lines: Sequence[WorkLine]) -> SafeString:
    """The first two samples of a round against each other, a point for each test; '' for fewer than two."""
    names = list(samples_of(lines))[:TWO]
    by_test: dict[str, dict[str, ProficiencyScore]] = {}
    for one in with_further(lines):
        if one.score is not None and shown_z(one.score) is not None:
            by_test.setdefault(one.name, {})[one.item.sample.code] = one.score
    both = {code: own for code, own in by_test.items() if len(names) == TWO and set(names) <= set(own)}
    points = [
        _youden_point(
            code, shown_z(own[names[0]]), shown_z(own[names[1]]), is_failed=_is_failed(own.values())
        )
        for code, own in both.items()
    ]
    return _youden(points, names, _("%(count)s tests with both samples"))


def picture_of_laboratory_pairs(
    pairs: Sequence[Pair], names: Sequence[str], labels: dict[int, str]
) -> SafeString:
    """Two samples of one test against each other, a point for each laboratory."""
    points = [
        _youden_point(
            labels[one.laboratory_id],
            one.first,
            one.second,
            is_failed=max(abs(one.first), abs(one.second)) >= ACTION,
        )
        for one in pairs
    ]
    return _youden(points, names, _("%(count)s laboratories with both samples"))


def picture_of_values(
    item: ProficiencyItem, target: ProficiencyTarget | None, values: Sequence[ReturnedValue], method: str = ""
) -> SafeString:
    """What all returned for an item; dark: by this method."""
    drawn = [Returned(float(one.value), bool(method) and one.method == method, one.is_own) for one in values]
    around = _around(target) if target is not None else Around()
    unit = item.test.unit_said(item.unit) or "1"
    said = _("%(count)s results, in %(unit)s") % {"count": number_text(len(drawn)), "unit": unit}
    return _safe(histogram(drawn, around, _figure, title=_("Returned values"), description=said))


def _around(target: ProficiencyTarget) -> Around:
    """What came out, else what was planned."""
    value = target.assigned if target.x_pt is None else target.x_pt
    sigma = target.sigma if target.sigma_pt is None else target.sigma_pt
    return Around(None if value is None else float(value), float(sigma) if sigma else None)


def samples_of(lines: Iterable[WorkLine]) -> dict[str, int]:
    """The samples in their order, numbered from 1: by the number goes the mark."""
    return {code: at for at, code in enumerate(dict.fromkeys(one.item.sample.code for one in lines), start=1)}


def keys_of(lines: Iterable[WorkLine]) -> list[tuple[SafeString, str]]:
    """The mark of each sample, and its name."""
    return [(_mark(at), _("sample %(code)s") % {"code": code}) for code, at in samples_of(lines).items()]


def _mark(sample: int) -> SafeString:
    mark = shape(sample, 10.0, 10.0, 6.0, class_="z-point z-acceptable")
    return _safe(svg.tag("svg", mark, viewBox="0 0 20 20", aria_hidden="true"))


def _point(score: ProficiencyScore, sample: int, label: str = "") -> ZPoint | None:
    z = shown_z(score)
    if z is None:
        return None
    about = label or _("sample %(code)s") % {"code": score.item.sample.code}
    text = f"{score.test.code}, {about}: {score_text(score)}"
    return ZPoint(float(z), text, sample, score.signal, number_text(z, 1, signed=True))


def _trend_points(points: Sequence[TrendPoint]) -> Iterable[ZPoint]:
    for at, one in enumerate(points, start=1):
        z = one.z_prime if one.judged_by == "z_prime" else one.z
        if z is not None:
            text = f"{one.round}, {one.sample}: {number_text(z, 2, signed=True)}"
            yield ZPoint(float(z), text, at, one.signal, number_text(z, 1, signed=True))


def _rows(lines: Sequence[ZLine], title: str) -> SafeString:
    said = "; ".join(point.text for line in lines for point in line.points)
    return _safe(z_rows(lines, title=title, description=said))


def _is_failed(scores: Iterable[ProficiencyScore]) -> bool:
    return any(one.signal in FAILED for one in scores)


def _youden_point(
    label: str, across: Decimal | None, up: Decimal | None, *, is_failed: bool = False
) -> YoudenPoint:
    both = [one or Decimal(0) for one in (across, up)]
    words = "; ".join(number_text(one, 2, signed=True) for one in both)
    text, short = f"{label}: {words}", label.split(maxsplit=1)[0].rstrip(",")[:LABEL_AT_MOST]
    return YoudenPoint(float(both[0]), float(both[1]), text, is_failed, short)


def _youden(points: Sequence[YoudenPoint], names: Sequence[str], said: str) -> SafeString:
    if len(names) < TWO:
        return _safe("")
    axes = [_("z, sample %(code)s") % {"code": one} for one in names]
    words = said % {"count": number_text(len(points))}
    drawn = youden(
        points,
        across=axes[0],
        up=axes[1],
        title=_("Youden chart"),
        description=words,
        has_newest=False,
    )
    return _safe(drawn)


def _figure(value: float) -> str:
    return number_text(plain(Decimal(str(value)), 4))


def _safe(drawn: str) -> SafeString:
    return mark_safe(drawn)  # noqa: S308 - charts escape every text they are given
