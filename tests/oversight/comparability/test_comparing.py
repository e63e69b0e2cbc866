"""Facts of a month from what was measured, and the map that they make."""

from datetime import timedelta
from decimal import Decimal

import pytest

from aliquot.flow.results.actions import amend_result
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden
from aliquot.oversight.comparability.actions import compare_due_months, compare_month
from aliquot.oversight.comparability.models import LotMean, PatientMedian, SplitPair
from aliquot.oversight.comparability.queries import lines_of, peers_of, splits_of
from aliquot.oversight.comparability.rules.agreement import Verdict
from aliquot.registers.catalogue.models import Test
from tests.factories import NOW, make_accepted, make_decided
from tests.flow.quality.benches import make_controlled
from tests.oversight.comparability.months import FIRST, MONTH, SECOND, THIRD, analyzers, measured, medians
from tests.regions import Region, one_with


def compare(region: Region) -> None:
    with acting(region.worker):
        compare_month(MONTH, by=region.worker, at=NOW)


def facts(region: Region) -> list[list[tuple[object, ...]]]:
    with acting(region.worker):
        return [
            sorted((tuple(row.values()) for row in kind.objects.values(*_columns(kind))), key=str)
            for kind in (PatientMedian, LotMean, SplitPair)
        ]


def _columns(kind: type) -> list[str]:
    return [field.name for field in kind._meta.concrete_fields if field.name != "id"]  # type: ignore[attr-defined]


def test_medians_are_those_of_like_patients(region: Region) -> None:
    found = analyzers(region)
    for value in ("4.1", "4.3", "4.9"):
        measured(region, found[FIRST], value)
    measured(region, found[FIRST], "3.9", urgency="S")
    measured(region, found[FIRST], "3.9", ward="ICU")
    measured(region, found[FIRST], "3.9", at=NOW - timedelta(days=40))
    compare(region)
    with acting(region.worker):
        (one,) = PatientMedian.objects.all()
    assert (one.analyzer_id, one.n, one.median) == (found[FIRST].pk, 3, Decimal("4.3"))


def test_a_tube_of_two_analyzers_is_a_pair(region: Region) -> None:
    found = analyzers(region)
    tube = make_accepted(region, "K")
    make_decided(region, tube, "K", "4.0", analyzer_id=found[FIRST].pk)
    make_decided(region, tube, "K", "4.4", analyzer_id=found[SECOND].pk)
    measured(region, found[THIRD], "4.2")
    compare(region)
    with acting(region.worker):
        (split,) = splits_of(Test.objects.get(code="K"), MONTH)
    ((pair, percent),) = split.pairs
    assert (split.first.code, split.other.code) == (FIRST, SECOND)
    assert (pair.specimen_id, pair.level) == (tube.pk, "within")
    assert percent == pytest.approx(Decimal("9.52"), abs=Decimal("0.01"))
    assert split.bias.verdict is Verdict.FEW
    assert split.by_level["high"].n == 0


def test_a_value_that_turned_out_wrong_is_no_part(region: Region) -> None:
    found = analyzers(region)
    doctor = one_with(region, "laboratory_doctor", region.hub)
    tube = make_accepted(region, "K")
    wrong = make_decided(region, tube, "K", "4.9", analyzer_id=found[FIRST].pk)
    make_decided(region, tube, "K", "4.4", analyzer_id=found[SECOND].pk)
    good = measured(region, found[FIRST], "4.2")
    with acting(doctor):
        amend_result(wrong, "4.3", reason="dilution slip", by=doctor, at=NOW)
    compare(region)
    with acting(region.worker):
        assert not SplitPair.objects.exists()
        assert [one.median for one in PatientMedian.objects.filter(analyzer=found[FIRST])] == [good.value]


def test_two_days_apart_is_no_pair(region: Region) -> None:
    found = analyzers(region)
    tube = make_accepted(region, "K")
    make_decided(region, tube, "K", "4.0", analyzer_id=found[FIRST].pk)
    later = NOW + timedelta(hours=25)
    make_decided(region, tube, "K", "4.4", analyzer_id=found[SECOND].pk, measured_at=later)
    compare(region)
    with acting(region.worker):
        assert not SplitPair.objects.exists()


def test_controls_of_a_lot_are_a_mean(region: Region) -> None:
    bench = make_controlled(region)
    bench.run(0, 0)
    bench.run(1, -1)
    compare(region)
    with acting(region.worker):
        one = LotMean.objects.get(level=1)
        assert peers_of(MONTH) == [], "nobody else measured it"
    assert (one.n, one.mean, one.lot) == (2, Decimal(81), "A1")


def test_computing_again_gives_the_same(region: Region) -> None:
    found = analyzers(region)
    tube = make_accepted(region, "K")
    make_decided(region, tube, "K", "4.0", analyzer_id=found[FIRST].pk)
    make_decided(region, tube, "K", "4.4", analyzer_id=found[SECOND].pk)
    compare(region)
    before = facts(region)
    compare(region)
    assert facts(region) == before
    assert before[0]
    assert before[2]


def test_the_map_says_who_is_apart(region: Region) -> None:
    found = analyzers(region)
    with acting(region.worker):
        medians(region, MONTH, a=(found[FIRST], "4.30"), b=(found[SECOND], "4.31"), c=(found[THIRD], "4.60"))
        (line,) = lines_of(MONTH)
    assert line.whole == Decimal("4.31")
    assert [line.fields[found[code].pk].bias.verdict for code in (FIRST, SECOND, THIRD)] == [
        Verdict.AGREES,
        Verdict.AGREES,
        Verdict.APART,
    ]


def test_peers_of_a_lot_are_those_who_measured_it(region: Region) -> None:
    found = analyzers(region)
    test = Test.objects.get(code="K")
    with acting(region.worker):
        for code, mean in ((FIRST, "5.0"), (SECOND, "5.0"), (THIRD, "5.6")):
            LotMean.objects.create(
                month=MONTH, laboratory=region.hub, test=test, analyzer=found[code], material="M", lot="1",
                level=1, unit="mmol/L", n=30, mean=Decimal(mean), sd=Decimal("0.1"),
            )  # fmt: skip
        rows = peers_of(MONTH)
    assert rows[0].found.analyzer_id == found[THIRD].pk
    assert rows[0].index.sdi == pytest.approx(Decimal("1.33"), abs=Decimal("0.01"))
    assert rows[0].cv == pytest.approx(Decimal("1.79"), abs=Decimal("0.01"))


def test_a_month_is_computed_once_a_day(region: Region) -> None:
    with acting(region.worker):
        assert compare_due_months(by=region.worker, at=NOW) == 1
        assert compare_due_months(by=region.worker, at=NOW + timedelta(hours=23)) == 0
        assert compare_due_months(by=region.worker, at=NOW + timedelta(days=1)) == 1
        assert compare_due_months(by=region.worker, at=NOW + timedelta(days=10)) == 2, "results come late"


def test_a_laboratory_sees_the_medians_of_another_but_not_its_tubes(region: Region) -> None:
    found = analyzers(region)
    with acting(region.worker):
        medians(region, MONTH, a=(found[FIRST], "4.30"))
    nurse, manager = one_with(region, "nurse"), one_with(region, "quality_manager")
    with acting(manager):
        assert len(lines_of(MONTH)) == 1
    with acting(nurse):
        assert lines_of(MONTH) == []
        with pytest.raises(Forbidden):
            compare_month(MONTH, by=nurse, at=NOW)
