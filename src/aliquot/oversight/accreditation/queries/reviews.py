"""Management reviews of a laboratory, their entries, and the actions that are still to be done."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from aliquot.oversight.accreditation.models import ManagementReview, ReviewDocument, ReviewEntry
from aliquot.oversight.accreditation.queries.figures import FIGURES
from aliquot.oversight.accreditation.rules.reviews import Input, read_inputs

DATA = Path(__file__).parent.parent / "data" / "review.toml"


@cache
def inputs() -> list[Input]:
    """The inputs as the data state them."""
    return read_inputs(DATA.read_text(encoding="utf-8"), FIGURES)


def reviews_of(laboratory_id: int, *, limit: int = 50) -> list[ManagementReview]:
    """The reviews of a laboratory, the newest first."""
    found = ManagementReview.objects.filter(laboratory_id=laboratory_id).defer("content")
    return list(found.order_by("-number")[:limit])


def review_of(pk: int) -> ManagementReview | None:
    """One that the actor may see."""
    return ManagementReview.objects.select_related("laboratory").filter(pk=pk).first()


def entries_of(review_id: int) -> Sequence[ReviewEntry]:
    """What people added, in the order of the inputs."""
    return list(ReviewEntry.objects.filter(review_id=review_id).order_by("letter", "id"))


def follow_up(laboratory_id: int, *, limit: int = 200) -> Sequence[ReviewEntry]:
    """Actions of all reviews that are to be done, the first to be due first."""
    found = ReviewEntry.objects.filter(laboratory_id=laboratory_id, kind="action", done_at=None)
    return list(found.select_related("review").order_by("due_on", "id")[:limit])


def action_of(pk: int) -> ReviewEntry | None:
    """One action that the actor may see."""
    return ReviewEntry.objects.filter(pk=pk, kind="action").first()


def document_of(review_id: int, language: str) -> ReviewDocument | None:
    """The signed minutes in a language."""
    return ReviewDocument.objects.filter(review_id=review_id, language=language).first()
