"""Policies of critical values: what a text may say, and which of them holds for whom."""

from decimal import Decimal
from typing import Any

import pytest

from aliquot.flow.verification.queries import shipped_rules
from aliquot.flow.verification.rules.book import compile_book
from aliquot.flow.verification.rules.critical_policy import (
    CriticalPolicy,
    Handling,
    Place,
    Repeat,
    Rung,
    handling_of,
)
from aliquot.flow.verification.rules.document import read_policies, read_rule_set
from aliquot.flow.verification.rules.population import Patient, Population
from tests.flow.verification.rules.evidences import TYPES, evidence, facts

HEAD = '[rule_set]\ncode = "network"\ntitle_en = "t"\ntitle_ru = "t"\nsource = "test"\n'
LADDER = 'ladder = [{ whom = "requester", minutes = 0 }, { whom = "director", minutes = 30 }]'
ANYBODY = Patient("F", 14_000, "", "TUL-HUB", "", None, "R")


def text_of(*lines: str, code: str = "C", tests: str = '"*"') -> str:
    own = "\n".join(lines)
    return f'{HEAD}[[critical_policy]]\ncode = "{code}"\ntests = {tests}\nsource = "test"\n{own}\n'


def problems(text: str) -> list[tuple[str, str]]:
    return [(one.key, one.code) for one in read_rule_set(text, TYPES).problems]


def policy(code: str, **changes: Any) -> CriticalPolicy:
    return CriticalPolicy(code, **{"tests": ("*",), "source": "test", **changes})


def handled(
    *policies: CriticalPolicy, test: str = "K", patient: Patient = ANYBODY, **changes: Any
) -> Handling:
    where = {"site": "TUL-ALE", "kind": "collection_point", "is_inpatient": False, **changes}
    return handling_of(policies, test, patient, **where)


def test_a_policy_says_minutes_ladder_repeats_and_for_whom() -> None:
    read = read_rule_set(
        text_of(
            "tell_minutes = 20",
            "acknowledge_minutes = 5",
            'ladder = [{ whom = "app", minutes = 0 }, { whom = "ward", minutes = 5 }]',
            "repeat = { hours = 24, change_percent = 20 }",
            '[critical_policy.population]\nwards = ["ICU"]',
            '[critical_policy.place]\ninpatient = true\nkinds = ["hub"]\nsites = ["TUL-HUB"]',
            tests='["K"]',
        ),
        TYPES,
    )
    assert read.problems == ()
    assert read.rule_set is not None
    assert read.rule_set.policies == (
        CriticalPolicy(
            "C",
            ("K",),
            "test",
            tell_minutes=20,
            acknowledge_minutes=5,
            ladder=(Rung("app", 0), Rung("ward", 5)),
            repeat=Repeat(24, Decimal(20)),
            population=Population(wards=("ICU",)),
            place=Place(("TUL-HUB",), ("hub",), is_inpatient=True),
        ),
    )


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ((), [("critical_policy.tell_minutes", "missing")]),
        (("tell_minutes = 0",), [("critical_policy.tell_minutes", "negative")]),
        (("minutes = 30", LADDER), [("critical_policy.minutes", "unknown_key")]),
        (
            ('ladder = [{ whom = "requester", minutes = 5 }]',),
            [("critical_policy.ladder", "ladder_start")],
        ),
        (
            (
                (
                    'ladder = [{ whom = "requester", minutes = 0 }, { whom = "ward", minutes = 9 },'
                    ' { whom = "director", minutes = 8 }]'
                ),
            ),
            [("critical_policy.ladder", "ladder_order")],
        ),
        (
            ('ladder = [{ whom = "ward", minutes = 0 }, { whom = "ward", minutes = 9 }]',),
            [("critical_policy.ladder", "ladder_twice")],
        ),
        (
            ("acknowledge_minutes = 5", 'ladder = [{ whom = "app", minutes = 0 }]'),
            [("critical_policy.ladder", "ladder_phone")],
        ),
        (
            ('ladder = [{ whom = "app", minutes = 0 }, { whom = "ward", minutes = 5 }]',),
            [("critical_policy.ladder", "ladder_app")],
        ),
        (
            ("acknowledge_minutes = 5",
             'ladder = [{ whom = "ward", minutes = 0 }, { whom = "app", minutes = 5 }]'),
            [("critical_policy.ladder", "ladder_app")],
        ),
        (
            ("acknowledge_minutes = 5",
             'ladder = [{ whom = "app", minutes = 0 }, { whom = "ward", minutes = 6 }]'),
            [("critical_policy.ladder", "ladder_late")],
        ),
        (
            ('ladder = [{ whom = "boss", minutes = 0 }]',),
            [("critical_policy.ladder.whom", "choice")],
        ),
        (("ladder = [{ minutes = 0 }]",), [("critical_policy.ladder.whom", "missing")]),
        (
            ('ladder = [{ whom = "ward", minutes = -1 }]',),
            [("critical_policy.ladder.minutes", "type")],
        ),
        (("repeat = { hours = 24 }",), [("critical_policy.repeat.change_percent", "missing")]),
        (
            ("repeat = { hours = 24, change_percent = 0 }",),
            [("critical_policy.repeat.change_percent", "negative")],
        ),
        (
            (LADDER, '[critical_policy.place]\nkinds = ["home"]'),
            [("critical_policy.place.kinds", "choice")],
        ),
        ((LADDER, "[critical_policy.place]"), [("critical_policy.place", "missing")]),
        (
            (LADDER, '[critical_policy.population]\nsex = "X"'),
            [("critical_policy.population.sex", "choice"), ("critical_policy.population", "missing")],
        ),
    ],
)  # fmt: skip
def test_each_mistake_names_its_key(lines: tuple[str, ...], found: list[tuple[str, str]]) -> None:
    kept = [one for one in problems(text_of(*lines)) if one != ("critical_policy.tell_minutes", "missing")]
    if not lines:
        kept = problems(text_of(*lines))
    assert sorted(kept) == sorted(found)


def test_a_test_that_is_not_there_and_a_code_that_is_taken_are_named() -> None:
    assert problems(text_of(LADDER, tests='["QQ"]')) == [("critical_policy.tests", "unknown_test")]
    assert problems(text_of(LADDER, tests="[]")) == [("critical_policy.tests", "missing")]
    rule = '[[rule]]\ncode = "C"\nkind = "quality"\ntests = "*"\nsource = "test"\n'
    assert problems(text_of(LADDER) + rule) == [("code", "duplicate")]


def test_policies_of_a_faulty_text_are_none_and_the_default_calls() -> None:
    assert read_policies(text_of("tell_minutes = 0"), TYPES) == ()
    assert read_policies("no [ toml", TYPES) == ()
    assert handled() == Handling(60, None, (Rung("requester", 0),), None, ())
    assert handled(is_inpatient=True).tell_minutes == 30
    urgent = Patient("F", 14_000, "", "TUL-HUB", "", None, "S")
    assert handled(patient=urgent).tell_minutes == 30


def test_each_part_comes_from_the_most_specific_policy_that_states_it() -> None:
    base = policy("base", tell_minutes=60, acknowledge_minutes=15, ladder=(Rung("requester", 0),))
    ward = policy("ward", tell_minutes=30, place=Place(is_inpatient=True))
    renal = policy("renal", tests=("CREA",), repeat=Repeat(24, Decimal(20)))
    assert handled(base, ward, renal, test="CREA", is_inpatient=True) == Handling(
        30, 15, (Rung("requester", 0),), Repeat(24, Decimal(20)), ("ward", "base", "renal")
    )
    assert handled(base, ward, renal) == Handling(60, 15, (Rung("requester", 0),), None, ("base",))


@pytest.mark.parametrize("order", [1, -1])
def test_of_equally_specific_policies_the_strictest_holds(order: int) -> None:
    both = [policy("slow", tell_minutes=60), policy("quick", tell_minutes=20)][::order]
    assert handled(*both).tell_minutes == 20
    ladders = [
        policy("a", ladder=(Rung("app", 0), Rung("requester", 15))),
        policy("b", ladder=(Rung("ward", 0), Rung("director", 30))),
    ][::order]
    assert handled(*ladders).ladder[0].whom == "ward"
    named = [policy("one", tests=("K",), tell_minutes=50), policy("all", tell_minutes=20)][::order]
    assert handled(*named).tell_minutes == 50


@pytest.mark.parametrize(
    ("place", "changes", "covered"),
    [
        (Place(sites=("TUL-ALE",)), {}, True),
        (Place(sites=("TUL-YEF",)), {}, False),
        (Place(kinds=("collection_point",)), {}, True),
        (Place(kinds=("hub",)), {}, False),
        (Place(is_inpatient=False), {}, True),
        (Place(is_inpatient=False), {"is_inpatient": True}, False),
    ],
)
def test_a_place_is_a_site_a_kind_of_site_and_a_ward(
    place: Place, changes: dict[str, Any], *, covered: bool
) -> None:
    found = handled(policy("p", tell_minutes=7, place=place), **changes)
    assert (found.tell_minutes == 7) is covered


def test_the_shipped_policies_are_sound_and_hold_by_ward_urgency_and_test() -> None:
    read = read_policies(shipped_rules(), dict.fromkeys(("CREA", "UREA"), TYPES["K"]))
    assert len(read) == 4
    out = handled(*read)
    assert (out.tell_minutes, out.acknowledge_minutes, out.ladder[0].whom) == (60, 15, "app")
    ward = handled(*read, is_inpatient=True)
    assert (ward.tell_minutes, ward.ladder[0]) == (30, Rung("requester", 0))
    assert handled(*read, test="CREA").repeat == Repeat(24, Decimal(20))
    assert out.repeat is None


def test_a_book_tells_how_to_handle_a_value() -> None:
    own = policy("own", tests=("K",), tell_minutes=11)
    book = compile_book([facts()], {None: ()}, policies={None: [policy("net", tell_minutes=44)], 7: [own]})
    here = evidence()
    assert book.handling_for(here, site="TUL-ALE", kind="collection_point").tell_minutes == 44
    kept = compile_book([facts()], {None: ()}, policies={here.laboratory_id: [own]})
    assert kept.handling_for(here, site="TUL-ALE", kind="collection_point").tell_minutes == 11
