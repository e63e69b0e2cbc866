"""What the catalogue allows is proposed wherever a limit is typed, with the words on what it rests."""

import pytest
from django.test import Client
from django.utils import timezone

from aliquot.registers.catalogue.models import AllowableError, Test
from tests.flow.quality.benches import make_controlled
from tests.regions import Region
from tests.web import signed_in

APPROXIMATION = "biological variation, desirable, an approximation"


@pytest.fixture
def quality(region: Region) -> Client:
    make_controlled(region, at=timezone.now())
    return signed_in("quality")


def body(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def number_of(code: str) -> int:
    return int(Test.objects.get(code=code).pk)


def typed(page: str, name: str) -> str:
    """What stands in a field."""
    field = page.partition(f'name="{name}"')[2].partition(">")[0]
    return field.partition('value="')[2].partition('"')[0]


def test_a_control_plan(quality: Client) -> None:
    page = body(quality, "/quality/control/XN-QC/HGB/plan/")
    assert typed(page, "allowable") == "3.87"
    assert APPROXIMATION in page


def test_a_control_plan_by_the_greater_of_percent_and_unit_at_its_targets(quality: Client) -> None:
    AllowableError.objects.filter(test__code="HGB").update(total=12)  # g/L, of a control at about 120
    assert float(typed(body(quality, "/quality/control/XN-QC/HGB/plan/"), "allowable")) > 3.87


def test_a_study_by_the_test_that_was_chosen(quality: Client) -> None:
    page = body(quality, f"/quality/studies/new/comparison/?test={number_of('CHOL')}")
    assert typed(page, "limits-allowable_bias_percent") == "4.26"
    assert typed(page, "limits-tea_percent") == "8.63"
    assert APPROXIMATION in page
    assert typed(body(quality, "/quality/studies/new/comparison/"), "limits-tea_percent") == ""


def test_a_monitor_by_the_test_that_was_chosen(quality: Client) -> None:
    assert typed(body(quality, "/quality/monitors/design/?test=CHOL"), "tea") == "8.63"
    assert typed(body(quality, "/quality/monitors/design/?test=CHOL&tea=5"), "tea") == "5"
    assert typed(body(quality, "/quality/monitors/design/?test=NONE"), "tea") == ""


def test_a_round_of_our_own_and_none_of_a_provider(quality: Client) -> None:
    own = body(quality, "/quality/eqa/plan/?kind=own&samples=S1&tests=CHOL")
    assert typed(own, "limit_percent_0") == "8.63"
    other = body(quality, "/quality/eqa/plan/?kind=provider&samples=S1&tests=CHOL")
    assert typed(other, "limit_percent_0") == ""


def test_what_the_laboratory_states_is_proposed_instead(quality: Client) -> None:
    AllowableError.objects.create(
        test_id=number_of("CHOL"), since="2026-01-01", kind="own", total_percent=9, source="decision 3",
        stated_by="x", stated_at=timezone.now(),
    )  # fmt: skip
    page = body(quality, f"/quality/studies/new/comparison/?test={number_of('CHOL')}")
    assert (typed(page, "limits-allowable_bias_percent"), typed(page, "limits-tea_percent")) == ("4.5", "9")
    assert "decision 3" in page
