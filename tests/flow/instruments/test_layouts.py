"""What a driver file can say as a whole: its keys, its errors, its units and what adapts it."""

from decimal import Decimal

import pytest

from aliquot.flow.instruments.rules.adaptation import Term
from aliquot.flow.instruments.rules.driver import build
from aliquot.flow.instruments.rules.layout import DriverError
from aliquot.flow.instruments.rules.ucum import is_ucum
from aliquot.wire.mllp import MllpProfile
from tests.flow.instruments.driver_texts import HL7, TEXT_ORDER, astm, driver, only, toml

SIMULATION = 'header = "H"\norder = "O"\ntest = "{code}"\nresult = "R"\n'


def test_an_adapted_driver_knows_the_laboratorys_words() -> None:
    one = driver(
        aspects='map = {"" = "report"}', result='code = "R-3.4"\naspect = "R-3.8"', identity='senders = ["S"]'
    )
    line = "R|1|^^^T^^^^RLU|5|giga|||ZZ||".replace("|||ZZ||", "||ZZ||QQ")
    before = only(astm(one, line))
    assert before.unknown == ("aspect 'RLU'", "unit 'giga'", "status 'QQ'", "flag 'ZZ'")
    terms = (
        Term("aspect", "RLU", "keep"),
        Term("unit", "giga", "mmol/L", Decimal(1000)),
        Term("status", "QQ", "final"),
        Term("flag", "ZZ", "high"),
        Term("sender", "T"),
    )
    adapted = one.adapted(terms)
    after = only(astm(adapted, line))
    assert (after.unknown, after.number, after.unit, after.status, after.flags, after.reported) == (
        *((), Decimal(5000), "mmol/L", "final", ("high",), False),
    )
    assert adapted.layout.senders == ("S", "T")
    assert only(astm(one, line)) == before


@pytest.mark.parametrize(
    ("sections", "extra", "words"),
    [
        ({"link": 'protocol = "pigeon"'}, "", "x.toml: link.protocol: must be one of astm"),
        ({"link": "text_limit = true"}, "", "x.toml: link.text_limit: must be a whole number"),
        (
            {"link": 'protocol = "mllp"\nblock_timer = "long"'},
            "",
            "x.toml: link.block_timer: must be a number",
        ),
        ({"link": 'message_ends = "never"'}, "", "x.toml: link.message_ends: must be 'record' or"),
        ({"grammar": 'kind = "edifact"'}, "", "x.toml: grammar.kind: must be one of astm, hl7"),
        ({"grammar": 'kind = "astm"\nfoo = 1'}, "", "x.toml: grammar.foo: is not a key"),
        ({"text": 'charset = "latin-1"\ndecimal = ";"'}, "", "x.toml: text.decimal: must be '.'"),
        ({"specimen": 'at = "SPM2"'}, "", "x.toml: specimen.at: 'SPM2' is no place"),
        ({"units": 'map = {x = {unit = "L"}}'}, "", "x.toml: units.map.x: must be a text or"),
        ({"units": 'map = {x = {unit = "L", factor = "0"}}'}, "", "x.toml: units.map.x.factor: '0' is no"),
        ({"value": 'empty = "nothing"'}, "", "x.toml: value.empty: must be 'reading' or"),
        ({"value": 'comparators = {about = "~"}'}, "", "x.toml: value.comparators.about: must be"),
        ({"value": "pattern = '.*'"}, "", "x.toml: value.pattern: has no group named value"),
        ({"time": 'zone = "Mars"'}, "", "x.toml: time.zone: 'Mars' is no time zone"),
        ({}, "[[controls]]\nat = 'O-12'\nequals = ['Q']", r"x.toml: controls\[0\].source: is missing"),
        ({}, "[[marks]]\nsource = 'x'\nat = 'O-12'\nflag = 'q'", r"x.toml: marks\[0\].equals: is missing"),
        (
            {"order": TEXT_ORDER + "limits = {tests = -1}"},
            "",
            "x.toml: order.limits.tests: must be at least 0",
        ),
        ({"order": TEXT_ORDER.replace("add =", "more =")}, "", "x.toml: order.actions.more: must be one of"),
        ({"query": 'specimen = "Q-3"\npolicy = "answer"'}, "", "x.toml: query.policy: is not a key"),
        ({"order": TEXT_ORDER + 'comment = "C|1"'}, "", "x.toml: order.comment: is not a key"),
        ({"simulation": TEXT_ORDER + 'result = "R"'}, "", "x.toml: simulation.nothing: is not a key"),
        ({"simulation": SIMULATION + "actions = {}"}, "", "x.toml: simulation.actions: is not a key"),
        ({"simulation": SIMULATION + 'response = "L"'}, "", "x.toml: simulation.response: is not a key"),
        ({"simulation": SIMULATION + 'query = "{who}"'}, "", "x.toml: simulation.query: is no usable"),
    ],
)
def test_errors_name_file_and_key(sections: dict[str, str], extra: str, words: str) -> None:
    with pytest.raises(DriverError, match=words):
        build("x.toml", toml(extra, **sections))


def test_the_profile_is_filled_by_the_names_of_its_fields() -> None:
    profile = driver(
        **{**HL7, "link": 'protocol = "mllp"\nreceipt_code = "CA"\nsilent_kinds = ["QBP^Z03"]'}
    ).framing
    assert profile == MllpProfile(receipt_code="CA", silent_kinds=frozenset({"QBP^Z03"}))


@pytest.mark.parametrize(
    "unit",
    ["mmol/L", "10*9/L", "10^9", "u[IU]/mL", "{copies}/mL", "%", "10*2.{copies}/mL", "/uL", "mg/g{creat}"],
)
def test_ucum_units_are_known(unit: str) -> None:
    assert is_ucum(unit)


@pytest.mark.parametrize(
    "unit", ["K/uL", "K/mm3", "", "Copies/mL", "U/l2x", "mIU/L", "S/CO", "gramme", "{open", "mmol//L"]
)
def test_what_is_no_ucum_unit_is_not(unit: str) -> None:
    assert not is_ucum(unit)
