"""What stands where on the printed report: each text of the page, in the words of a language."""

from typing import Any

import pytest

from aliquot.flow.reports.rules.layout import day, figure, lay_out
from tests.flow.reports.samples import make_content, make_item, make_place, make_value

SAID = (
    "preliminary final corrected supplemented version corrected_note supplemented_note replaces of unidentified born sex sex_F sex_M snils policy "
    "ordered_from ordered_by ward ordered_at diagnosis external pending withdrawn investigated not_performed comment "
    "earlier released_on replaced_now why amended investigated_mark withdrawn_mark taken_back given_free rules_all "
    "rules_some legend H N LL HH L A"
)
WORDS = {name: f"<{name}>" for name in SAID.split()} | {
    "times": "times in {zone}",
    "age_years": "year|years|years",
}
EARLIER = {"version": 1, "kind": "final", "released_at": "2026-11-22T08:30:00+00:00"}
TAKEN = {
    "code": "withdrawn", "name_en": "Dr A. Orlova", "name_ru": "Орлова А. С.", "note": "wrong tube",
    "at": "2026-11-22T09:00:00+00:00",
}  # fmt: skip
WHY = {
    "code": "HAEM", "name_en": "Haemolysed", "name_ru": "Гемолиз", "advice_en": "Draw again.",
    "advice_ru": "Взять снова", "note": "red", "findings_en": "HAEM ++",
}  # fmt: skip


def page(*items: dict[str, Any], language: str = "en", **changes: Any) -> dict[str, Any]:
    return lay_out(make_content(*items, **changes), language, WORDS)


def row(item: dict[str, Any], language: str = "en") -> dict[str, Any]:
    found: dict[str, Any] = page(item, make_item("K", make_value(), item_id=9, position=9), language=language)
    first: dict[str, Any] = found["sections"][0]["results"][0]
    return first


def glucose(**changes: Any) -> dict[str, Any]:
    return make_item("GLUS", make_value(**changes))


def test_the_head_of_a_page_names_kind_version_and_time() -> None:
    found = page()
    assert (found["kind"], found["kind_word"], found["kind_line"]) == (
        "final",
        "<final>",
        "<final>, <version> 1",
    )
    assert (found["kind_note"], found["replaces"], found["version"]) == ("", "", "1")
    assert (found["language"], found["words"]) == ("en", WORDS)
    assert found["stamp"] == {"year": 2026, "month": 11, "day": 22, "hour": 9, "minute": 30, "second": 0}
    assert (found["released_at"], found["times"]) == (
        "22.11.2026 14:30",
        "times in Asia/Yekaterinburg, UTC+05:00",
    )
    assert (found["is_urgent"], found["order_number"]) == (False, "45-000042")


def test_a_correction_says_what_it_replaces() -> None:
    found = page(glucose(), earlier=[EARLIER])
    assert found["replaces"] == "<replaces> 1 <of> 22.11.2026 13:30"
    assert (found["kind_line"], found["kind_note"]) == ("<corrected>, <version> 2", "<corrected_note>")


def test_the_laboratory_stands_with_name_organisation_and_address() -> None:
    assert page()["laboratory"] == {
        "name": "Kurgan Hub Laboratory",
        "organisation": "Regional Laboratory Service",
        "address": "12 Lenina St, Kurgan",
    }
    assert page(language="ru")["laboratory"]["name"] == "Централизованная лаборатория, Курган"


def facts(rows: list[dict[str, Any]]) -> dict[str, tuple[str, bool]]:
    return {one["name"]: (one["value"], one["strong"]) for one in rows}


def patient(**changes: Any) -> dict[str, Any]:
    usual = {
        "id": 77, "family_name": "Тестова", "given_name": "Анна", "patronymic": "Ивановна", "birth_date": "1985-03-15",
        "sex": "F", "snils": "11223344595", "policy_number": "7700000000000003", "is_unidentified": False,
    }  # fmt: skip
    found: dict[str, Any] = page(glucose(), patient=usual | changes)["patient"]
    return found


def test_the_patient_stands_with_age_sex_and_numbers() -> None:
    found = patient()
    assert (found["name"], found["born_line"]) == ("Тестова Анна Ивановна", "15.03.1985")
    assert facts(found["facts"]) == {
        "<born>": ("15.03.1985 (41 year)", True),
        "<sex>": ("<sex_F>", False),
        "<snils>": ("112-233-445 95", False),
        "<policy>": ("7700 0000 0000 0003", False),
    }


def test_a_patient_without_name_or_birth_date_is_said_to_be_unidentified() -> None:
    found = patient(family_name="", given_name="", patronymic="", birth_date=None, snils="", policy_number="")
    assert (found["name"], found["born_line"]) == ("<unidentified>", "")
    assert facts(found["facts"])["<born>"] == ("", True)
    assert facts(found["facts"])["<snils>"] == ("", False)


@pytest.mark.parametrize(
    ("born", "said"),
    [
        ("2026-11-23", "23.11.2026"),
        ("2026-11-22", "22.11.2026 (0 years3)"),
        ("2025-11-22", "22.11.2025 (1 year1)"),
        ("2024-11-22", "22.11.2024 (2 years2)"),
        ("2022-11-22", "22.11.2022 (4 years2)"),
        ("2021-11-22", "22.11.2021 (5 years3)"),
        ("2015-11-22", "22.11.2015 (11 years3)"),
        ("2014-11-22", "22.11.2014 (12 years3)"),
        ("2012-11-22", "22.11.2012 (14 years3)"),
        ("2005-11-22", "22.11.2005 (21 year1)"),
        ("2003-11-22", "22.11.2003 (23 years2)"),
        ("1915-11-22", "22.11.1915 (111 years3)"),
        ("1913-11-22", "22.11.1913 (113 years3)"),
    ],
)
def test_years_have_the_form_that_goes_with_their_number(born: str, said: str) -> None:
    words = WORDS | {"age_years": "year1|years2|years3"}
    content = make_content(glucose())
    content["patient"]["birth_date"] = born
    assert lay_out(content, "ru", words)["patient"]["facts"][0]["value"] == said


def test_english_has_one_form_for_all() -> None:
    content = make_content(glucose())
    content["patient"]["birth_date"] = "2021-11-22"
    facts_of = lay_out(content, "en", WORDS | {"age_years": "y"})["patient"]["facts"]
    assert facts_of[0]["value"] == "22.11.2021 (5 y)"


def test_the_age_is_that_of_the_day_by_the_clock_of_the_laboratory() -> None:
    content = make_content(glucose())
    content["order"]["placed_at"] = "2026-11-21T22:30:00+00:00"
    content["patient"]["birth_date"] = "2026-11-22"
    facts_of = lay_out(content, "en", WORDS | {"age_years": "y"})["patient"]["facts"]
    assert facts_of[0]["value"] == "22.11.2026 (0 y)"


def test_the_order_says_from_where_by_whom_when_and_why() -> None:
    placed = {
        "id": 42, "number": "45-000042", "placed_at": "2026-11-22T05:10:00+00:00", "urgency": "S",
        "requester": "Смирнов П. Н.", "ward": "ICU", "diagnosis": "E11.9", "note": "", "is_pregnant": None,
        "external_system": "urn:x", "external_number": "MO-1",
    }  # fmt: skip
    found = page(glucose(), placed=placed)
    assert found["is_urgent"]
    assert facts(found["order_facts"]) == {
        "<ordered_from>": ("Polyclinic No. 3, City Hospital", True),
        "<ordered_by>": ("Смирнов П. Н.", False),
        "<ward>": ("ICU", False),
        "<ordered_at>": ("22.11.2026 10:10", False),
        "<diagnosis>": ("E11.9", False),
        "<external>": ("MO-1", False),
    }


def test_a_place_named_as_its_organisation_is_named_once() -> None:
    same = make_place(name_en="City Hospital", organisation_en="City Hospital")
    found = page(glucose(), places={"laboratory": make_place(), "ordering_site": same})
    assert found["order_facts"][0]["value"] == "City Hospital"


def test_each_tube_stands_with_its_times_and_conditions() -> None:
    tube = {
        "id": 60, "number": "4500000017", "state": "accepted", "code": "SER", "name_en": "Serum", "name_ru": "Сыворотка",
        "nsi_1081": "208", "container_en": "SST", "container_ru": "SST", "collected_at": "2026-11-22T05:20:00+00:00",
        "received_at": None, "condition": [{"code": "HAEM"}, "CLOT", {}],
    }  # fmt: skip
    [found] = page(glucose(), specimens=[tube], language="ru")["specimens"]
    assert (found["number"], found["name"]) == ("4500000017", "Сыворотка")
    assert (found["collected"], found["received"]) == ("22.11.2026 10:20", "")
    assert found["condition"] == "HAEM, CLOT, "


def test_a_released_value_stands_with_unit_interval_and_arrow() -> None:
    assert row(glucose(value="7.10", flag="H")) == {
        "name": "Glucose (serum)", "method": "hexokinase", "status": "final", "value": "7.10", "unit": "mmol/L",
        "interval": "4.1 – 6.1", "arrow": "↑", "flag": "<H>", "is_marked": True, "by_rule": False, "notes": [],
    }  # fmt: skip
    russian = row(glucose(value="7.10", flag="H"), "ru")
    assert (russian["value"], russian["unit"], russian["interval"]) == ("7,10", "ммоль/л", "4,1 – 6,1")


@pytest.mark.parametrize(
    ("flag", "arrow", "word", "is_marked"),
    [
        ("LL", "↓↓", "<LL>", True),
        ("L", "↓", "<L>", True),
        ("HH", "↑↑", "<HH>", True),
        ("A", "!", "<A>", True),
        ("N", "", "<N>", False),
        ("X", "", "X", False),
        ("", "", "", False),
    ],
)
def test_an_arrow_and_a_word_tell_what_is_abnormal(
    *, flag: str, arrow: str, word: str, is_marked: bool
) -> None:
    found = row(glucose(flag=flag))
    assert (found["arrow"], found["flag"], found["is_marked"]) == (arrow, word, is_marked)
    assert page(glucose(flag=flag))["legend"] == ("<legend>" if is_marked else "")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [("4.1", None, "≥ 4.1"), (None, "6.1", "≤ 6.1"), (None, None, "below 6"), ("4.1", "6.1", "4.1 – 6.1")],
)
def test_an_interval_with_one_end_or_in_words(low: str | None, high: str | None, said: str) -> None:
    item = make_item(
        "GLUS", make_value(low=low, high=high), interval_text_en="below 6", interval_text_ru="ниже 6"
    )
    assert row(item)["interval"] == said


def by_hand(**changes: Any) -> dict[str, Any]:
    return make_value(
        **{"is_automatic": False, "released_by": "person:7:orlova", "released_en": "Dr A. Orlova", **changes}
    )


def test_releases_by_rule_are_told_once_for_all_or_marked_one_by_one() -> None:
    all_by_rule = page(glucose())
    assert (all_by_rule["rules_note"], all_by_rule["releasers"]) == ("<rules_all>", "")
    assert [one["by_rule"] for one in all_by_rule["sections"][0]["results"]] == [False]
    some = page(glucose(), make_item("K", by_hand(), item_id=9, position=2))
    assert (some["rules_note"], some["releasers"]) == ("<rules_some>", "Dr A. Orlova")
    assert [one["by_rule"] for one in some["sections"][0]["results"]] == [True, False]
    none = page(make_item("K", by_hand()))
    assert (none["rules_note"], none["releasers"]) == ("", "Dr A. Orlova")


def test_sections_stand_in_their_order_with_their_names() -> None:
    other = make_item(
        "HGB", make_value(), item_id=9, section="HAEM", section_en="Haematology", section_position=0
    )
    assert [one["name"] for one in page(glucose(), other)["sections"]] == [
        "Haematology",
        "Clinical chemistry",
    ]


def test_what_is_pending_is_only_named() -> None:
    assert row(make_item("GLUS")) == {
        "name": "Glucose (serum)", "method": "hexokinase", "status": "pending", "outcome": "<pending>", "notes": [],
    }  # fmt: skip


def test_what_was_not_performed_says_why_and_what_to_do() -> None:
    found = row(make_item("GLUS", state="not_performed", rejection=WHY))
    assert found["outcome"] == "<not_performed>: Haemolysed"
    assert found["notes"] == [{"lead": "", "text": "Draw again. HAEM ++ red."}]
    bare = row(make_item("GLUS", state="not_performed"))
    assert (bare["outcome"], bare["notes"]) == ("<not_performed>", [])


def test_a_withdrawn_value_stands_among_the_earlier_ones_alone() -> None:
    found = row(make_item("GLUS", earlier=[make_value("9.9", retraction=TAKEN)]))
    assert (found["status"], found["outcome"]) == ("withdrawn", "<withdrawn>")
    assert "value" not in found
    assert found["notes"] == [
        {
            "lead": "<withdrawn_mark>",
            "text": "<earlier>: 9.9 mmol/L (<released_on> 22.11.2026 13:15); <taken_back> 22.11.2026 14:00, Dr A. Orlova;"
            " <why>: wrong tube.",
        }
    ]
    gone = row(
        make_item("GLUS", state="not_performed", rejection=WHY, earlier=[make_value(retraction=TAKEN)])
    )
    assert gone["outcome"] == "<withdrawn>. <not_performed>: Haemolysed"


def test_a_value_under_investigation_is_marked_so() -> None:
    recalled = make_value("9.9", retraction=TAKEN | {"code": "recalled"})
    found = row(make_item("GLUS", recalled=[recalled]))
    assert (found["status"], found["outcome"]) == ("investigated", "<investigated>")
    assert found["notes"][0]["lead"] == "<investigated_mark>"


def test_an_amended_value_says_what_it_was_and_why() -> None:
    new = make_value("7.7", version=2, amend_reason="wrong position", released_at="2026-11-22T09:00:00+00:00")
    old = make_value("4.1")
    found = row(make_item("GLUS", new, earlier=[old]), "ru")
    assert (found["status"], found["value"]) == ("amended", "7,7")
    [note] = found["notes"]
    assert note["lead"] == "<amended>"
    assert note["text"].startswith(
        "<earlier>: 4,1 ммоль/л (<released_on> 22.11.2026 13:15); <replaced_now> 22.11.2026 14:00, "
    )
    assert note["text"].endswith("; <why>: wrong position.")
    silent = row(make_item("GLUS", make_value("7.7", version=2), earlier=[old]))["notes"][0]["text"]
    assert "<why>" not in silent


def test_the_latest_change_stands_first() -> None:
    olds = [make_value("4.1"), make_value("4.2")]
    notes = row(make_item("GLUS", make_value("7.7", version=3), earlier=olds))["notes"]
    assert [one["text"][:14] for one in notes] == ["<earlier>: 4.2", "<earlier>: 4.1"]


def test_a_value_given_free_again_says_who_and_why() -> None:
    free = make_value(retraction=TAKEN | {"code": "given_free"})
    notes = row(make_item("GLUS", free))["notes"]
    assert notes == [{"lead": "<given_free>", "text": "22.11.2026 14:00, Dr A. Orlova; <why>: wrong tube."}]


def test_a_comment_stands_below_its_value() -> None:
    assert row(glucose(comment="lipaemic"))["notes"] == [{"lead": "<comment>:", "text": "lipaemic"}]


@pytest.mark.parametrize(("text", "said"), [("1985-03-15", "15.03.1985"), (None, ""), ("", "")])
def test_a_day_is_written_as_people_write_it(text: str | None, said: str) -> None:
    assert day(text) == said


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("5.4", "ru", "5,4"),
        ("< 5.4", "ru", "< 5,4"),
        ("5.4", "en", "5.4"),
        ("22.11.2026", "ru", "22.11.2026"),
    ],
)
def test_only_numbers_have_the_decimal_sign_of_the_language(text: str, language: str, said: str) -> None:
    assert figure(text, language) == said


def added_to(added_by: str, **why: str) -> list[dict[str, str]]:
    words = {"needed_for": "for {test}", "added_by_rule": "by rule {rule}", "agreed_by": "agreed: {name}"}
    item = make_item("GLUS", make_value(), added_by=added_by, added=why)
    content = make_content(item)
    page = lay_out(content, "en", WORDS | words | {"added_on_request": "on request"})
    notes: list[dict[str, str]] = page["sections"][0]["results"][0]["notes"]
    return notes


def test_a_test_that_nobody_ordered_says_what_added_it() -> None:
    assert added_to("needed:LDLC", reason="x") == [{"lead": "", "text": "for LDLC."}]
    assert added_to("rule", rule="R1") == [{"lead": "", "text": "by rule R1."}]
    agreed = added_to("rule", rule="R1", by_en="Dr O", reason="x")
    assert agreed == [{"lead": "", "text": "by rule R1: agreed: Dr O."}]
    asked = added_to("person", reason="by phone", by_en="Dr O")
    assert asked == [{"lead": "", "text": "on request: by phone, Dr O."}]
    assert added_to("person") == [{"lead": "", "text": "on request."}]
