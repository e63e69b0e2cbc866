"""A management review in the browser: assembled, decided on, signed, printed, followed up; audits printed."""

import re

import pytest
from django.test import Client

from aliquot.foundation.context import acting
from aliquot.oversight.accreditation.models import ManagementReview, ReviewEntry
from aliquot.registers.people.actions import DEMO_PASSWORD
from tests.entrypoints.web.quality.printed import text_of
from tests.oversight.accreditation.held import TODAY, action, make_ready, make_review, sign
from tests.regions import Region
from tests.web import signed_in

HOME = "/quality/accreditation/reviews/"
MEETING = {"since": "2025-11", "until": "2026-10", "held_on": TODAY, "participants": "all of us"}


@pytest.fixture
def manager(region: Region) -> Client:
    return signed_in("quality")


def only(region: Region) -> ManagementReview:
    with acting(region.worker):
        return ManagementReview.objects.get()


def test_from_the_months_to_the_printed_minutes(region: Region, manager: Client) -> None:
    assert manager.post(f"{HOME}new/", MEETING | {"until": "2026-13"}).status_code == 422
    assert manager.post(f"{HOME}new/", MEETING).status_code == 302
    review = only(region)
    address = f"{HOME}{review.pk}/"
    assert manager.get(f"{address}minutes/en/").status_code == 404
    remark = {"letter": "i", "kind": "remark", "what": "none is done here"}
    assert manager.post(f"{address}add/", remark | {"what": ""}).status_code == 422
    assert manager.post(f"{address}add/", remark).status_code == 302
    wanted = action(region)
    given = {"letter": "a", "kind": "action", "what": wanted.what, "owner": wanted.owner}
    assert manager.post(f"{address}add/", given).status_code == 422, "an action has a day"
    assert manager.post(f"{address}add/", given | {"due_on": wanted.due_on}).status_code == 302
    assert 'name="read"' not in manager.get(address).content.decode(), "the director signs"
    director = signed_in("director")
    page = director.get(address).content.decode()
    read = re.search(r'name="read" value="(\w{64})"', page)
    assert read is not None
    signature = {"conclusion": "suitable", "password": DEMO_PASSWORD, "read": read[1]}
    assert director.post(f"{address}sign/", signature | {"password": "guess"}).status_code == 422
    assert director.post(f"{address}sign/", signature).status_code == 302
    printed = text_of(manager.get(f"{address}minutes/en/").content)
    assert "suitable" in printed
    assert "train the night shift" in printed
    assert "none is done here" in printed
    assert only(region).digest in printed
    assert "Решения и действия" in text_of(manager.get(f"{address}minutes/ru/").content)
    assert manager.post(f"{address}add/", remark).status_code == 422, "what is signed takes nothing more"


@pytest.mark.parametrize(
    ("language", "figure", "gap"),
    [
        ("en", "complaints without an answer", "surveys of patients and clinics"),
        ("ru", "жалобы без ответа", "опросы пациентов и клиник"),
    ],
)
def test_every_input_stands_with_its_figures_and_gaps(
    region: Region, language: str, figure: str, gap: str
) -> None:
    review = make_review(region)
    page = signed_in("quality", language=language).get(f"{HOME}{review.pk}/").content.decode()
    assert figure in page
    assert gap in page
    assert page.count('id="input-') == 10


def test_an_entry_is_taken_out_while_it_is_prepared(region: Region, manager: Client) -> None:
    review = make_ready(region)
    with acting(region.worker):
        pks = list(ReviewEntry.objects.order_by("id").values_list("pk", flat=True))
    address = f"{HOME}{review.pk}/remove/"
    assert manager.post(address, {"entry": "x"}).status_code == 404
    assert manager.post(address, {"entry": pks[0]}).status_code == 302
    with acting(region.worker):
        assert list(ReviewEntry.objects.values_list("pk", flat=True)) == pks[1:]


def test_actions_wait_in_the_list_until_they_are_done(region: Region, manager: Client) -> None:
    sign(region, make_ready(region))
    with acting(region.worker):
        entry = ReviewEntry.objects.get(kind="action")
    assert "train the night shift" in manager.get(HOME).content.decode()
    owner = signed_in("technologist")
    assert owner.post(f"{HOME}follow-up/{entry.pk}/", {"done_note": "four were"}).status_code == 302
    assert "train the night shift" not in manager.get(HOME).content.decode()
    assert "four were" in manager.get(f"{HOME}{entry.review_id}/").content.decode()


@pytest.mark.usefixtures("region")
def test_a_nurse_does_not_read_it() -> None:
    nurse = signed_in("nurse")
    assert nurse.get(HOME).status_code == 403
    assert nurse.get(f"{HOME}new/").status_code == 403
