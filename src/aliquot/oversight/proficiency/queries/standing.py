"""What others may ask about rounds: of a laboratory, their progress, scores over time, open failures."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median

from django.db.models import Prefetch, QuerySet

from aliquot.foundation import sql_files
from aliquot.foundation.naming import is_russian
from aliquot.oversight.proficiency.models import (
    FailureCase,
    FailureStep,
    Participation,
    ProficiencyItem,
    ProficiencyResult,
    ProficiencyRound,
    ProficiencyScore,
    ProficiencyTarget,
    SampleReceipt,
)
from aliquot.oversight.proficiency.rules.events import Participation as Followed
from aliquot.oversight.proficiency.rules.events import event_score, follow_events
from aliquot.oversight.proficiency.rules.items import Basis, Estimator, Target
from aliquot.oversight.proficiency.rules.scores import Signal

SQL = Path(__file__).parent.parent / "sql"
FIT = frozenset({Signal.ACCEPTABLE, Signal.WARNING})
Series = tuple[int, int, int | None]


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round as one of its laboratories sees it."""

    id: int
    code: str
    scheme: str
    provider: str
    kind: str
    state: str
    submit_by: datetime
    closed_at: datetime | None
    participant: str
    submitted_at: datetime | None
    score_percent: Decimal | None
    is_satisfactory: bool | None
    samples: int
    received: int
    items: int
    returned: int
    open_cases: int


@dataclass(frozen=True, slots=True)
class Progress:
    """A participant as the organiser sees it."""

    laboratory_id: int
    code: str
    submitted_at: datetime | None
    score_percent: Decimal | None
    is_satisfactory: bool | None
    received: int
    returned: int
    failed: int


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One score of a test, with what was returned and what was assigned."""

    round_id: int
    round: str
    scheme: str
    sample: str
    at: datetime
    signal: str
    judged_by: str
    z: Decimal | None
    z_prime: Decimal | None
    zeta: Decimal | None
    en: Decimal | None
    sdi: Decimal | None
    d_percent: Decimal | None
    distance: int | None
    value: Decimal | None
    text: str | None
    unit: str
    x_pt: Decimal | None
    sigma_pt: Decimal | None
    analyzer: str
    is_further: bool

    @property
    def series(self) -> str:
        """What it is followed by over rounds: "" for what is returned, else the further analyzer."""
        return self.analyzer if self.is_further else ""


@dataclass(frozen=True, slots=True)
class ReturnedValue:
    """A number that somebody returned for an item, without the name; `is_own`: of one's own laboratory.

    Of further analyzers one sees those of one's own laboratory.
    """

    value: Decimal
    method: str
    is_own: bool
    is_further: bool


@dataclass(frozen=True, slots=True)
class TestStanding:
    """How a laboratory did in a test in its last round, and by when the next results are due.

    `analyzer` measured it, "" where that is not known; a further one beside the returned has its own line.
    `next_planned` is when the samples of a round come that is expected, where none runs.
    """

    test_id: int
    code: str
    name_en: str
    name_ru: str
    analyzer: str
    is_further: bool
    round_id: int | None
    round: str | None
    at: datetime | None
    mean_z: Decimal | None
    failed: int
    warned: int
    counted: int
    next_due: datetime | None
    next_planned: date | None

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_ru if is_russian() else self.name_en


@dataclass(frozen=True, slots=True)
class GroupLine:
    """What was returned with one method, against all: whether the method deviates, or one laboratory."""

    method: str
    count: int
    median: Decimal
    least: Decimal
    most: Decimal


@dataclass(frozen=True, slots=True)
class Pair:
    """A participant's z in two samples: both off to one side speak of a systematic error."""

    laboratory_id: int
    first: Decimal
    second: Decimal


@dataclass(frozen=True, slots=True)
class WorkLine:
    """An item as a participant works on it; target and score are None until the round is closed.

    `further` are what other analyzers of the laboratory measured in the same sample, each as such a line.
    """

    item: ProficiencyItem
    receipt: SampleReceipt | None
    result: ProficiencyResult | None
    target: ProficiencyTarget | None
    score: ProficiencyScore | None
    further: tuple["WorkLine", ...] = ()

    @property
    def name(self) -> str:
        """The test; of a further analyzer with its code."""
        code, result = self.item.test.code, self.result
        if result is None or not result.is_further or result.analyzer is None:
            return code
        return f"{code} {result.analyzer.code}"


def rounds_of(laboratory_id: int, *, limit: int = 100) -> list[RoundLine]:
    """The rounds that a laboratory takes part in, the newest first."""
    return sql_files.fetch(RoundLine, SQL, "rounds_of", laboratory=laboratory_id, limit=limit)


def arranged_by(organiser_id: int, *, limit: int = 100) -> QuerySet[ProficiencyRound]:
    """The rounds that a laboratory organises, the newest first."""
    found = ProficiencyRound.objects.filter(organiser_id=organiser_id)
    return found.prefetch_related("participations").order_by("-opened_at", "-id")[:limit]


def progress(round_id: int) -> list[Progress]:
    """Every participant of a round: what it received, returned and submitted."""
    return sql_files.fetch(Progress, SQL, "progress", round=round_id)


def worksheet(round_id: int, laboratory_id: int) -> list[WorkLine]:
    """The items of a round with what one laboratory received and returned, sample by sample."""
    results = ProficiencyResult.objects.filter(laboratory_id=laboratory_id).select_related("analyzer")
    scores = ProficiencyScore.objects.filter(laboratory_id=laboratory_id).select_related("test")
    items = ProficiencyItem.objects.filter(round_id=round_id).select_related("sample", "test")
    items = items.prefetch_related(
        Prefetch("results", results.order_by("is_further", "id")),
        Prefetch("scores", scores.order_by("is_further", "id")),
    )
    receipts = SampleReceipt.objects.filter(sample__round_id=round_id, laboratory_id=laboratory_id)
    received = {one.sample_id: one for one in receipts.select_related("specimen")}
    # row security hides them while the round runs
    targets = {one.item_id: one for one in ProficiencyTarget.objects.filter(round_id=round_id)}
    return [
        _work_line(one, received.get(one.sample_id), targets.get(one.pk))
        for one in items.order_by("sample_id", "id")
    ]


def _work_line(
    item: ProficiencyItem, receipt: SampleReceipt | None, target: ProficiencyTarget | None
) -> WorkLine:
    """An item with its results and scores at hand, those of further analyzers last."""
    results, scores = list(item.results.all()), list(item.scores.all())
    own = next((one for one in results if not one.is_further), None)
    score = next((one for one in scores if not one.is_further), None)
    of_result = {one.result_id: one for one in scores if one.is_further}
    further = beside({} if own is None else {own.laboratory_id: own}, results)
    lines = tuple(WorkLine(item, receipt, one, target, of_result.get(one.pk)) for one in further)
    return WorkLine(item, receipt, own, target, score, lines)


def with_further(lines: Iterable[WorkLine]) -> list[WorkLine]:
    """The lines, each followed by those of further analyzers."""
    return [one for line in lines for one in (line, *line.further)]


def beside(
    returned: Mapping[int, ProficiencyResult], results: Iterable[ProficiencyResult]
) -> list[ProficiencyResult]:
    """The further ones of the results; none of an analyzer whose result is returned by now."""
    own = {(key, one.analyzer_id) for key, one in returned.items()}
    return [one for one in results if one.is_further and (one.laboratory_id, one.analyzer_id) not in own]


def scores_of(round_id: int) -> QuerySet[ProficiencyScore]:
    """All scores of a round that one may see, by item: participants against tests."""
    found = ProficiencyScore.objects.filter(round_id=round_id)
    found = found.select_related("item__sample", "test", "laboratory", "result__analyzer")
    return found.order_by("item_id", "laboratory_id", "is_further", "id")


def trend(laboratory_id: int, test_id: int, *, limit: int = 40) -> list[TrendPoint]:
    """The newest scores of a laboratory in a test, the oldest of them first."""
    found = sql_files.fetch(TrendPoint, SQL, "trend", laboratory=laboratory_id, test=test_id, limit=limit)
    return found[::-1]


def standing_by_test(laboratory_id: int, *, limit: int = 500) -> list[TestStanding]:
    """Every test that a laboratory was assessed in, or is due to be, by code."""
    return sql_files.fetch(TestStanding, SQL, "standing_by_test", laboratory=laboratory_id, limit=limit)


def participation_in(points: Iterable[TrendPoint], series: str = "") -> Followed:
    """Whether a test was satisfactory round by round, and whether too many rounds in a row were not.

    Of what was returned, or of a further analyzer; its points the oldest first.
    """
    rounds: dict[int, list[bool]] = {}
    for one in points:
        if one.signal != Signal.NOT_SCORED and one.series == series:
            rounds.setdefault(one.round_id, []).append(Signal(one.signal) in FIT)
    return follow_events([event_score(one) for one in rounds.values()])


def returned_values(item_id: int) -> list[ReturnedValue]:
    """The numbers of an item, the smallest first: to the organiser always, to participants once evaluated."""
    return sql_files.fetch(ReturnedValue, SQL, "returned_values", item=item_id)


def method_groups(item_id: int) -> list[GroupLine]:
    """The numbers of an item by method, the most used first; of all, to whom `returned_values` tells them."""
    groups: dict[str, list[Decimal]] = {}
    for one in returned_values(item_id):
        if not one.is_further:  # one number of each laboratory
            groups.setdefault(one.method, []).append(one.value)
    lines = [GroupLine(name, len(own), median(own), own[0], own[-1]) for name, own in groups.items()]
    return sorted(lines, key=lambda one: (-one.count, one.method))


def pairs_of(first_item_id: int, second_item_id: int) -> list[Pair]:
    """Both z of every participant scored in both items: for a Youden picture."""
    items = (first_item_id, second_item_id)
    found = ProficiencyScore.objects.filter(item_id__in=items, z__isnull=False, is_further=False)
    by_laboratory: dict[int, dict[int, Decimal]] = {}
    for laboratory, item, z in found.order_by("id").values_list("laboratory_id", "item_id", "z"):
        by_laboratory.setdefault(laboratory, {})[item] = z or Decimal(0)
    both = {
        name: own for name, own in by_laboratory.items() if len(own) == len({first_item_id, second_item_id})
    }
    return [Pair(name, own[first_item_id], own[second_item_id]) for name, own in both.items()]


def cases_of(sites: Collection[int], *, is_open: bool = True, limit: int = 200) -> QuerySet[FailureCase]:
    """Failures of these laboratories, the oldest open one first; of closed ones the newest."""
    states = FailureCase.State
    found = FailureCase.objects.filter(
        laboratory_id__in=sites, state=states.OPEN if is_open else states.CLOSED
    )
    found = found.select_related("score__item__sample", "score__item__round", "score__test", "laboratory")
    return found.order_by("opened_at" if is_open else "-opened_at", "id")[:limit]


def steps_of(case_id: int) -> list[FailureStep]:
    """The answered steps of a case, in the order of their answers."""
    return list(FailureStep.objects.filter(case_id=case_id).order_by("id"))


def participants_of(round_id: int) -> QuerySet[Participation]:
    """Who takes part, by number."""
    return Participation.objects.filter(round_id=round_id).select_related("laboratory").order_by("code", "id")


def target_of(item: ProficiencyItem) -> Target:
    """How an item is judged, as the rules take it."""
    kept = item.target
    return Target(
        basis=Basis(kept.basis),
        assigned=kept.assigned,
        u_assigned=kept.u_assigned,
        sigma=kept.sigma,
        limit=kept.limit,
        limit_percent=kept.limit_percent,
        expected=kept.expected,
        grades=tuple(item.grades),
        allowed_grades=kept.allowed_grades,
        is_quantitative=item.is_quantitative,
        is_grouped=kept.is_grouped,
        at_least=kept.at_least,
        estimator=Estimator(kept.estimator),
    )


def series_of(score: ProficiencyScore) -> Series:
    """What a score is followed by over rounds: laboratory, test, and the analyzer of a further one."""
    further = score.result.analyzer_id if score.is_further and score.result is not None else None
    return score.laboratory_id, score.test_id, further


def signals_before(scores: Sequence[ProficiencyScore]) -> dict[Series, tuple[Signal, ...]]:
    """What the scores of the same laboratories, tests and further analyzers said in the round before."""
    if not scores:
        return {}
    rows = sql_files.fetch_rows(
        SQL,
        "signals_before",
        laboratories=_distinct(one.laboratory_id for one in scores),
        tests=_distinct(one.test_id for one in scores),
        round=scores[0].round_id,
    )
    return {
        (laboratory, test, analyzer): tuple(map(Signal, said)) for laboratory, test, analyzer, said in rows
    }


def _distinct(ids: Iterable[int]) -> list[int]:
    return sorted(set(ids))
