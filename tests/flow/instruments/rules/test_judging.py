"""What becomes of a reading, with every reason: by its tube, its code, its value and its unit."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from aliquot.flow.instruments.rules.matching import (
    CONTROL,
    KEPT,
    Match,
    Verdict,
    converted,
    flags_of,
    judge_reading,
    number_text,
)
from aliquot.flow.instruments.rules.stages import stage_of
from tests.flow.instruments.rules.readings import ASKED, MAPPING, MATCH, asked, reading


def judged(match: Match = MATCH, **changes: Any) -> Verdict:
    return judge_reading(reading(**changes), match, laboratory_id=1)


def reasons(match: Match = MATCH, **changes: Any) -> list[dict[str, Any]]:
    found = judged(match, **changes)
    assert found.state == "quarantined"
    assert (found.text, found.number) == ("", None)
    return list(found.reasons)


def test_what_is_asked_for_and_understood_is_filed_in_the_unit_of_the_catalogue() -> None:
    assert judged() == Verdict("filed", (), "143", Decimal(143))


@pytest.mark.parametrize("status", ["final", "correction", "rerun", "preliminary"])
def test_a_status_alone_keeps_nothing_from_being_filed(status: str) -> None:
    assert judged(status=status).state == "filed"


def test_controls_and_what_is_no_result_are_set_aside() -> None:
    assert judged(kind="control") == CONTROL
    assert judged(kind="other") == judged(kind="message") == KEPT
    assert judged(reported=False) == KEPT
    assert judged(reported=False, unknown=("aspect 'X'",)).state == "quarantined"
    assert judged(reported=False, unknown=("flag 'X'",)) == KEPT


@pytest.mark.parametrize(
    ("match", "changes", "expected"),
    [
        (Match(MAPPING), {"specimen_code": ""}, [{"code": "no_specimen"}]),
        (Match(MAPPING), {}, [{"code": "unknown_specimen", "specimen": "4500000017"}]),
        (Match(MAPPING, is_own_number=False), {}, [{"code": "other_region", "specimen": "4500000017"}]),
        (
            Match(MAPPING, asked(laboratory_id=2), ASKED),
            {},
            [{"code": "other_laboratory", "specimen": "4500000017"}],
        ),
        (
            Match(MAPPING, asked(order_state="cancelled"), ASKED),
            {},
            [{"code": "order_cancelled", "specimen": "4500000017"}],
        ),
        (
            Match(MAPPING, asked(specimen_state="cancelled"), ASKED),
            {},
            [{"code": "order_cancelled", "specimen": "4500000017"}],
        ),
        (
            Match(MAPPING, asked(specimen_state="labelled"), ASKED),
            {},
            [{"code": "specimen_not_accepted", "specimen": "4500000017", "state": "labelled"}],
        ),
        (Match(MAPPING, ASKED), {}, [{"code": "not_ordered", "test": "HGB"}]),
        (
            Match(MAPPING, ASKED, asked(item_state="cancelled")),
            {},
            [{"code": "test_cancelled", "test": "HGB"}],
        ),
        (
            Match(MAPPING, ASKED, asked(test_state="cancelled")),
            {},
            [{"code": "test_cancelled", "test": "HGB"}],
        ),
        (
            Match(MAPPING, ASKED, asked(test_state="rejected")),
            {},
            [{"code": "test_not_accepted", "test": "HGB"}],
        ),
        (
            Match(MAPPING, ASKED, asked(test_state="pending")),
            {},
            [{"code": "test_not_accepted", "test": "HGB"}],
        ),
        (
            Match(MAPPING, ASKED, asked(item_state="not_performed")),
            {},
            [{"code": "test_not_accepted", "test": "HGB"}],
        ),
        (Match(None, ASKED, ASKED), {}, [{"code": "unmapped_code", "test": "HGB"}]),
        (Match(None, ASKED), {"code": ""}, [{"code": "no_code"}]),
        (MATCH, {"unknown": ("aspect 'X'", "flag 'Y'")}, [{"code": "unknown_aspect", "what": "aspect 'X'"}]),
        (
            MATCH,
            {"status": "not_performed", "value": "-" * 201},
            [{"code": "not_performed", "value": "-" * 200}],
        ),
        (MATCH, {"value": " "}, [{"code": "no_value"}]),
        (MATCH, {"value": "1" * 201}, [{"code": "value_too_long"}]),
        (MATCH, {"number": None, "value": "high"}, [{"code": "value_not_a_number", "value": "high"}]),
        (
            MATCH,
            {"number": Decimal(10) ** 11, "value": "1e11"},
            [{"code": "value_too_large", "value": "1e11"}],
        ),
        (
            MATCH,
            {"number": -(Decimal(10) ** 11), "value": "-1e11"},
            [{"code": "value_too_large", "value": "-1e11"}],
        ),
        (
            MATCH,
            {"unit": "", "unit_raw": "odd"},
            [{"code": "unit_differs", "sent": "odd", "expected": "g/dL"}],
        ),
        (
            MATCH,
            {"unit": "g/L", "unit_raw": ""},
            [{"code": "unit_differs", "sent": "g/L", "expected": "g/dL"}],
        ),
    ],
)
def test_each_cause_to_wait_is_named(match: Match, changes: dict[str, Any], expected: list[Any]) -> None:
    assert reasons(match, **changes) == expected


def test_all_causes_are_named_at_once() -> None:
    found = reasons(Match(None), code="", value="")
    assert [one["code"] for one in found] == ["unknown_specimen", "no_code", "no_value"]
    both = reasons(number=Decimal(10) ** 12, unit="g/L", unit_raw="g/L")
    assert [one["code"] for one in both] == ["value_too_large", "unit_differs"]


def test_a_value_of_two_hundred_characters_is_still_one() -> None:
    words = Match(replace(MAPPING, is_quantity=False), ASKED, ASKED)
    assert judged(words, value="x" * 200, number=None) == Verdict("filed", (), "x" * 200, None)
    assert judged(words, value=" positive ", number=None).text == "positive"


def test_the_largest_number_that_its_column_keeps_is_filed() -> None:
    assert judged(number=Decimal("99999999999.9"), value="99999999999.9").text == "999999999999"


def index(**changes: Any) -> Verdict:
    usual: dict[str, Any] = {
        "index": "H",
        "value": "0.7",
        "level": Decimal("0.7"),
        "code": "",
        "number": None,
    }
    return judged(**usual | changes)


def test_an_index_is_filed_with_its_level_for_the_tube() -> None:
    assert index() == Verdict("filed", (), "0.7", Decimal("0.7"))
    assert index(value=" 0.7 ").text == "0.7"
    assert index(status="not_performed") == KEPT


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"value": " "}, {"code": "no_value"}),
        ({"value": "x" * 201}, {"code": "value_too_long"}),
        ({"level": None}, {"code": "index_not_understood", "index": "H", "value": "0.7"}),
        ({"level": Decimal(10) ** 12}, {"code": "index_not_understood", "index": "H", "value": "0.7"}),
    ],
)
def test_an_index_that_nobody_can_read_waits(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert index(**changes).reasons == (expected,)


def test_an_index_of_an_unknown_tube_waits_too() -> None:
    found = judge_reading(reading(index="H", level=Decimal(1)), Match(), laboratory_id=1)
    assert [one["code"] for one in found.reasons] == ["unknown_specimen"]


def test_without_a_quantity_there_is_no_number() -> None:
    assert converted(None, MAPPING) is None
    assert converted(Decimal(1), None) is None
    assert converted(Decimal(1), replace(MAPPING, is_quantity=False)) is None
    assert str(converted(Decimal("1.25"), replace(MAPPING, decimals=None))) == "12.50"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, ""),
        (Decimal("1.50"), "1.5"),
        (Decimal("1E+2"), "100"),
        (Decimal("1E+39"), "1" + "0" * 39),
        (Decimal("1E+40"), "1E+40"),
        (Decimal("1E-39"), "0." + "0" * 38 + "1"),
        (Decimal("1E-40"), "1E-40"),
    ],
)
def test_one_number_has_one_text(number: Decimal | None, text: str) -> None:
    assert number_text(number) == text


def test_everything_that_may_hold_a_result_stands_among_its_flags() -> None:
    assert flags_of(reading(flags=("high",))) == ["high"]
    assert flags_of(reading(status="unknown")) == []
    assert flags_of(reading(status="preliminary")) == ["status:preliminary"]
    strange = ("flag 'Z'", "unit 'u'", "aspect 'a'", "specimen 's'", "test code", "alarm 'A'")
    assert flags_of(reading(flags=("high",), unknown=strange), ["M1"], "XL-7") == [
        "high",
        "message:M1",
        "unknown:flag 'Z'",
        "unknown:alarm 'A'",
        "unknown:sender 'XL-7'",
    ]


@pytest.mark.parametrize(
    ("match", "state", "stage"),
    [
        (MATCH, "filed", "filed"),
        (Match(), "quarantined", "parsed"),
        (Match(MAPPING), "quarantined", "mapped"),
        (MATCH, "quarantined", "matched"),
    ],
)
def test_a_stage_is_the_last_thing_that_is_known(match: Match, state: str, stage: str) -> None:
    assert stage_of(match, state) == stage
