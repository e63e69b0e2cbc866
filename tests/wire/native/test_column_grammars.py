"""What each grammar of fixed columns reads, writes and refuses, position by position."""

import pytest

from aliquot.wire.astm_link import AstmLink, FramingProfile, frame_bytes
from aliquot.wire.astm_records import RecordError
from aliquot.wire.link_events import MessageReceived
from aliquot.wire.native import (
    advia1800,
    advia2120,
    mindray_bc3000,
    spotchem,
    sysmex_ca,
)
from tests.wire.native.messages import BC3000, BC3000_VALUES, CA_QUERY, group1800, of, result1800, values


def test_advia2120_reads_place_clog_time_and_values_that_fill_their_columns() -> None:
    text = (
        b"R 000000KALACHEV 012-07 C         01/22/15 16:02:52   \r\n  112.83   2 5.07* 42    + 191-----  \r\n"
    )
    messages = advia2120.parse(text)
    (order,) = of(messages, "O")
    assert (order.field(3), order.field(4)) == ("000000KALACHEV", "012-07")
    assert order.children[0].field(4) == "probe clog C"
    assert values(messages) == [
        ("1", "12.83", "", "F"),
        ("2", "5.07", "*", "F"),
        ("42", "+", "", "F"),
        ("191", "-----", "", "X"),
    ]
    assert {one.field(13) for one in of(messages, "R")} == {"20150122160252"}


def test_advia1800_reads_both_blocks_of_one_specimen_and_marks_reruns() -> None:
    first = result1800("0201", 2, group1800("89", "4.31", "H") + group1800("106", "12.5"))
    second = result1800("0202", 1, group1800("81", "", "R"), first=False)
    for joined in (first + second, first + "\r" + second + "\r"):
        messages = advia1800.parse(joined.encode())
        (order,) = of(messages, "O")
        assert (order.field(3), order.field(4), order.field(12)) == ("3498582", "0004-02", "")
        assert values(messages) == [("89", "4.31", "H", "F"), ("106", "12.5", "", "F"), ("81", "", "R", "X")]
        assert of(messages, "R")[0].field(13) == "20260310091530"


def test_advia1800_comes_in_the_frames_of_e1381() -> None:
    texts = (
        result1800("0201", 1, group1800("89", "4.31")),
        result1800("0202", 1, group1800("81", "7"), first=False),
    )
    frames = b"".join(frame_bytes(number, text.encode()) for number, text in enumerate(texts, 1))
    link = AstmLink("computer", FramingProfile(message_ends="session"))
    told = link.receive(b"\x05" + frames + b"\x04", 0.0)
    (content,) = (one.content for one in told if isinstance(one, MessageReceived))
    assert values(advia1800.parse(content)) == [("89", "4.31", "", "F"), ("81", "7", "", "F")]


def test_advia1800_knows_a_control_by_its_class() -> None:
    text = result1800("0101", 1, group1800("89", "4.31"), kind="C")
    (order,) = of(advia1800.parse(text.encode()), "O")
    assert order.field(12) == "Q"


def test_advia1800_asks_for_several_specimens_in_one_record() -> None:
    asked = of(advia1800.parse(b"Q 010102N" + b"3498582      3498583      "), "Q")
    assert [one.field(3) for one in asked] == ["3498582", "3498583"]
    (everything,) = of(advia1800.parse(b"q 0101"), "Q")
    assert (everything.field(3), everything.field(5)) == ("", "ALL")


def test_advia1800_refuses_a_record_that_ends_before_its_items() -> None:
    with pytest.raises(RecordError, match="ends before"):
        advia1800.parse(result1800("0101", 2, group1800("89", "4.31")).encode())


def test_sysmex_ca_queries_name_their_tests() -> None:
    (asked,) = of(sysmex_ca.parse(CA_QUERY, date="%d%m%y"), "Q")
    assert asked.field(3) == "23-234567-001"
    assert asked.field(5) == "040\x1e050\x1e060\x1e510"


def test_sysmex_ca_reads_controls_flags_and_results_that_were_not_measured() -> None:
    text = b"D1210101C2603101012000110      QC-0001M" + b" " * 11 + b"041 15.2>042----- "
    messages = sysmex_ca.parse(text)
    (order,) = of(messages, "O")
    assert (order.field(3), order.field(4), order.field(12)) == ("QC-0001", "000110", "Q")
    assert values(messages) == [("041", "15.2", ">", "F"), ("042", "-----", "", "X")]
    assert of(messages, "R")[0].field(13) == "20260310101200"


@pytest.mark.parametrize(
    ("group", "unit"),
    [
        ("041  152 ", "0.1 s"),
        ("041 15.2 ", "s"),
        ("042  741 ", "0.1 %"),
        ("043  104 ", "0.01"),
        ("044 1.04 ", "INR"),
        ("062  298 ", ""),
        ("061   98 ", "0.1 s"),
    ],
)
def test_sysmex_ca_says_what_the_last_digit_of_a_value_counts(group: str, unit: str) -> None:
    text = f"D1210101U2603101012000110{'70001':>13}M{'':11}{group}".encode()
    assert of(sysmex_ca.parse(text), "R")[0].field(5) == unit


@pytest.mark.parametrize(
    ("head", "specimen"),
    [
        ("ID# 9900101    [Serum] ", "9900101"),
        ("ID#            [Serum] ", ""),
        ("ID# 9900101    ", "9900101"),
        ("ID#            ", ""),
    ],
)
def test_a_spotchem_line_is_read_with_and_without_number_and_fluid(head: str, specimen: str) -> None:
    line = f"26/03/10 09:15 {head}{'Na':4}{'141':>8}{'':2}{'mmol/L':6} {'K':4}{'5.9':>8}{' H':2}{'mmol/L':6} "
    messages = spotchem.parse(line.encode())
    assert of(messages, "O")[0].field(3) == specimen
    assert values(messages) == [("Na", "141", "", "F"), ("K", "5.9", "H", "F")]


def test_bc3000_digits_get_their_decimal_points() -> None:
    messages = mindray_bc3000.parse((BC3000 + BC3000_VALUES + "0" * 50).encode())
    assert of(messages, "O")[0].field(3) == "0000012345"
    found = {one.field(3): (one.field(4), one.field(5)) for one in of(messages, "R")}
    assert len(found) == 19
    assert found["WBC"] == ("5.5", "10^9/L")
    assert [found[code][0] for code in ("LYM#", "MID#", "GRAN#")] == ["2.0", "0.2", "3.3"]
    assert [found[code][0] for code in ("LYM%", "MID%", "GRAN%")] == ["36.0", "4.0", "60.0"]
    assert [found[code][0] for code in ("RBC", "HGB", "MCHC", "MCV")] == ["4.96", "140", "360", "78.3"]
    assert [found[code][0] for code in ("PLT", "MPV", "PCT", "RDW-SD")] == ["224", "7.4", "0.165", "38.9"]
    assert of(messages, "R")[0].field(13) == "20260310091500"


def test_bc3000_stars_are_no_value_and_control_files_no_result() -> None:
    starred = BC3000 + "****" + BC3000_VALUES[4:]
    assert values(mindray_bc3000.parse(starred.encode()))[0] == ("WBC", "****", "", "X")
    with pytest.raises(RecordError, match="no result"):
        mindray_bc3000.parse(b"B" + (BC3000 + BC3000_VALUES)[1:].encode())
