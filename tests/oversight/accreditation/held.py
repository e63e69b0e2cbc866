"""Management reviews as tests need them: opened, with what must be said, signed."""

from datetime import date, timedelta

from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.oversight.accreditation.actions import (
    Entry,
    Meeting,
    Signature,
    add_entry,
    digest_to_sign,
    open_review,
    sign_review,
)
from aliquot.oversight.accreditation.models import ManagementReview
from aliquot.oversight.accreditation.queries import review_of
from aliquot.registers.people.actions import DEMO_PASSWORD
from tests.factories import NOW
from tests.regions import Region, one_with

SINCE, UNTIL = date(2025, 11, 1), date(2026, 11, 1)
TODAY = date(2026, 11, 22)
MEETING = Meeting(SINCE, UNTIL, TODAY, "the director, the quality manager")


def manager(region: Region) -> Actor:
    return one_with(region, "quality_manager")


def director(region: Region) -> Actor:
    return one_with(region, "hub_director")


def make_review(region: Region, meeting: Meeting = MEETING) -> ManagementReview:
    by = manager(region)
    with acting(by):
        return open_review(region.hub, meeting, by=by, at=NOW)


def say(region: Region, review: ManagementReview, entry: Entry) -> int:
    """The id of a new entry of the quality manager's."""
    by = manager(region)
    with acting(by):
        return add_entry(review.pk, entry, by=by, at=NOW).pk


def action(region: Region, *, days: int = 30) -> Entry:
    """A technologist is to do something in so many days."""
    owner = one_with(region, "technologist", region.hub)
    return Entry("a", "action", "train the night shift", owner.key, TODAY + timedelta(days=days))


def make_ready(region: Region) -> ManagementReview:
    """With an action, and a word on point-of-care testing."""
    review = make_review(region)
    say(region, review, Entry("i", "remark", "none is done here"))
    say(region, review, action(region))
    return review


def sign(
    region: Region, review: ManagementReview, conclusion: str = "The system is suitable"
) -> ManagementReview:
    """Signed by the director, as it stands now."""
    by = director(region)
    with acting(by):
        found = review_of(review.pk)
        assert found is not None
        signature = Signature(conclusion, digest_to_sign(found, at=NOW))
        return sign_review(found, signature, password=DEMO_PASSWORD, by=by, at=NOW)
