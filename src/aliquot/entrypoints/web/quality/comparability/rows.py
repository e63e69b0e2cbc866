"""The map as a page shows it: sign, figure and word in each field, never a colour alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from aliquot.entrypoints.web.quality.comparability.picture import (
    Mark,
    Strip,
    difference_plot,
    network_picture,
)
from aliquot.entrypoints.web.quality.words import Said
from aliquot.entrypoints.web.shell.wording import number_text
from aliquot.flow.instruments.models import Analyzer
from aliquot.oversight.comparability.queries import LEVELS, Field, Line, Peer, Split
from aliquot.oversight.comparability.rules.agreement import HUNDRED, Bias, Verdict

VERDICTS: Mapping[Verdict, tuple[str, Promise]] = {
    Verdict.AGREES: ("good", pgettext_lazy("comparability", "agrees")),
    Verdict.APART: ("notice", pgettext_lazy("comparability", "apart")),
    Verdict.UNCLEAR: ("neutral", pgettext_lazy("comparability", "unclear")),
    Verdict.FEW: ("neutral", pgettext_lazy("comparability", "too few")),
    Verdict.NO_LIMIT: ("neutral", pgettext_lazy("comparability", "no limit")),
}
QUARTERS: Mapping[str, Promise] = {
    "low": pgettext_lazy("quarter of patients", "lower quarter"),
    "high": pgettext_lazy("quarter of patients", "upper quarter"),
}
STRIPS = 40
"""Tests in the picture, the furthest apart first."""
LEVEL_WORDS: Mapping[str, Promise] = {
    "low": pgettext_lazy("level", "below the limits"),
    "within": pgettext_lazy("level", "within the limits"),
    "high": pgettext_lazy("level", "above the limits"),
}


@dataclass(frozen=True, slots=True)
class BiasRow:
    """A bias in words: signed figure with its interval, how many values, a verdict."""

    name: str
    text: str
    n: int
    said: Said
    kind: str


@dataclass(frozen=True, slots=True)
class MapField:
    """The bias of a median, and of the quartiles those that are apart."""

    middle: BiasRow
    ends: list[BiasRow]
    kind: str


@dataclass(frozen=True, slots=True)
class MapRow:
    """A test with a field for each analyzer; None where it was not measured."""

    code: str
    name: str
    limit: str
    apart: int
    fields: list[MapField | None]


@dataclass(frozen=True, slots=True)
class Place:
    """A laboratory with its analyzers, as the map's head names them."""

    laboratory: str
    analyzers: list[Analyzer]


@dataclass(frozen=True, slots=True)
class Glance:
    """What the map says in a sentence and a picture: tests that are apart, of those that could be judged."""

    apart: list[str]
    judged: int
    picture: SafeString


@dataclass(frozen=True, slots=True)
class SplitRow:
    """Two analyzers: the bias of all pairs, by level, and their picture."""

    name: str
    rows: list[BiasRow]
    picture: SafeString


@dataclass(frozen=True, slots=True)
class PeerRow:
    """A control lot on an analyzer among its peers."""

    peer: Peer
    sdi: str
    said: Said


def map_of(lines: Sequence[Line]) -> tuple[list[Analyzer], list[MapRow]]:
    """The analyzers across, and a row for each test, those with the most that is apart first."""
    analyzers = {one.analyzer.pk: one.analyzer for line in lines for one in line.fields.values()}
    across = sorted(analyzers.values(), key=lambda one: (one.laboratory_id, one.code))
    rows = [_row(line, across) for line in lines]
    return across, sorted(rows, key=lambda one: (-one.apart, one.code))


def places_of(across: Sequence[Analyzer]) -> list[Place]:
    """The analyzers by their laboratory, in the order of the map."""
    grouped = groupby(across, key=lambda one: one.laboratory_id)
    found = [list(those) for _laboratory, those in grouped]
    return [Place(str(those[0].laboratory), those) for those in found]


def glance_of(lines: Sequence[Line]) -> Glance:
    """Where the network is not one laboratory: the tests that are apart, the furthest first."""
    judged = [
        line
        for line in lines
        if line.limit and any(one.bias.verdict is not Verdict.FEW for one in line.fields.values())
    ]
    strips = sorted((_strip(line) for line in judged), key=lambda one: (-one.reach, one.code))
    apart = [one.code for one in strips if one.reach]
    title = _("Bias of each analyzer, as a share of what is allowed")
    said = ", ".join(apart) or _("no test is apart")
    drawn = network_picture(strips[:STRIPS], title=title, description=said)
    return Glance(apart, len(judged), mark_safe(drawn))  # noqa: S308 - every text in it is escaped


def _strip(line: Line) -> Strip:
    marks = [mark for one in line.fields.values() for mark in _marks(one, line.limit or HUNDRED)]
    reach = max((abs(mark.share) for mark in marks if mark.is_apart), default=0.0)
    return Strip(line.test.code, reach, marks)


def _marks(one: Field, limit: Decimal) -> list[Mark]:
    """The median, and of the quartiles those that are apart."""
    name = f"{one.analyzer.laboratory.code} {one.analyzer.code}"
    ends = [end for end in (one.low, one.high) if end.verdict is Verdict.APART]
    return [
        Mark(float(bias.percent / limit), f"{name} {_bias_text(bias)}", bias.verdict is Verdict.APART)
        for bias in (one.bias, *ends)
        if bias.percent is not None
    ]


def bias_row(name: str, found: Bias) -> BiasRow:
    """A bias as it is written in a field and in a table."""
    return BiasRow(name, _bias_text(found), found.n, verdict_said(found.verdict), found.verdict.value)


def split_row(found: Split) -> SplitRow:
    """Two analyzers and their tubes."""
    name = _("%(other)s against %(first)s") % {"other": found.other.name, "first": found.first.name}
    levels = [bias_row(str(LEVEL_WORDS[level]), found.by_level[level]) for level in LEVELS]
    points = [(float((one.value + one.other_value) / 2), float(percent)) for one, percent in found.pairs]
    drawn = difference_plot(
        points,
        middle=None if found.bias.percent is None else float(found.bias.percent),
        limit=None if found.bias.limit is None else float(found.bias.limit),
        title=_("Difference plot"),
        description=name,
    )
    picture = mark_safe(drawn)  # noqa: S308 - every text in it is escaped
    return SplitRow(name, [bias_row(_("all levels"), found.bias), *levels], picture)


def peer_row(found: Peer) -> PeerRow:
    """A control lot on an analyzer."""
    sdi = "—" if found.index.sdi is None else number_text(round(found.index.sdi, 2), signed=True)
    return PeerRow(found, sdi, verdict_said(found.index.verdict))


def verdict_said(verdict: Verdict) -> Said:
    """A verdict as a badge with its word."""
    return Said(*VERDICTS[verdict])


def _row(line: Line, across: Sequence[Analyzer]) -> MapRow:
    fields = [_field(line.fields[one.pk]) if one.pk in line.fields else None for one in across]
    limit = "" if line.limit is None else f"± {number_text(round(line.limit, 1))}"
    apart = sum(one is not None and one.kind == Verdict.APART for one in fields)
    return MapRow(line.test.code, line.test.name, limit, apart, fields)


def _field(one: Field) -> MapField:
    middle = bias_row(one.analyzer.name, one.bias)
    ends = [
        bias_row(str(QUARTERS[name]), bias)
        for name, bias in (("low", one.low), ("high", one.high))
        if bias.verdict is Verdict.APART
    ]
    return MapField(middle, ends, Verdict.APART.value if one.apart else middle.kind)


def _bias_text(found: Bias) -> str:
    if found.percent is None:
        return "—"
    text = f"{number_text(round(found.percent, 1), signed=True)} %"
    return text if found.half is None else f"{text} ± {number_text(round(found.half, 1))}"
