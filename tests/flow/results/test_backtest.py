"""A rule set tried on history: it decides as the live path did, counts what would change, and changes nothing."""

from datetime import datetime, timedelta

from django.utils import timezone

from aliquot.flow.quality.models import ReleaseState
from aliquot.flow.results.actions import autoverify_batch, refuse_result, release_results
from aliquot.flow.results.actions.validating import report_on
from aliquot.flow.results.models import Result
from aliquot.flow.results.queries.replaying import History, book_of, count_history, replay, tallied
from aliquot.flow.results.rules.backtest.tally import total
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.verification.queries import check_text, current_book, shipped_rules
from aliquot.foundation.context import acting
from aliquot.registers.patients.models import Patient
from tests.factories import NOW, make_accepted, make_order, make_patient, make_result
from tests.regions import Region

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ALL = History(NOW - DAY, max(NOW, timezone.now()) + DAY)
NARROW = """
[[rule]]
code = "K-narrow"
kind = "limits"
tests = ["K"]
autoverification = [3.5, 4.3]
source = "test"
"""


def tube(region: Region, patient: Patient, *codes: str, hours: int) -> Specimen:
    """Drawn so many hours after the first."""
    at = NOW - 9 * HOUR + hours * HOUR
    order = make_order(region, *codes, patient=patient, at=at - HOUR)
    return make_accepted(region, order=order, collected_at=at)


def measured(region: Region, drawn: Specimen, at: datetime, **values: str) -> None:
    """These values come from the analyzer together, and are decided together."""
    for code, value in values.items():
        make_result(region, drawn, code, value, at=at, measured_at=drawn.collected_at)
    autoverify_batch(limit=100, by=region.worker, at=at)


def history(region: Region) -> None:
    """Unremarkable, critical, changed, contradicting, flagged, signed and measured twice."""
    patient, other = make_patient(region), make_patient(region)
    first = tube(region, patient, "K", "GLUS", hours=0)
    measured(region, first, NOW, K="4.2", GLUS="5.0")
    contaminated = tube(region, patient, "K", "CA", hours=1)
    measured(region, contaminated, NOW + HOUR, K="6.1", CA="1.5")
    measured(region, tube(region, patient, "K", hours=2), NOW + 2 * HOUR, K="7.0")
    measured(region, tube(region, patient, "K", hours=3), NOW + 3 * HOUR, K="4.4")
    measured(region, tube(region, other, "K", hours=3), NOW + 3 * HOUR, K="<3.0")
    split = tube(region, other, "HGB", "HCT", "MCV", hours=4)
    measured(region, split, NOW + 4 * HOUR, HGB="140")
    measured(region, split, NOW + 5 * HOUR, HCT="65", MCV="88")
    twice = tube(region, other, "TSH", hours=5)
    measured(region, twice, NOW + 5 * HOUR, TSH="9.9")
    measured(region, twice, NOW + 6 * HOUR, TSH="2.0")


def decided_again(region: Region) -> dict[int, tuple[str, str, list[dict[str, str]]]]:
    return {
        row.result_id: (
            "released" if verdict.release else "held",
            verdict.flag,
            [one.as_json() for one in verdict.reasons],
        )
        for row, _, verdict in replay(current_book(NOW), ALL)
    }


def kept() -> dict[int, tuple[str, str, list[dict[str, str]]]]:
    return {one.pk: (one.state, one.flag, one.reasons) for one in Result.objects.all()}


def test_the_back_test_decides_as_the_live_path_did(region: Region) -> None:
    history(region)
    live = kept()
    assert decided_again(region) == live
    assert len(live) == 12
    said = {one["code"] for _, _, reasons in live.values() for one in reasons}
    assert said >= {"critical", "delta", "inconsistent", "rerun"}
    assert {state for state, _, _ in live.values()} == {"released", "held"}


def test_it_agrees_also_after_people_released_and_refused(region: Region) -> None:
    history(region)
    live = kept()
    doctor = region.people["doctor"]
    held = list(Result.objects.filter(state="held").order_by("id"))
    later = NOW + 8 * HOUR
    with acting(doctor):
        release_results([held[0].pk], by=doctor, at=later)
        refuse_result([held[1].pk, held[2].pk], reason="haemolysed", by=doctor, at=later)
    assert decided_again(region) == live


def test_parts_are_the_whole(region: Region) -> None:
    history(region)
    book = current_book(NOW)
    whole = tallied(book, ALL)
    parts = total(tallied(book, ALL, part=part, parts=2) for part in range(2))
    assert (parts.decided, parts.after, parts.reasons_after) == (
        whole.decided,
        whole.after,
        whole.reasons_after,
    )
    assert whole.decided == count_history(ALL) == 12


def test_a_stretch_compares_with_what_came_before_it(region: Region) -> None:
    history(region)
    live = kept()
    late = History(NOW + 2 * HOUR, ALL.until)
    again = {
        row.result_id: [one.code for one in verdict.reasons]
        for row, _, verdict in replay(current_book(NOW), late)
    }
    assert len(again) == 8
    assert again == {key: [one["code"] for one in live[key][2]] for key in again}


def test_the_report_says_what_would_change_with_examples(region: Region) -> None:
    history(region)
    checked = check_text(shipped_rules() + NARROW, None, at=NOW)
    assert checked.problems == ()
    report = report_on(checked, ALL, region.hub)
    changed = {(one["from"], one["to"], one["cause"]): one for one in report["history"]["changed"]}
    newly_held = changed["release", "hold", "K-narrow"]
    assert newly_held["count"] == 1
    (example,) = newly_held["examples"]
    assert (example["test"], example["value"]) == ("K", "4.4")
    assert example["order"] == Result.objects.get(pk=example["result"]).order.number
    potassium = next(one for one in report["history"]["by_test"] if one["code"] == "K")
    assert (potassium["results"], potassium["newly_held"]) == (5, 1)
    assert report["history"]["decided"] == sum(report["history"]["after"].values()) == 12
    assert "swap-blood-count" in report["never_fired"]
    assert "K-narrow" not in report["never_fired"]
    assert "K-narrow" in report["cases"]["uncovered"]


def test_nothing_is_changed_by_trying(region: Region) -> None:
    history(region)
    before = list(Result.objects.order_by("id").values())
    report_on(check_text(shipped_rules() + NARROW, None, at=NOW), ALL, None)
    assert list(Result.objects.order_by("id").values()) == before


def test_a_book_without_rules_holds_all(region: Region) -> None:
    history(region)
    tally = tallied(book_of([]), ALL)
    assert tally.after == {"hold": 12}
    assert tally.reasons_after["no_rule"] == 12


def test_control_counts_as_it_stood_then(region: Region) -> None:
    patient = make_patient(region)
    measured(region, tube(region, patient, "K", hours=0), NOW, K="4.2")
    first = Result.objects.get()
    standing = {"laboratory": region.hub, "analyzer": first.analyzer, "test": first.test, "by": "t"}
    with acting(region.worker):
        bad = ReleaseState.objects.create(since=NOW + HOUR, qc_state="out_of_control", **standing)
        measured(region, tube(region, patient, "K", hours=1), NOW + 2 * HOUR, K="4.3")
        live = kept()
        ReleaseState.objects.filter(pk=bad.pk).update(until=NOW + 3 * HOUR)
        ReleaseState.objects.create(since=NOW + 3 * HOUR, qc_state="in_control", **standing)
    assert [[one["code"] for one in reasons] for _, _, reasons in live.values()] == [[], ["out_of_control"]]
    assert decided_again(region) == live
