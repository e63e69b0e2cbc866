"""What each native grammar reads, writes and refuses, position by position."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.wire.astm_link import AstmLink, FramingProfile, frame_bytes
from aliquot.wire.astm_records import Message, Record, RecordError
from aliquot.wire.link_events import MessageReceived
from aliquot.wire.native import (
    advia1800,
    advia2120,
    csv_table,
    dimension,
    line_report,
    lis3,
    mindray_bc3000,
    spotchem,
    sysmex_ca,
    vidas,
)
from aliquot.wire.native.grammars import GRAMMARS
from aliquot.wire.native.tree import record

FS, GS, RS = "\x1c", "\x1d", "\x1e"


def of(messages: list[Message], kind: str) -> list[Record]:
    return [one for message in messages for one in message.walk() if one.kind == kind]


def values(messages: list[Message]) -> list[tuple[str, str, str, str]]:
    return [(one.field(3), one.field(4), one.field(7), one.field(9)) for one in of(messages, "R")]


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


def test_advia2120_orders_queries_and_answers_are_read_as_they_are_written() -> None:
    facts = {"place": "", "blank": "", "patient": "P1", "name": "Doe", "birth": "01/20/1990", "sex": "M"}
    facts |= {"collected": "", "hour": "", "ward": "", "doctor": "", "stat": "U", "update": ""}
    text = advia2120.ORDER.format(specimen="700123", tests="001010191", **facts)
    assert text[6:20] == "00000000700123"
    assert text[62:65] == "Doe"
    assert text[93:105] == "01/20/1990 M"
    (order,) = of(advia2120.parse(text.encode()), "O")
    assert (order.field(3), order.field(6), order.field(5)) == ("00000000700123", "S", "1\x1e10\x1e191")
    (asked,) = of(advia2120.parse(advia2120.QUERY.format(specimen="77").encode()), "Q")
    assert asked.field(3) == "00000000000077"
    (nothing,) = of(advia2120.parse(advia2120.NO_ORDER.format(specimen="77").encode()), "O")
    assert (nothing.field(3), nothing.field(26)) == ("00000000000077", "Y")


def group1800(item: str, value: str, flags: str = "") -> str:
    return f"{item:>3}M{value:>8}{flags:3}    "


def result1800(blocks: str, count: int, groups: str, *, kind: str = "N", first: bool = True) -> str:
    head = f"R {blocks}{count:03}20260310091530{kind} {'3498582':13}{'0004-02':7}"
    return head + (f"{'PAT':16}{'NAME':16}M042{'':8} 1.011" if first else "") + groups


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


def test_advia1800_orders_are_read_as_they_are_written() -> None:
    empty = dict.fromkeys(("place", "patient", "name", "age", "blank"), "")
    text = advia1800.ORDER.format(count=2, specimen="3498582", fluid="2", tests=" 89M106M", **empty)
    assert text.startswith("O 0101002N03498582      ")
    assert text[75:81] == " 1.021"
    (order,) = of(advia1800.parse(text.encode()), "O")
    assert (order.field(3), order.field(5), order.field(12)) == ("3498582", "89\x1e106", "N")
    (nothing,) = of(advia1800.parse(advia1800.NO_ORDER.format(specimen="3498582", **empty).encode()), "O")
    assert nothing.field(26) == "Y"


def test_advia1800_refuses_a_record_that_ends_before_its_items() -> None:
    with pytest.raises(RecordError, match="ends before"):
        advia1800.parse(result1800("0101", 2, group1800("89", "4.31")).encode())


CA_QUERY = b"R1210101 060515163600010123-234567-001B           040      050      060      510      "


def test_sysmex_ca_queries_are_echoed_by_their_answer() -> None:
    (asked,) = of(sysmex_ca.parse(CA_QUERY, date="%d%m%y"), "Q")
    assert asked.field(3) == "23-234567-001"
    assert asked.field(5) == "040\x1e050\x1e060\x1e510"
    answer = sysmex_ca.ORDER.format(place=asked.field(4), name="Doe", tests=f"{'040':9}{'050':9}")
    assert answer.encode()[1:39] == CA_QUERY[1:39]
    (order,) = of(sysmex_ca.parse(answer.encode(), date="%d%m%y"), "O")
    assert (order.field(3), order.field(5), order.field(26)) == ("23-234567-001", "040\x1e050", "O")
    nothing = sysmex_ca.NO_ORDER.format(place=asked.field(4), blank="")
    assert of(sysmex_ca.parse(nothing.encode()), "O")[0].field(26) == "Y"


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


def dimension_result(*tests: str, head: str = "R|*||152|1||0|192902111125|1|1|") -> bytes:
    return (head + f"{len(tests)}|" + "".join(f"{test}|" for test in tests)).replace("|", FS).encode()


def test_dimension_reads_results_with_and_without_a_load_list() -> None:
    for head in ("R|*||152|1||0|192902111125|1|1|", "R||152|1||0|192902111125|1|1|"):
        messages = dimension.parse(dimension_result("ALTI|72|U/L|", "CRE2|0.59|mg/dL|15", head=head))
        assert of(messages, "O")[0].field(3) == "152"
        assert values(messages) == [("ALTI", "72", "", "F"), ("CRE2", "0.59", "15", "F")]
        assert of(messages, "R")[0].field(13) == "20251111022919"


@pytest.mark.parametrize("error", ["7", "8", "9", "10", "11", "12", "16", "17", "19"])
def test_dimension_never_reports_a_value_its_error_suppresses(error: str) -> None:
    messages = dimension.parse(dimension_result(f"ALTI|72|U/L|{error}"))
    assert values(messages) == [("ALTI", "72", error, "X")]
    assert of(messages, "C")[0].field(4) == dimension.ERRORS[error]


@pytest.mark.parametrize("head", ["R|*||152|5||0|192902111125|1|1|", "R|*||152|1||3|192902111125|1|1|"])
def test_dimension_knows_controls_by_fluid_or_priority(head: str) -> None:
    assert of(dimension.parse(dimension_result("ALTI|72|U/L|", head=head)), "O")[0].field(12) == "Q"


def test_dimension_refuses_a_wrong_number_of_tests() -> None:
    text = dimension_result("ALTI|72|U/L|").replace(b"\x1c1\x1cALTI", b"\x1c2\x1cALTI")
    with pytest.raises(RecordError, match="announces 2 tests"):
        dimension.parse(text)


def test_dimension_orders_and_queries_are_read_as_they_are_written() -> None:
    facts = {"name": "DOE,JOHN", "specimen": "26091827", "fluid": "1", "priority": "1", "count": 2}
    text = dimension.ORDER.format(tests=f"GLU{FS}CREA", **facts)
    assert text.replace(FS, "|") == "D|0|0|A|DOE,JOHN|26091827|1||1|1|**|1|2|GLU|CREA|"
    (order,) = of(dimension.parse(text.encode()), "O")
    assert (order.field(3), order.field(5), order.field(6)) == ("26091827", "GLU\x1eCREA", "S")
    (asked,) = of(dimension.parse(dimension.QUERY.format(specimen="26091827").encode()), "Q")
    assert asked.field(3) == "26091827"
    assert of(dimension.parse(dimension.NO_ORDER.encode()), "O") == []


def test_lis3_asks_for_a_patient_and_gets_what_it_sent_back() -> None:
    device = "".join(lis3.GROUP.format(key=k, value=v, unit="", flag="") for k, v in DEVICE.items())
    text = lis3.QUERY.format(place=device, specimen="10260048")
    (asked,) = of(lis3.parse(text.encode()), "Q")
    assert (asked.field(3), asked.field(4)) == ("10260048", device)
    assert lis3.ORDER.format(place=asked.field(4), specimen="1", name="Doe").startswith(
        f"PAT_DEMOG_DATA{FS}{RS}aMOD{GS}0500{GS}{GS}{GS}{FS}iIID{GS}64204"
    )


DEVICE = {"aMOD": "0500", "iIID": "64204"}


def test_lis3_corrections_limits_of_one_side_and_missing_values() -> None:
    groups = {"iPID": "9", "mpH": "7.1", "sLQmpH": "7.0", "mNa+": "", "iTEMP": "37.0"}
    body = "".join(lis3.GROUP.format(key=k, value=v, unit="", flag="") for k, v in groups.items())
    messages = lis3.parse(f"SMP_EDIT_DATA{FS}{RS}{body}{RS}".encode())
    assert values(messages) == [("mpH", "7.1", "", "C"), ("mNa+", "", "", "X")]
    assert of(messages, "R")[0].field(6) == "7.0 - "
    assert [one.field(4) for one in of(messages, "C")] == ["iTEMP 37.0"]


def test_lis3_refuses_a_key_that_comes_twice() -> None:
    body = "".join(lis3.GROUP.format(key="mpH", value=v, unit="", flag="") for v in ("7.1", "7.2"))
    with pytest.raises(RecordError, match="one value"):
        lis3.parse(f"SMP_NEW_DATA{FS}{RS}{body}{RS}".encode())


BCS = {
    "layout": "long",
    "delimiter": "\t",
    "columns": ["kind", "specimen", "method", "value", "unit", "date"],
    "kind_column": "kind",
    "kinds": {"S": "", "C": "Q"},
    "specimen": "specimen",
    "test": "method",
    "value": "value",
    "device_unit": "unit",
    "date": "date",
    "form": "%d.%m.%Y %H:%M",
}


def test_a_table_between_tabs_has_one_result_a_row() -> None:
    raw = b"S\t70001\t21\t1.04\tINR\t10.03.2026 09:15\r\nC\tCCN\t21\t0.98\tINR\t10.03.2026 09:20\r\n"
    messages = csv_table.parse(raw, "cp1252", **BCS)
    assert [(one.field(3), one.field(12)) for one in of(messages, "O")] == [("70001", ""), ("CCN", "Q")]
    assert [one.field(5) for one in of(messages, "R")] == ["INR", "INR"]
    assert of(messages, "R")[1].field(13) == "20260310092000"


@pytest.mark.parametrize(
    "raw", [b"S\t70001\t21\r\n", b"X\t7\t21\t1\t\t\r\n", b"", b"S\t7\t21\t1\t\t\tmore\r\n"]
)
def test_a_table_with_a_strange_row_is_refused_whole(raw: bytes) -> None:
    with pytest.raises(RecordError):
        csv_table.parse(raw, "cp1252", **BCS)


def test_a_table_without_the_specimen_column_is_refused() -> None:
    with pytest.raises(RecordError, match="no column tube"):
        csv_table.parse(b"a,b\n1,2\n", "ascii", specimen="tube")


def test_columns_have_one_of_several_names_and_one_of_several_delimiters() -> None:
    named = {"specimen": "N' Echantillon|Sample No.", "delimiter": ",;\t"}
    for raw in (b"Sample No.;WBC(10/uL)\r\n70001;572\r\n", b"N' Echantillon\tWBC(10/uL)\r\n70001\t572\r\n"):
        messages = csv_table.parse(raw, "cp1252", **named)
        assert of(messages, "O")[0].field(3) == "70001"
        assert [(one.field(3), one.field(5)) for one in of(messages, "R")] == [("WBC", "10/uL")]


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


@pytest.mark.parametrize(
    ("number", "value", "unit"),
    [
        ("0.05", "0.05", ""),
        ("2.33 uIU/mL", "2.33", "uIU/mL"),
        ("< 0.05 uIU/mL", "<0.05", "uIU/mL"),
        (">= 9", ">=9", ""),
    ],
)
def test_a_vidas_number_keeps_its_comparator_and_leaves_its_unit(number: str, value: str, unit: str) -> None:
    messages = vidas.parse(f"{RS}mtrsl|{RS}ciZ1|{RS}rtTSH|{RS}qn{number}|".encode())
    assert [(one.field(4), one.field(5)) for one in of(messages, "R")] == [(value, unit)]


def test_a_table_may_write_its_times_in_several_forms() -> None:
    facts = {"specimen": "Tube", "date": "Date", "form": "%d/%m/%Y|%Y-%m-%d"}
    messages = csv_table.parse(b"Tube,Date,GLU\r\n1,10/03/2026,5\r\n2,2026-03-10,5\r\n3,3/10,5\r\n", **facts)
    assert [one.field(13)[:8] for one in of(messages, "R")] == ["20260310", "20260310", ""]


def test_a_clinitek_report_is_read_by_its_lines() -> None:
    lines = [
        "",
        "",
        "",
        "",
        "70001",
        "",
        "",
        "",
        "",
        "",
        "YELLOW",
        "CLEAR",
        "GLU",
        "NEG",
        "mg/dL",
        "pH",
        "6.0",
        "",
    ]
    messages = line_report.parse(("\r\n".join(lines)).encode() + b"\r\n")
    assert values(messages)[:2] == [("COLOUR", "YELLOW", "", "F"), ("CLARITY", "CLEAR", "", "F")]
    assert of(messages, "O")[0].field(3) == "70001"


BC3000 = "AAAI10P190000000123450031020260915"
BC3000_VALUES = "0055002000020033360040600496140036007830282137388022407415516503 89".replace(" ", "")


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


def test_no_field_may_hold_a_control_character() -> None:
    with pytest.raises(RecordError, match="control character"):
        record("R", {3: "A\x1dB"})


SEEDS = [
    b"R 00000000700123                  03/10/26 09:15:30   \r\n  1 6.35   2 4.69 \r\n",
    result1800("0101", 1, group1800("89", "4.31")).encode(),
    CA_QUERY,
    dimension_result("ALTI|72|U/L|", "CRE2||umol/L|6"),
    f"QC_NEW_DATA{FS}{RS}aMOD{GS}850{GS}{GS}{GS}{FS}mpH{GS}7.2{GS}{GS}HH{GS}{FS}{RS}".encode(),
    f"{RS}mtrsl|{RS}ciZ1|{RS}rtHBCT|{RS}qn0.05|{GS}".encode(),
    b"24/10/29 13:08 ID# 1DC042FP   [B. Plasma] Na       131  mmol/L K        9.7  mmol/L ",
    b"Tube,GLU(g/L),GLU/M\r\n1,5,H\r\n",
    (BC3000 + BC3000_VALUES).encode(),
]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_grammar_finds_results_or_questions_in_the_text_of_another(seed: bytes) -> None:
    strict = sorted(set(GRAMMARS) - {"csv"})  # a table's columns are named by its driver
    readers: list[str] = []
    for kind in strict:
        try:
            messages = GRAMMARS[kind](seed, "latin-1")
        except RecordError:
            continue
        readers += [kind] * bool(of(messages, "R") or of(messages, "Q"))
    assert len(readers) == (0 if b"," in seed else 1)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A message of some model with a stretch of it replaced."""
    seed = draw(st.sampled_from(SEEDS))
    start = draw(st.integers(0, len(seed)))
    return seed[:start] + draw(st.binary(max_size=12)) + seed[start + draw(st.integers(0, 12)) :]


@settings(max_examples=300, deadline=None)
@given(content=st.one_of(st.binary(max_size=200), damaged()), kind=st.sampled_from(sorted(GRAMMARS)))
def test_only_a_record_error_comes_out_of_a_grammar(content: bytes, kind: str) -> None:
    try:
        messages = GRAMMARS[kind](content, "latin-1")
    except RecordError:
        return
    for one in of(messages, "R"):
        assert one.field(3), "a result always names its test"
