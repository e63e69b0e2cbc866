"""What a driver file can say of orders: templates, limits of the device, actions, escapes."""

import pytest

from aliquot.flow.instruments.rules.driver import Driver
from aliquot.flow.instruments.rules.forms import Header, UnsendableError
from aliquot.flow.instruments.rules.reading import WorkOrder
from tests.flow.instruments.driver_texts import AT, HL7, TEXT_ORDER, driver

LAW_ORDER = """
header = 'MSH|^~\\&|{host}||{sender}||{time}||OML^O33^OML_O33|{id}|P|2.5.1'
patient = ["PID|||{patient}||{patient_name}", "SPM|1|{specimen}", "SAC|||{specimen}"]
order = ["ORC|{action}", "OBR||{order_id}||{tests}", "TCD|{tests}|{dilution}"]
test = "{code}^^99X"
one_order_per_test = true
one_message_per_specimen = true
actions = {new = "NW", cancel = "CA"}
nothing = ["SPM|1|{specimen}|||||||||U", "ORC|DC"]
response = ['MSH|^~\\&|{host}||||{time}||RSP^K11|{id}|P|2.5.1', "MSA|AA|{query_id}", "QAK|{query_tag}|OK", "{query}"]
limits = {name = 5}
"""


def sent(one: Driver, *orders: WorkOrder, header: Header | None = None) -> list[list[str]]:
    messages = one.order_message(orders, header or Header(AT, control_id="C1"))
    return [[record.decode() for record in records] for records in messages]


def test_hl7_orders_are_one_message_a_tube() -> None:
    one = driver(order=LAW_ORDER, **HL7)
    first, second, nothing = sent(
        one,
        WorkOrder("77", ("A", "B"), patient_code="P^1", patient_name="Longname", dilution="5"),
        WorkOrder("78", ("A",), action="cancel"),
        WorkOrder("79", ()),
    )
    assert first[1:] == [
        *("PID|||P\\S\\1||Longn", "SPM|1|77", "SAC|||77"),
        *("ORC|NW", "OBR||||A^^99X", "TCD|A^^99X|5", "ORC|NW", "OBR||||B^^99X", "TCD|B^^99X|5"),
    ]
    assert second[4] == "ORC|CA"
    assert nothing[1:] == ["SPM|1|79|||||||||U", "ORC|DC"]
    assert [message[0].split("|")[9] for message in (first, second, nothing)] == ["C1", "C102", "C103"]


def test_a_query_is_answered_before_its_orders() -> None:
    one = driver(order=LAW_ORDER, query='specimen = "QPD-3"', **HL7)
    asked = one.read(b"MSH|^~\\&|S||||2026||QBP^Q11|Q9|P|2.5.1\rQPD|WOS^W^IHELAW|t1|77\rRCP|I")
    response, order = sent(one, WorkOrder("77", ("A",)), header=Header(AT, query=asked.queries[0]))
    assert response[1:] == ["MSA|AA|Q9", "QAK|t1|OK", "QPD|WOS^W^IHELAW|t1|77"]
    assert order[2] == "SPM|1|77"
    assert response[0].split("|")[9] != order[0].split("|")[9]


@pytest.mark.parametrize(
    ("limits", "shape"),
    [
        ("limits = {tests = 2}", [["77", "77", "78"]]),
        ("limits = {specimens = 1}", [["77"], ["78"]]),
        ("limits = {record = 22}", [["77", "77", "77", "78"]]),
        ("limits = {message = 80}", [["77"], ["78"]]),
        ("one_order_per_test = true", [["77", "77", "77", "78"]]),
    ],
)
def test_orders_are_split_by_the_devices_limits(limits: str, shape: list[list[str]]) -> None:
    one = driver(order=TEXT_ORDER + limits)
    messages = sent(one, WorkOrder("77", ("A", "B", "C")), WorkOrder("78", ("A",)))
    tubes = [[line.split("|")[2] for line in message if line.startswith("O|")] for message in messages]
    assert tubes == shape
    tests = [line.split("|")[4] for message in messages for line in message if line.startswith("O|77"[:2])]
    assert "\\".join(tests).count("^^^") == 4


def test_actions_priorities_and_what_a_model_cannot_do() -> None:
    one = driver(order=TEXT_ORDER)
    ((_, _, order, _),) = sent(one, WorkOrder("77", ("A",), "S", action="add"))
    assert order == "O|1|77||^^^A|A||||||A"
    with pytest.raises(UnsendableError, match="takes no orders"):
        sent(driver(), WorkOrder("77", ("A",)))
    silent = driver(order=TEXT_ORDER.replace("actions", "priorities = {}\n#").replace("priorities = {R", "#"))
    with pytest.raises(UnsendableError, match="no form for 'cancel'"):
        sent(silent, WorkOrder("77", ("A",), action="cancel"))


def test_only_the_assay_of_a_code_is_ordered_and_once() -> None:
    one = driver(order=TEXT_ORDER + "code_pattern = '(?P<code>[^/]+)/.*'")
    ((_, _, order, _),) = sent(one, WorkOrder("77", ("HIV/LOG", "HIV/VL", "GLU")))
    assert order.split("|")[4] == "^^^HIV\\^^^GLU"


def test_templates_in_other_delimiters_are_escaped_with_them() -> None:
    form = TEXT_ORDER.replace("H|\\^&", "H|\\!~").replace("^^^{code}", "!!!{code}")
    ((_, _, order, _),) = sent(driver(order=form), WorkOrder("7!7", ("A",)))
    assert order.split("|")[2] == "7~S~7"


def test_fixed_width_messages_are_one_text() -> None:
    form = (
        'join = true\nheader = "O{count:0>2}"\norder = "{specimen:>13}{tests}"\ntest = "{code:>3}M"\n'
        'between = ""\nnothing = ["N"]'
    )
    ((text,),) = sent(driver(order=form), WorkOrder("77", ("1", "106")))
    assert text == "O00           77  1M106M"
