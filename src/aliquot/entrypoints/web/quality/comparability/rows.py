"""The map as a page shows it: sign, figure and word in each field, never a colour alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from aliquot.entrypoints.web.quality.comparability.picture import difference_plot
from aliquot.entrypoints.web.quality.words import Said
from aliquot.entrypoints.web.shell.wording import number_text
from aliquot.flow.instruments.models import Analyzer
from aliquot.oversight.comparability.queries import LEVELS, Line, Peer, Split
from aliquot.oversight.comparability.rules.agreement import Bias, Verdict

VERDICTS: Mapping[Verdict, tuple[str, Promise]] = {
    Verdict.AGREES: ("good", pgettext_lazy("comparability", "agrees")),
    Verdict.APART: ("notice", pgettext_lazy("comparability", "apart")),
    Verdict.UNCLEAR: ("neutral", pgettext_lazy("comparability", "unclear")),
    Verdict.FEW: ("neutral", pgettext_lazy("comparability", "too few")),
    Verdict.NO_LIMIT: ("neutral", pgettext_lazy("comparability", "no limit")),
}
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
class MapRow:
    """A test with a field for each analyzer; None where it was not measured."""

    code: str
    name: str
    limit: str
    apart: int
    fields: list[BiasRow | None]


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
    fields = [
        bias_row(one.name, line.fields[one.pk].bias) if one.pk in line.fields else None for one in across
    ]
    limit = "" if line.limit is None else f"± {number_text(round(line.limit, 1))}"
    apart = sum(one is not None and one.kind == Verdict.APART for one in fields)
    return MapRow(line.test.code, line.test.name, limit, apart, fields)


def _bias_text(found: Bias) -> str:
    if found.percent is None:
        return "—"
    text = f"{number_text(round(found.percent, 1), signed=True)} %"
    return text if found.half is None else f"{text} ± {number_text(round(found.half, 1))}"
