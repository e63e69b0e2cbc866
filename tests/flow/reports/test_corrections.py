"""What a new version changes of what was said, and until when that must be acknowledged."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aliquot.flow.reports.rules.corrections import Correction, corrections, due_at
from aliquot.flow.verification.rules.correction_policy import UNSTATED, CorrectionPolicy

AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def said(item: int = 1, status: str = "final", value: str = "5.0", **more: Any) -> dict[str, Any]:
    return {"item_id": item, "status": status, "value": value, "unit": "mmol/L", "flag": "N", **more}


def content(*results: dict[str, Any]) -> dict[str, Any]:
    return {"sections": [{"results": list(results)}]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (said(), said(value="6.0")),
        (said(), said(flag="H")),
        (said(), said(unit="g/L")),
        (said(), said(comment="haemolysed")),
        (said(), said(status="withdrawn", value="")),
        (said(), said(status="investigated", value="")),
        (said(status="investigated"), said()),
        (said(status="investigated"), said(status="withdrawn")),
        (said(status="amended"), said(status="pending", value="")),
    ],
)
def test_what_says_something_else_is_a_correction(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert corrections(content(old), content(new)) == [Correction(old, new)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (said(), said()),
        (said(status="pending", value=""), said()),
        (said(status="not_performed", value=""), said()),
        (said(), said(measured_at="later")),
        (said(status="withdrawn"), said(status="withdrawn", reason="given up")),
    ],
)
def test_what_was_not_said_or_says_the_same_corrects_nothing(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert corrections(content(old), content(new)) == []
    assert corrections(None, content(new)) == []
    assert corrections(content(old), content(old, said(item=2))) == []


def test_the_reason_is_that_of_who_did_it() -> None:
    taken = {"note": "swapped", "look_back": 7}
    assert Correction(said(), said(amend_reason="slip")).reason == "slip"
    withdrawn = Correction(said(), said(retraction=taken))
    assert (withdrawn.reason, withdrawn.look_back) == ("swapped", "7")
    assert Correction(said(), said(given_free=taken)).look_back == "7"
    later = Correction(said(), said(earlier=[{"retraction": taken}]))
    assert (later.reason, later.look_back) == ("swapped", "")
    assert Correction(said(), said(earlier=[{}])).reason == ""


@pytest.mark.parametrize(
    ("flags", "is_urgent", "minutes"),
    [(("N", "N"), False, 300), (("N", "N"), True, 20), (("HH", "N"), False, 20), (("N", "LL"), False, 20)],
)
def test_what_endangers_is_due_at_once(flags: tuple[str, str], is_urgent: bool, minutes: int) -> None:  # noqa: FBT001 - a case
    found = [Correction(said(flag=flags[0]), said(flag=flags[1]))]
    limits = CorrectionPolicy(pressing_minutes=20, minutes=300)
    assert due_at(AT, found, limits, is_urgent=is_urgent) == AT + timedelta(minutes=minutes)
    shipped = timedelta(hours=1 if minutes < 60 else 24)
    assert due_at(AT, found, UNSTATED, is_urgent=is_urgent) == AT + shipped
