"""What belongs together in HL7: specimens and their results, queries, answers, times of the header."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.flow.instruments.rules.driver import load, models
from tests.flow.instruments.driver_texts import AT, HL7, driver, hl7, only


def test_each_specimen_of_a_run_keeps_its_results() -> None:
    one = driver('[[controls]]\nsource = "test"\nat = "INV-3"\nequals = ["CO"]', **HL7)
    readings = hl7(
        one,
        *("SPM|1|A&SITE", "SAC|||A", "OBR|1", "OBX|1|NM|T||1||||||F", "INV|R1|OK|RG"),
        *("SPM|2|", "SAC|||B", "OBR|1", "OBX|1|NM|T||2||||||F", "OBR|2", "OBX|2|NM|U||3||||||F"),
        *("SPM|3|C", "INV|QC|OK|CO", "OBR|1", "OBX|1|NM|T||4||||||F"),
    )
    assert [(one.specimen_code, one.value, one.kind) for one in readings] == [
        ("A", "1", "patient"),
        ("B", "2", "patient"),
        ("B", "3", "patient"),
        ("C", "4", "control"),
    ]
    assert [one.raw["specimen_sac3"] for one in readings] == ["A", "B", "B", ""]


def test_a_specimen_named_last_belongs_to_the_results_before_it() -> None:
    one = driver(**HL7)
    readings = hl7(
        one, "PID|1", "ORC|RE", "OBR|1||", "OBX|1|ST|T||NEG^||||||F", "SPM|1|70061^", kind="ORU^R32"
    )
    assert [(one.specimen_code, one.value) for one in readings] == [("70061", "NEG")]
    assert readings[0].raw["specimen_spm2"] == ""
    groups = [
        "OBR|1",
        "OBX|1|ST|T||1||||||F",
        "SPM|1|A",
        "ORC|RE",
        "OBR|2",
        "OBX|1|ST|T||2||||||F",
        "SPM|2|B",
    ]
    several = hl7(one, *groups, kind="ORU^R01")
    assert [one.specimen_code for one in several] == ["A", "B"]


def test_times_take_the_offset_of_the_header() -> None:
    reading = only(hl7(driver(**HL7), "SPM|1|7", "OBX|1|NM|T||1||||||F||||||||20260310065511"))
    assert reading.measured_at == AT


def test_structured_numbers_and_the_null() -> None:
    low, null = hl7(driver(**HL7), "SPM|1|7", 'OBX|1|SN|T||<^20|mmol/L||""||||F', 'OBX|2|NM|T||""|""|||||F')
    assert (low.value, low.comparator, low.number, low.flags) == ("<20", "<", Decimal(20), ())
    assert (null.value, null.unit_raw) == ("", "")


@pytest.mark.parametrize(
    ("segments", "query", "codes", "everything"),
    [
        (["QPD|WOS^Work Order Step^IHELAW|t1|77"], 'specimen = "QPD-3.1.1"', ("77",), False),
        (["QPD|WOS^W^IHELAW|t1|77&R~78&R"], 'specimen = "QPD-3.1.1"', ("77", "78"), False),
        (["QPD|INISEQ^^99ROC|t1|123|50001|1"], 'specimen = "QPD-3"\nplace = "QPD-4"', ("123",), False),
        (["QPD|Z03^HOST QUERY|t1|PID-5|SPEC-1"], 'specimen = "QPD-4"', ("SPEC-1",), False),
        (
            ["QPD|WOS_ALL^All^IHELAW|t1"],
            'specimen = "QPD-3"\nall = [{at = "QPD-1.1", equals = ["WOS_ALL"]}]',
            (),
            True,
        ),
        (["QRD|20260310|R|I|t1|||1^RD|77|OTH"], 'specimen = "QRD-8"', ("77",), False),
    ],
)
def test_hl7_queries(segments: list[str], query: str, codes: tuple[str, ...], *, everything: bool) -> None:
    one = driver(query=query, **HL7)
    content = "\r".join(["MSH|^~\\&|S||||2026||QBP^Q11|77|P|2.5.1", *segments, "RCP|I"]).encode()
    assert one.may_ask(content)
    (asked,) = one.read(content).queries
    assert (asked.specimen_codes, asked.everything, asked.control_id) == (codes, everything, "77")
    assert not driver(**HL7).may_ask(content)


def test_an_answer_that_refuses_is_a_problem_with_its_reason() -> None:
    one = driver(**HL7)
    lines = ["MSH|^~\\&|S||||2026||ACK|78|P|2.5.1", "MSA|AR|4711", "ERR|||101|E||||no such test"]
    understood = one.read("\r".join(lines).encode())
    assert [(a.accepted, a.control_id, a.reason) for a in understood.answers] == [
        (False, "4711", "no such test")
    ]
    assert [one.reason for one in understood.problems] == ["the analyzer refuses the order: no such test"]
    assert one.read("\r".join([lines[0], "MSA|AA|4711"]).encode()).problems == ()


pieces = st.lists(
    st.sampled_from(
        [
            *(
                "MSH|^~\\&|S||||20260310||OUL^R22|1|P|2.5.1",
                "PID|1",
                "SPM|1|77&A^B",
                "SAC|||78",
                "OBR|1||9||T^T",
            ),
            *(
                "ORC|OK||||CA",
                "OBX|1|NM|T^T||5|mmol/L||H~L|||F",
                'OBX|2|ED|I||^x^y|||""',
                "NTE|1||x",
                "INV|a|b|CO",
            ),
            *(
                "QPD|WOS|t|77~78",
                "MSA|AR|1",
                "ERR|||x",
                "TCD|T",
                "ZZZ|1",
                "OBX",
                "SPM",
                "OBX|",
                "MSH|",
                "TQ1|1",
            ),
        ]
    ),
    max_size=12,
)


@given(
    model=st.sampled_from([one for one in models() if load(one).layout.grammar == "hl7"]),
    lines=pieces,
    junk=st.binary(max_size=40),
)
@settings(max_examples=300, deadline=None)
def test_no_hl7_content_makes_a_driver_fail(model: str, lines: list[str], junk: bytes) -> None:
    text = "\r".join(["MSH|^~\\&|S||||20260310||OUL^R22|1|P|2.5.1", *lines])
    understood = load(model).read(text.encode() + junk)
    assert len(understood.readings) <= sum(line.startswith("OBX") for line in lines) + junk.count(b"OBX")
    load(model).read(junk)
