"""Management reviews on a real database: live until signed, then kept; actions followed up."""

from datetime import date, timedelta
from hashlib import sha256

import orjson
import pytest
from django.db import DatabaseError, transaction

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.accreditation.actions import (
    Entry,
    Meeting,
    Signature,
    add_entry,
    digest_to_sign,
    finish_review_action,
    open_review,
    remove_entry,
    sign_review,
)
from aliquot.oversight.accreditation.documents.wording import TROUBLES, WORDS
from aliquot.oversight.accreditation.models import ManagementReview, ReviewDocument, ReviewEntry
from aliquot.oversight.accreditation.queries import FIGURES, figures_of, follow_up, inputs, reviews_of
from aliquot.oversight.improvement.actions import Complainant, Happening, raise_nonconformity
from aliquot.oversight.insight.models import IndicatorMonth
from aliquot.registers.people.actions import DEMO_PASSWORD
from tests.factories import NOW
from tests.flow.quality.benches import make_controlled
from tests.oversight.accreditation.held import (
    MEETING,
    SINCE,
    TODAY,
    UNTIL,
    action,
    director,
    make_ready,
    make_review,
    manager,
    say,
    sign,
)
from tests.regions import Region, one_with

THIS_MONTH = (date(2026, 11, 1), date(2026, 12, 1))


def counted(region: Region, kind: str) -> tuple[int, int | None]:
    with acting(region.worker):
        return figures_of(region.hub, *THIS_MONTH, at=NOW)[kind].now


def test_every_figure_has_words_and_serves_an_input() -> None:
    assert set(WORDS) == set(FIGURES) >= TROUBLES
    assert {kind for one in inputs() for kind in one.figures} == set(FIGURES)
    assert [one.letter for one in inputs()] == list("abcdefghij")
    assert {letter for one in inputs() for letter in one.of_2012.split(", ")} == set("abcdefghijklmno")
    assert all(one.name_ru and bool(one.missing_en) == bool(one.missing_ru) for one in inputs())


def test_figures_are_counted_live_beside_the_months_before(region: Region) -> None:
    with acting(region.worker):
        for month, numerator in ((date(2026, 11, 1), 3), (date(2026, 10, 1), 1)):
            IndicatorMonth.objects.create(
                month=month, laboratory=region.hub, ordering_site=region.clinic, code="Post-RectRep",
                numerator=numerator, denominator=40,
            )  # fmt: skip
        found = figures_of(region.hub, *THIS_MONTH, at=NOW)
    assert (found["corrected"].now, found["corrected"].before) == ((3, 40), (1, 40))
    assert (found["reports"].now, found["reports"].before) == ((40, None), (40, None))
    assert found["complaints_open"].before is None


def test_what_happened_counts(region: Region) -> None:
    bench = make_controlled(region)
    bench.run(0, 0)
    bench.run(5, 5)
    nurse = one_with(region, "nurse", region.clinic)
    with acting(nurse):
        complaint = Happening("complaint", "too late", None, 2, Complainant("Dr. N."))
        raise_nonconformity(complaint, region.clinic, by=nurse, at=NOW)
    assert counted(region, "control_rejected") == (1, 2)
    assert counted(region, "violations_open")[0] >= 1
    assert counted(region, "nonconformities") == (1, None)
    assert counted(region, "complaints_open") == (1, None)
    assert counted(region, "complaints_justified") == (0, 1)


def test_a_review_from_its_months_to_the_signature(region: Region) -> None:
    signed = sign(region, make_ready(region))
    assert (signed.state, signed.number, signed.signed_by) == ("signed", 1, director(region).key)
    assert signed.digest == sha256(signed.content.encode()).hexdigest()
    content = orjson.loads(signed.content)
    (kept,) = content["inputs"][0]["entries"]
    assert (kept["what"], kept["due_on"]) == ("train the night shift", "2026-12-22")
    assert content["conclusion"] == "The system is suitable"
    with acting(manager(region)):
        documents = list(ReviewDocument.objects.filter(review=signed))
        assert [one.pk for one in reviews_of(region.hub.pk)] == [signed.pk]
    assert {one.language for one in documents} == {"en", "ru"}
    assert all(bytes(one.content).startswith(b"%PDF") for one in documents)


@pytest.mark.parametrize(
    ("meeting", "said"),
    [
        (Meeting(SINCE, date(2026, 12, 1), TODAY, "all"), "months that are over"),
        (Meeting(UNTIL, SINCE, TODAY, "all"), "not before the first"),
        (Meeting(date(2026, 1, 5), UNTIL, TODAY, "all"), "whole months"),
        (Meeting(SINCE, UNTIL, TODAY, " "), "who takes part"),
    ],
)
def test_what_cannot_be_reviewed_is_refused(region: Region, meeting: Meeting, said: str) -> None:
    with pytest.raises(Refused, match=said):
        make_review(region, meeting)


def test_one_is_prepared_at_a_time(region: Region) -> None:
    review = make_ready(region)
    with pytest.raises(Refused, match="being prepared already"):
        make_review(region)
    sign(region, review)
    assert make_review(region).number == 2


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (Entry("a", "decision", "  "), "Write it down"),
        (Entry("z", "decision", "x"), "which input"),
        (Entry("a", "poem", "x"), "which input"),
        (Entry("a", "action", "x", "person:0:nobody", TODAY), "somebody who works at this laboratory"),
    ],
)
def test_an_entry_says_what_and_who(region: Region, entry: Entry, said: str) -> None:
    review = make_review(region)
    with pytest.raises(Refused, match=said):
        say(region, review, entry)


def test_an_action_is_due_on_a_day_to_come(region: Region) -> None:
    review = make_review(region)
    with pytest.raises(Refused, match="still to come"):
        say(region, review, action(region, days=-1))


def test_it_is_not_signed_without_a_decision_or_a_word_on_what_is_not_held(region: Region) -> None:
    review = make_review(region)
    with pytest.raises(Refused, match="at least one decision"):
        sign(region, review)
    say(region, review, Entry("b", "decision", "keep the objectives"))
    with pytest.raises(Refused, match="input i"):
        sign(region, review)
    say(region, review, Entry("i", "remark", "none is done here"))
    assert sign(region, review).state == "signed"


def test_it_is_signed_as_it_was_read_by_the_director_alone(region: Region) -> None:
    review, by, doctor = make_ready(region), director(region), one_with(region, "laboratory_doctor")
    with acting(by):
        read = digest_to_sign(review, at=NOW)
        assert digest_to_sign(review, at=NOW + timedelta(minutes=5)) == read, (
            "the clock alone changes nothing"
        )
    extra = say(region, review, Entry("b", "decision", "one more"))
    with acting(by):
        with pytest.raises(Refused, match="not as you read it"):
            sign_review(review, Signature("fine", read), password=DEMO_PASSWORD, by=by, at=NOW)
        with pytest.raises(Refused, match="password is wrong"):
            sign_review(review, Signature("fine", read), password="guess", by=by, at=NOW)
    with acting(doctor), pytest.raises(Forbidden):
        sign_review(review, Signature("fine", read), password=DEMO_PASSWORD, by=doctor, at=NOW)
    with acting(manager(region)):
        remove_entry(extra, by=manager(region), at=NOW)
    with acting(by), pytest.raises(Refused, match="concludes"):
        sign_review(review, Signature(" ", read), password=DEMO_PASSWORD, by=by, at=NOW)
    with acting(by):
        assert sign_review(review, Signature("fine", read), password=DEMO_PASSWORD, by=by, at=NOW).digest


def test_what_is_signed_stands(region: Region) -> None:
    review = sign(region, make_ready(region))
    with pytest.raises(Refused, match="is signed"):
        say(region, review, Entry("b", "decision", "late"))
    by = manager(region)
    entry = _action(region)
    with acting(by), pytest.raises(Refused, match="is signed"):
        remove_entry(entry.pk, by=by, at=NOW)
    for change in (
        lambda: ManagementReview.objects.filter(pk=review.pk).update(conclusion="better"),
        lambda: ReviewEntry.objects.filter(pk=entry.pk).delete(),
        lambda: ReviewEntry.objects.create(
            review=review, laboratory=region.hub, letter="b", kind="decision", what="late", at=NOW, by=by.key
        ),
        lambda: ReviewDocument.objects.create(
            review=review, laboratory=region.hub, language="de", content=b"x", digest=sha256(b"x").hexdigest()
        ),
    ):
        with acting(by), pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_actions_are_followed_up_into_the_next_review(region: Region) -> None:
    sign(region, make_ready(region))
    entry, owner, nurse = (
        _action(region),
        one_with(region, "technologist", region.hub),
        one_with(region, "nurse"),
    )
    assert counted(region, "review_actions_open") == (1, 1)
    with acting(region.worker):
        late = figures_of(region.hub, *THIS_MONTH, at=NOW + timedelta(days=31))
    assert late["review_actions_overdue"].now == (1, 1)
    with acting(nurse), pytest.raises(Forbidden):
        finish_review_action(entry.pk, "done", by=nurse, at=NOW)
    with acting(owner):
        with pytest.raises(Refused, match="what was done"):
            finish_review_action(entry.pk, "", by=owner, at=NOW)
        finish_review_action(entry.pk, "four were trained", by=owner, at=NOW)
        with pytest.raises(Refused, match="done already"):
            finish_review_action(entry.pk, "again", by=owner, at=NOW)
        assert follow_up(region.hub.pk) == []
    assert counted(region, "review_actions_open") == (0, 1)


def test_another_laboratory_has_no_part_in_it(region: Region) -> None:
    nurse = one_with(region, "nurse")
    review = make_review(region)
    with acting(nurse):
        assert reviews_of(region.hub.pk) == []
        with pytest.raises(Forbidden):
            open_review(region.hub, MEETING, by=nurse, at=NOW)
        with pytest.raises(Forbidden):
            add_entry(review.pk, Entry("b", "decision", "x"), by=nurse, at=NOW)


def _action(region: Region) -> ReviewEntry:
    with acting(manager(region)):
        return ReviewEntry.objects.get(kind="action")
