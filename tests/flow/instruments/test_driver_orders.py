"""What the drivers tell their analyzers: orders, answers without work, tubes that cannot be said."""

import pytest

from aliquot.flow.instruments.rules.driver import load, models
from aliquot.flow.instruments.rules.forms import Header, UnsendableError
from aliquot.flow.instruments.rules.reading import WorkOrder
from tests.flow.instruments.driver_ends import ASKING, AT, over_the_link

ORDERED = [model for model in ASKING if load(model).layout.order and load(model).tests]


@pytest.mark.parametrize("model", ORDERED)
def test_an_order_names_the_tube_and_every_test(model: str) -> None:
    driver = load(model)
    forms = driver.layout.order
    assert forms is not None
    codes = tuple(sorted(driver.tests))[:3]
    query = over_the_link(driver, driver.query_message("9900000101", Header(AT))).queries[0]
    order = WorkOrder("9900000101", codes, place=query.place)
    messages = driver.order_message([order], Header(AT))
    text = b"\r".join(record for records in messages for record in records).decode("latin-1")
    assert "9900000101" in text
    pattern = forms.code_pattern
    ordered = [found["code"] if pattern and (found := pattern.fullmatch(code)) else code for code in codes]
    assert all(code in text for code in ordered)


def test_the_centaurs_answer_is_the_one_of_the_transcript() -> None:
    driver = load("siemens_advia_centaur_xpt")
    (records,) = driver.order_message([WorkOrder("050B04005S", ("TSH", "FT4"))], Header(AT))
    assert records[1:] == [
        b"P|1",
        b"O|1|050B04005S||^^^TSH\\^^^FT4|R||||||||||||||||||||O\\Q",
        b"L|1|F",
    ]
    assert driver.order_message([WorkOrder("050B04005S", ())], Header(AT))[0][1:] == [b"L|1|I"]


@pytest.mark.parametrize("model", [one for one in models() if load(one).layout.order])
def test_no_work_is_said_in_words_without_tests(model: str) -> None:
    driver = load(model)
    for orders in ([], [WorkOrder("9900000101", (), place="^^9900000101^B")]):
        messages = driver.order_message(orders, Header(AT))
        assert not any(
            record.startswith((b"O|", b"OBR|")) and record.split(b"|")[4].strip(b"^")
            for records in messages
            for record in records
        )


DILUTING = {
    "abbott_alinity_ci_law": "TCD|{0}|^1^:^5",
    "biosystems_ba400": "TCD|{0}|^1^:^5",
    "generic_law": "TCD|{0}|^1^:^5",
    "roche_cobas_8000": "^^^{0}^5",
    "roche_cobas_c311": "^^^{0}/5",
    "roche_cobas_e411": "^^^{0}^5",
    "roche_cobas_pro": "TCD|{0}|^1^:^5",
    "roche_cobas_pure": "TCD|{0}|^1^:^5",
    "siemens_atellica_solution": "TCD|{0}|^1^:^5",
}
"""How each model that can be told a dilution is told 1:5; its driver says whence that is known."""


def said(model: str, dilution: str) -> str:
    driver = load(model)
    code = min(driver.tests, default="17")
    order = WorkOrder("9900000101", (code,), place="^^9900000101^B", dilution=dilution)
    messages = driver.order_message([order], Header(AT))
    return b"\r".join(record for records in messages for record in records).decode("latin-1")


@pytest.mark.parametrize("model", models())
def test_a_model_is_told_a_dilution_in_its_form_or_says_that_it_cannot_be(model: str) -> None:
    driver = load(model)
    assert driver.takes_dilution == (model in DILUTING)
    if driver.takes_orders and not driver.takes_dilution:
        # a driver without a place would lose it: the repeat is never sent, a person is asked instead
        assert said(model, "5") == said(model, "")


@pytest.mark.parametrize("model", DILUTING)
def test_a_dilution_stands_where_the_model_looks_for_it_and_only_when_asked(model: str) -> None:
    plain = said(model, "")
    is_law = DILUTING[model].startswith("TCD")
    test = plain.split("TCD|")[-1].split("\r")[0] if is_law else min(load(model).tests)
    form = DILUTING[model].format(test)
    assert form in said(model, "5")
    assert form not in plain


@pytest.mark.parametrize("asked", ["5", "1:5", "x5", "1 : 5"])
def test_a_factor_is_understood_however_it_is_written(asked: str) -> None:
    assert said("generic_law", asked).endswith("|^1^:^5")


@pytest.mark.parametrize("asked", ["half", "0", "5.5", "5|OBX"])
def test_what_is_no_factor_is_not_sent(asked: str) -> None:
    with pytest.raises(UnsendableError, match="a factor such as 5"):
        said("generic_law", asked)


def test_a_tube_number_is_never_shortened() -> None:
    driver = load("siemens_immulite2000")
    with pytest.raises(UnsendableError, match="at most 20"):
        driver.order_message([WorkOrder("9" * 21, ("TSH",))], Header(AT))
    with pytest.raises(UnsendableError, match="cannot be sent"):
        driver.order_message([WorkOrder("Ж1", ("TSH",))], Header(AT))
