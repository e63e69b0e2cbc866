"""Old messages are read again by today's driver: what would change is shown, then applied; filed values stay."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.instruments.actions import (
    KeptMessage,
    Replayed,
    ReplayPreview,
    apply_replay,
    keep_messages,
    preview_replay,
    replay_message,
    stop_driver,
)
from aliquot.flow.instruments.models import Adaptation, Analyzer, Message, Reading, TestMapping
from aliquot.flow.instruments.queries import quarantine
from aliquot.flow.instruments.rules.reading import Measurement
from aliquot.flow.instruments.rules.replay import Line, compare_lines
from aliquot.flow.results.actions import file_readings
from aliquot.flow.results.models import Result
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.actors import Actor
from aliquot.foundation.audit.models import AuditBlock
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from tests.factories import NOW, make_accepted
from tests.flow.instruments.ledger_lines import find_nothing, read_otherwise
from tests.regions import Region, one_with
from tests.tubes import make_analyzer, message_of

DAY = timedelta(days=1)
WBC = Measurement("WBC", "6.155", "10*3/uL")
ODD = Measurement("HGB", "142.6", "odd/L")


@dataclass(frozen=True, slots=True)
class Ledger:
    region: Region
    analyzer: Analyzer
    doctor: Actor

    def keep(self, content: bytes, **changes: Any) -> int:
        message = KeptMessage(self.region.hub.pk, self.analyzer.pk, "t", content, NOW)
        return keep_messages([replace(message, **changes)], by=self.region.worker)[0]

    def send(self, tube: Specimen, *measured: Measurement) -> int:
        at = NOW - timedelta(minutes=5)
        message = self.keep(message_of(self.analyzer.driver, tube.number, *measured, at=at))
        self.read()
        return message

    def read(self) -> int:
        with acting(self.region.worker):
            return file_readings(limit=100, by=self.region.worker, at=NOW)

    def adapt(self, kind: str, term: str, meaning: str = "", factor: Decimal | None = None) -> None:
        Adaptation.objects.update_or_create(
            analyzer=self.analyzer,
            kind=kind,
            term=term,
            defaults={"meaning": meaning, "factor": factor, "reason": "t", "at": NOW, "by": "t"},
        )

    def preview(self, **changes: Any) -> ReplayPreview:
        with acting(self.doctor):
            return preview_replay(self.analyzer, NOW - DAY, NOW + DAY, by=self.doctor, at=NOW, **changes)

    def apply(self, **changes: Any) -> Replayed:
        given = {"reason": "driver corrected", **changes}
        with acting(self.doctor):
            return apply_replay(self.analyzer, NOW - DAY, NOW + DAY, by=self.doctor, at=NOW, **given)

    def states(self) -> list[tuple[str, str, bool]]:
        return list(Reading.objects.order_by("id").values_list("value", "state", "is_replayed"))


@pytest.fixture
def ledger(region: Region) -> Ledger:
    analyzer = make_analyzer(region.hub, "sysmex_xn", "XN-T")
    return Ledger(region, analyzer, one_with(region, "laboratory_doctor"))


@pytest.fixture
def tube(ledger: Ledger) -> Specimen:
    return make_accepted(ledger.region, "WBC", "HGB")


def kinds(preview: ReplayPreview) -> list[str]:
    return [change.kind for one in preview.changed for change in one.changes]


def test_what_is_read_alike_changes_nothing(ledger: Ledger, tube: Specimen) -> None:
    ledger.send(tube, WBC)
    preview = ledger.preview()
    assert (preview.messages, preview.changed, preview.after) == (1, (), None)
    assert ledger.apply() == Replayed(0, 0, 0, 0, 0, None)
    assert ledger.states() == [("6.155", "filed", False)]


def test_a_filed_value_that_is_read_differently_is_held_beside_it(ledger: Ledger, tube: Specimen) -> None:
    ledger.send(tube, WBC)
    ledger.adapt("unit", "10*3/uL", "10*3/uL", Decimal(10))
    preview = ledger.preview()
    (change,) = preview.changed[0].changes
    assert (change.kind, change.touches_filed) == ("changed", True)
    assert [(one.name, one.before, one.after) for one in change.fields] == [("number", "6.155", "61.55")]
    assert ledger.states() == [("6.155", "filed", False)]
    assert ledger.apply(fingerprint=preview.fingerprint) == Replayed(1, 1, 0, 0, 0, None)
    ledger.read()
    assert ledger.states() == [("6.155", "filed", False), ("6.155", "filed", True)]
    first, second = Result.objects.order_by("id")
    assert (first.value_text, second.value_text, second.run) == ("6.16", "61.55", 2)
    assert second.state == "held"
    assert {"replayed", "rerun"} <= {one["code"] for one in second.reasons}
    with acting(one_with(ledger.region, "hub_director")):
        reasons = AuditBlock.objects.filter(table_name="reading", actor=ledger.doctor.key)
        assert set(reasons.values_list("reason", flat=True)) == {"driver corrected"}
    assert ledger.preview().changed == ()
    assert ledger.apply() == Replayed(0, 0, 0, 0, 0, None)


def test_what_waited_and_is_understood_now_is_kept_anew_and_held(ledger: Ledger, tube: Specimen) -> None:
    ledger.send(tube, ODD)
    assert ledger.states() == [("142.6", "quarantined", False)]
    ledger.adapt("unit", "odd/L", "g/dL", Decimal("0.1"))
    (change,) = ledger.preview().changed[0].changes
    assert [one.name for one in change.fields][-1] == "unit"
    assert change.after is not None
    assert change.after.state == "filed"
    assert ledger.apply().dismissed == 1
    ledger.read()
    assert ledger.states() == [("142.6", "dismissed", False), ("142.6", "filed", True)]
    old = Reading.objects.get(state="dismissed")
    assert (old.decided_by, old.decision_note) == (ledger.doctor.key, "driver corrected")
    assert Result.objects.get().state == "held"


def test_what_waited_for_a_mapping_alone_is_matched_again(ledger: Ledger, tube: Specimen) -> None:
    mapping = TestMapping.objects.get(analyzer=ledger.analyzer, code="WBC")
    test = mapping.test
    mapping.delete()
    ledger.send(tube, WBC)
    assert ledger.preview().changed == ()
    TestMapping.objects.create(analyzer=ledger.analyzer, code="WBC", test=test, unit="10*3/uL")
    assert kinds(ledger.preview()) == ["fate"]
    assert ledger.apply() == Replayed(1, 0, 0, 1, 0, None)
    ledger.read()
    assert ledger.states() == [("6.155", "filed", False)]


def test_a_filed_line_that_is_not_found_any_more_is_shown_to_a_person(
    ledger: Ledger, tube: Specimen, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = ledger.send(tube, WBC, replace(ODD, unit="g/dL", value="14.2"))
    find_nothing(monkeypatch)
    assert kinds(ledger.preview()) == ["gone", "gone"]
    assert ledger.apply() == Replayed(1, 0, 0, 0, 1, None)
    assert [one[1] for one in ledger.states()] == ["filed", "filed"]
    (waiting,) = quarantine(ledger.region.hub.pk)
    assert (waiting.message_id, waiting.reasons) == (message, [{"code": "filed_not_found", "count": 2}])


@pytest.mark.parametrize(
    "otherwise",
    [
        {"specimen_code": "1"},
        {"code": "HGB"},
        {"kind": "control", "flags": ("high",)},
        {"reported": False, "flags": ("high",)},
    ],
)
def test_a_filed_value_of_another_tube_or_test_now_or_no_result_is_shown_to_a_person(
    ledger: Ledger, tube: Specimen, monkeypatch: pytest.MonkeyPatch, otherwise: dict[str, Any]
) -> None:
    message = ledger.send(tube, WBC)
    read_otherwise(monkeypatch, **otherwise)
    assert kinds(ledger.preview()) == ["changed"]
    assert ledger.apply(fingerprint=ledger.preview().fingerprint).settled == 1
    ledger.read()
    told = [one.reasons for one in quarantine(ledger.region.hub.pk) if one.kind == "message"]
    assert told == [[{"code": "filed_not_found", "count": 1}]]
    assert Message.objects.get(pk=message).state == "quarantined"
    assert ledger.preview().changed == ()  # and no further replay takes it out of sight


def test_a_message_that_can_be_read_now_is_read(ledger: Ledger, tube: Specimen) -> None:
    message = ledger.send(tube, WBC)
    other = ledger.keep(bytes(Message.objects.get(pk=message).content).replace(b"6.155", b"7.155"))
    Analyzer.objects.filter(pk=ledger.analyzer.pk).update(driver="gone")
    ledger.read()
    assert Message.objects.get(pk=other).state == "quarantined"
    Analyzer.objects.filter(pk=ledger.analyzer.pk).update(driver="sysmex_xn")
    ledger.analyzer.refresh_from_db()
    (one,) = ledger.preview().changed
    assert (one.message_id, one.fate, [each.kind for each in one.changes]) == (other, "received", ["new"])
    assert ledger.apply() == Replayed(1, 0, 0, 0, 1, None)
    ledger.read()
    assert ledger.states() == [("6.155", "filed", False), ("7.155", "filed", False)]


@pytest.mark.parametrize("code", ["incomplete", "frame_refused", "unintelligible"])
def test_what_broke_off_on_the_line_is_never_read(ledger: Ledger, tube: Specimen, code: str) -> None:
    message = ledger.send(tube, WBC)
    content = bytes(Message.objects.get(pk=message).content).replace(b"6.155", b"7.155")
    ledger.keep(content, state="quarantined", problems=({"code": code, "detail": "cut"},))
    assert ledger.preview().messages == 1
    assert ledger.apply().messages == 0
    broken = Message.objects.get(state="quarantined")
    with acting(ledger.doctor), pytest.raises(Refused):
        replay_message(broken.pk, by=ledger.doctor, at=NOW)


def test_pages_follow_each_other(ledger: Ledger) -> None:
    tubes = [make_accepted(ledger.region, "WBC") for _ in range(3)]
    for tube in tubes:
        ledger.send(tube, WBC)
    ledger.adapt("unit", "10*3/uL", "10*9/L", Decimal(10))
    first = ledger.preview(limit=2)
    second = ledger.preview(limit=2, after=first.after)
    assert (len(first.changed), len(second.changed), second.after) == (2, 1, None)
    assert ledger.apply(limit=2, fingerprint=first.fingerprint).kept == 2
    with pytest.raises(Refused):
        ledger.apply(limit=2, fingerprint=first.fingerprint)
    assert ledger.apply(limit=2, after=first.after, fingerprint=second.fingerprint).kept == 1


def test_who_may_and_why(ledger: Ledger, tube: Specimen) -> None:
    ledger.send(tube, WBC)
    nurse = one_with(ledger.region, "nurse")
    with acting(nurse), pytest.raises(Forbidden):
        preview_replay(ledger.analyzer, NOW - DAY, NOW + DAY, by=nurse, at=NOW)
    with pytest.raises(Refused):
        ledger.apply(reason=" ")


def test_a_stopped_driver_reads_nothing_of_what_was_replayed(ledger: Ledger, tube: Specimen) -> None:
    ledger.send(tube, WBC)
    ledger.adapt("unit", "10*3/uL", "10*9/L", Decimal(10))
    ledger.apply()
    with acting(ledger.doctor):
        stop_driver("sysmex_xn", reason="wrong", by=ledger.doctor, at=NOW)
    assert ledger.read() == 0
    assert ledger.states()[-1] == ("6.155", "received", True)


# -- the rule -----------------------------------------------------------------------------------------

LINES = st.builds(
    Line,
    position=st.integers(1, 4),
    state=st.sampled_from(["filed", "quarantined", "kept", "control", "duplicate", "dismissed", "received"]),
    specimen_code=st.sampled_from(["1", "2"]),
    code=st.sampled_from(["A", "B"]),
    value=st.sampled_from(["5", "6"]),
    number=st.sampled_from(["", "5", "6"]),
    unit=st.just("g/L"),
    flags=st.sampled_from([(), ("H",)]),
    status=st.just("final"),
    measured_at=st.sampled_from([None, datetime(2026, 3, 2, tzinfo=UTC)]),
    id=st.integers(1, 99),
)
MESSAGES = st.lists(LINES, max_size=4, unique_by=lambda one: one.position)


@given(MESSAGES)
def test_a_message_read_alike_never_changes(lines: list[Line]) -> None:
    assert compare_lines(lines, lines) == ()


@given(MESSAGES, MESSAGES)
def test_every_difference_is_shown_once_and_none_is_invented(kept: list[Line], found: list[Line]) -> None:
    changes = compare_lines(kept, found)
    before, after = ({one.position: one for one in lines} for lines in (kept, found))
    assert len({one.position for one in changes}) == len(changes)
    for one in changes:
        assert (one.before, one.after) == (before.get(one.position), after.get(one.position))
    shown = {one.position for one in changes}
    for position in before.keys() & after.keys() - shown:
        was, now = before[position], after[position]
        assert was.state == "received" or (was.value, was.code, was.flags) == (now.value, now.code, now.flags)
    assert {one.position for one in changes if one.kind == "new"} == after.keys() - before.keys()
