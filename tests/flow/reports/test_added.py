"""A report says what added a test that nobody ordered, and why a computed one has no value, in both languages."""

from typing import Any

import pytest

from aliquot.flow.orders.models import OrderItem
from aliquot.flow.reports.actions import release_reports
from aliquot.flow.reports.documents.rendering import lay_out_in
from aliquot.flow.reports.models import Report
from aliquot.flow.results.actions import add_tests, autoverify_batch, release_results
from aliquot.flow.results.models import Result
from aliquot.foundation.context import acting
from tests.factories import NOW, make_accepted, make_result
from tests.flow.reports.samples import make_content, make_item, make_value
from tests.regions import Region, one_with
from tests.web import signed_in

BY = {"by_en": "Dr. Orlova", "by_ru": "Орлова А. П."}


def notes(content: dict[str, Any], language: str) -> list[str]:
    page = lay_out_in(content, language)
    return [
        note["text"] for section in page["sections"] for row in section["results"] for note in row["notes"]
    ]


@pytest.mark.parametrize(
    ("added_by", "why", "english", "russian"),
    [
        (
            "reflex-TSH-FT4",
            {"rule": "reflex-TSH-FT4", "reason": "", **BY},
            "Added by the rule reflex-TSH-FT4: agreed by Dr. Orlova.",
            "Добавлено по правилу reflex-TSH-FT4: согласие дал(а) Орлова А. П.",
        ),
        (
            "reflex-TSH-FT4",
            {"rule": "reflex-TSH-FT4", "reason": "", "by_en": None, "by_ru": None},
            "Added by the rule reflex-TSH-FT4.",
            "Добавлено по правилу reflex-TSH-FT4.",
        ),
        (
            "person:1:nurse",
            {"rule": "", "reason": "Dr. Lugovoy by telephone", **BY},
            "Added on request: Dr. Lugovoy by telephone, Dr. Orlova.",
            "Добавлено по просьбе: Dr. Lugovoy by telephone, Орлова А. П.",
        ),
        (
            "needed:EGFR",
            None,
            "Added because EGFR is computed from it.",
            "Добавлено: по нему рассчитывается EGFR.",
        ),
    ],
)
def test_what_added_a_test_stands_below_it(
    added_by: str, why: dict[str, Any] | None, english: str, russian: str
) -> None:
    item = {**make_item("FT4", make_value()), "added_by": added_by, "added": why}
    content = make_content(item)
    assert english in notes(content, "en")
    assert russian in notes(content, "ru")


def test_nothing_is_said_of_what_was_ordered() -> None:
    content = make_content({**make_item("FT4", make_value()), "added_by": "", "added": None})
    assert "added" not in content["sections"][0]["results"][0]


def test_the_whole_way_from_the_request_to_the_report_and_the_page(region: Region) -> None:
    tube, nurse = make_accepted(region, "GLUS"), one_with(region, "nurse", region.clinic)
    with acting(nurse):
        add_tests(tube.order_id, ["LDLC"], reason="Dr. Lugovoy", by=nurse, at=NOW)
    for code, value in (("GLUS", "5.0"), ("CHOL", "6.00"), ("HDL", "1.00"), ("TRIG", "5.50")):
        make_result(region, tube, code, value)
    with acting(region.worker):
        autoverify_batch(limit=20, by=region.worker, at=NOW)
        waiting = list(
            Result.objects.filter(order_id=tube.order_id, state="held").values_list("pk", flat=True)
        )
        release_results(waiting, by=region.worker, at=NOW)
        item = OrderItem.objects.get(order_id=tube.order_id, test__code="LDLC")
        assert (item.state, item.state_facts["code"]) == ("not_performed", "triglycerides_high")
        assert item.state_reason.startswith("Not computed: Triglycerides of 5.5")
        release_reports([tube.order_id], by=region.worker, at=NOW)
        content = Report.objects.get(order_id=tube.order_id).content
    said = {language: str(lay_out_in(content, language)) for language in ("en", "ru")}
    assert "Not computed: Triglycerides of 5.5" in said["en"]
    assert "Не рассчитано: Триглицериды 5.5" in said["ru"]
    assert "Added because LDLC is computed from it" in said["en"]
    assert "Добавлено по просьбе: Dr. Lugovoy" in said["ru"]
    page = signed_in("nurse", language="ru").get(f"/ordering/orders/{tube.order.number}/").content.decode()
    assert "Не рассчитано: Триглицериды 5.5" in page
