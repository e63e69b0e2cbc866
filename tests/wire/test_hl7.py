"""The HL7 tree: delimiters and character sets as declared, numbers as in the standard, nothing lost on the way."""

import csv
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.wire.hl7 import (
    STANDARD,
    Delimiters,
    Field,
    Hl7Error,
    Sent,
    charset_of,
    compose,
    damage_of,
    delimiters_of,
    escape,
    parse,
    split_messages,
    unescape,
)

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "analyzers"
HEADER = b"MSH|^~\\&|UIW|AA|LIS|BB|20260310091712+0100||OUL^R22^OUL_R22|id 1|P|2.5.1|||NE|AL||UNICODE UTF-8|||LAB-29^IHE~X^IHE"
OBX = b'OBX|1|NM|TSH.DOSE^TSH&a&b^99S|1^1|2.114|mIU/L^mIU/L^UCUM||""|||F|||||System~Lab||A^B~C^D~E'
CONTENT = HEADER + b"\rSPM|1|S1&L||SER\r" + OBX + b"\r"


def header(charset: bytes = b"", delimiters: bytes = b"|^~\\&") -> bytes:
    mark = delimiters[:1]
    fields = [b"MSH", delimiters[1:], b"A", b"", b"", b"", b"", b"", b"ORU", b"1", b"P", b"2.3.1"]
    return mark.join([*fields, b"", b"", b"", b"", b"", charset])


def test_a_message_is_read_by_the_numbers_of_the_standard() -> None:
    message = parse(CONTENT)
    assert (message.kind, message.control_id, message.version) == ("OUL^R22", "id 1", "2.5.1")
    head = message.header
    assert [head.field(at) for at in (0, 1, 2, 3, 9, 18, 22)] == [
        "MSH", "|", "^~\\&", "UIW", "OUL^R22^OUL_R22", "UNICODE UTF-8", "",
    ]  # fmt: skip
    result = message.every("OBX")[0]
    assert [result.field(at) for at in (1, 5, 8, 11, 18, 19)] == ["1", "2.114", '""', "F", "A^B~C^D~E", ""]
    assert message.first("SAC") is None


def test_components_are_of_the_first_repeat_unless_another_is_named() -> None:
    message = parse(CONTENT)
    devices = message.every("OBX")[0].field(18)
    assert message.repeats(devices) == ["A^B", "C^D", "E"]
    assert [message.component(devices, at) for at in (1, 2, 3)] == ["A", "B", ""]
    assert [message.component(devices, 2, repeat) for repeat in (1, 2, 3, 4)] == ["B", "D", "", ""]
    assert message.repeats("") == []


def test_sub_components_are_read_and_a_plain_component_is_its_own_first() -> None:
    message = parse(CONTENT)
    test = message.every("OBX")[0].field(3)
    assert [message.subcomponent(test, 2, at) for at in (1, 2, 3, 4)] == ["TSH", "a", "b", ""]
    assert message.subcomponent(test, 1, 1) == "TSH.DOSE"
    assert message.subcomponent(test, 1, 2) == ""
    assert message.component(test, 2) == "TSH&a&b"


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\r\n", b"\r\r", b"\n\n"])
def test_segments_may_end_in_any_way(end: bytes) -> None:
    message = parse(CONTENT.replace(b"\r", end))
    assert [segment.name for segment in message.segments] == ["MSH", "SPM", "OBX"]
    assert bytes(message) == CONTENT


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
@pytest.mark.parametrize("broken", [b"\r", b"\n", b"\r\n"])
def test_a_line_that_is_no_segment_belongs_to_the_one_before_it(end: bytes, broken: bytes) -> None:
    content = end.join([HEADER, b"NTE|1||one" + broken + b"two words|L", b"PV1", b"OBX|1", b""])
    assert [segment.text for segment in parse(content).segments[1:]] == [
        "NTE|1||one\ntwo words|L",
        "PV1",
        "OBX|1",
    ]


def test_a_lone_line_feed_ends_a_segment_only_in_front_of_a_known_one() -> None:
    content = HEADER + b"\rNTE|1||one\nR22|x\nOBX|1\nZ12|2\r"
    assert [segment.text for segment in parse(content).segments[1:]] == [
        "NTE|1||one\nR22|x",
        "OBX|1",
        "Z12|2",
    ]


def test_what_stands_in_front_of_the_header_is_passed_over_when_it_is_blank() -> None:
    for front in (b"\r\n", b"\x0b", b"\x00\x00", b"\xef\xbb\xbf", b" "):
        assert bytes(parse(front + CONTENT)) == CONTENT
    with pytest.raises(Hl7Error, match="does not begin with MSH"):
        parse(b"x" + CONTENT)


@pytest.mark.parametrize(
    ("declared", "read"),
    [
        (b"|^~\\&", Delimiters()),
        (b"|^~\\&#", Delimiters(truncation="#")),
        (b"|^~\\\\&", Delimiters()),
        (b"|~^\\&", Delimiters(component="~", repeat="^")),
        (b"|^~\\", Delimiters(subcomponent="")),
        (b"|^", Delimiters(repeat="", escape="", subcomponent="")),
        (b"*!~\\&", Delimiters(field="*", component="!")),
    ],
)
def test_delimiters_come_from_the_header(declared: bytes, read: Delimiters) -> None:
    message = parse(header(delimiters=declared) + b"\rOBX" + declared[:1] + b"1")
    assert message.delimiters == read
    assert (message.kind, message.control_id, message.version) == ("ORU", "1", "2.3.1")
    assert message.segments[1].field(1) == "1"


@pytest.mark.parametrize(
    "fault",
    [
        b"",
        b"MSH",
        b"MSHA",
        b"MSH|",
        b"MSH||A",
        b"MSH|^^\\&|",
        b"MSH|^~&|",
        b"MSH|~\\&|",
        b"MSH|^-\\&|",
        b"MSH|^~\\.|",
        b"MSH|^_\\&|",
        b"MSH|^~\\6|",
        b"MSH|^~\\&#$|",
        b"PID|1",
    ],
)
def test_what_has_no_usable_header_is_refused_in_words(fault: bytes) -> None:
    with pytest.raises(Hl7Error, match=r"MSH|delimiters"):
        parse(fault)


@pytest.mark.parametrize(
    ("declared", "sent", "text", "charset"),
    [
        (b"", "é".encode(), "é", "utf-8"),
        (b"", b"\xb5g", "µg", "latin-1"),
        (b"ASCII", "é".encode(), "é", "utf-8"),
        (b"UNICODE", "µ".encode(), "µ", "utf-8"),
        (b"unicode utf-8", "Ж".encode(), "Ж", "utf-8"),
        (b"8859/1", b"\xb5", "µ", "iso8859_1"),
        (b"8859/5", "Ж".encode("iso8859-5"), "Ж", "iso8859_5"),
        (b"ISO 8859-15", "€".encode("iso8859-15"), "€", "iso8859_15"),
        (b"ISO-8859-2", "ł".encode("iso8859-2"), "ł", "iso8859_2"),
        (b"WINDOWS-1251", "Ж".encode("cp1251"), "Ж", "cp1251"),
        (b"CP866", "Ж".encode("cp866"), "Ж", "cp866"),
        (
            b"GB 18030-2000",
            "许".encode("gb18030"),
            "许",
            "gb18030",
        ),  # its second byte is a vertical bar elsewhere
        (b"BIG-5", "功".encode("big5"), "功", "big5"),  # ends with a backslash
        (b"~ISO IR87", "検".encode("iso2022_jp"), "検", "iso2022_jp"),
        (b"KOI8-R", "Ж".encode("koi8-r"), "Ж", "koi8_r"),
    ],
)
def test_the_text_is_read_in_the_charset_it_declares(
    declared: bytes, sent: bytes, text: str, charset: str
) -> None:
    content = header(declared) + b"\rNTE|1|" + sent + b"|end\r"
    message = parse(content)
    assert message.segments[1].fields[2:] == [text, "end"]
    assert (message.charset, message.charset_fault) == (charset, "")
    assert bytes(message) == content


def test_bytes_that_contradict_the_declared_charset_are_read_and_named() -> None:
    message = parse(header(b"UNICODE UTF-8") + b"\rNTE|1|\xb5g")
    assert message.segments[1].field(2) == "µg"
    assert "UNICODE UTF-8 and is not: invalid start byte" in message.charset_fault
    unknown = parse(header(b"MARTIAN") + b"\rNTE|1|\xb5g")
    assert unknown.segments[1].field(2) == "µg"
    assert "'MARTIAN'" in unknown.charset_fault
    with pytest.raises(Hl7Error, match="not ascii"):
        parse(header() + b"\rNTE|1|\xb5g", "ascii")
    assert parse(header(b"UNICODE UTF-8") + b"\rNTE|1|\xb5g", "cp1251").segments[1].field(2) == "µg"


def test_names_of_charsets_are_a_closed_list() -> None:
    assert charset_of("unicode_escape") is None
    assert charset_of("8859/12") is None
    assert charset_of("8859/99") is None
    assert charset_of("") == ""


def test_escapes_of_the_standard_and_unknown_ones() -> None:
    assert unescape(r"a\F\b\S\c\T\d\R\e\E\f\P\g") == r"a|b^c&d~e\f#g"
    assert unescape(r"\X48C3A9\ \.br\ \H\x\N\ ") == "Hé \n x "
    assert unescape(r"\XB5\ ", charset="utf-8") == "µ "
    assert unescape(r"name\dir\x \Zcafe\ \.sp2\ \X4\ ") == r"name\dir\x \Zcafe\ \.sp2\ \X4\ "
    assert unescape(r"a\F\b", Delimiters(escape="")) == r"a\F\b"
    assert parse(header() + b"\rNTE|1|a\\T\\b^c").component(r"a\T\b^c", 1) == "a&b"


def test_composed_segments_carry_their_numbers() -> None:
    lines = compose(
        [
            ["MSH", "", "", "LIS", "", "", "", "", "", ("ACK", "R22", "ACK"), 7, "P", "2.5.1", ""],
            ["OBX", 1, "ST", ("A", ("b", "c&d"), ""), "", ["x|y", ("p", "q")], Sent("r^s\\T\\~t")],
        ]
    )
    assert lines == [
        b"MSH|^~\\&|LIS||||||ACK^R22^ACK|7|P|2.5.1",
        b"OBX|1|ST|A^b&c\\T\\d||x\\F\\y~p^q|r^s\\T\\~t",
    ]
    assert parse(b"\r".join(lines)).control_id == "7"
    with pytest.raises(UnicodeEncodeError):
        compose([["NTE", "Ж"]], charset="latin-1")


def test_a_file_of_several_messages_is_taken_apart_and_nothing_is_lost() -> None:
    batch = b"FHS|^~\\&|x\rBHS|^~\\&\r" + CONTENT + b"\n" + CONTENT + b"BTS|2\rFTS|1\r"
    assert [bytes(parse(piece)) for piece in split_messages(batch)] == [CONTENT] * 2
    assert split_messages(b"") == []
    assert split_messages(b"rubbish\r" + CONTENT)[0].strip() == b"rubbish"
    assert split_messages(CONTENT) == [CONTENT]


DAMAGES = [
    (b"OBX|1|", b"OBY|1|", "'OBY', which is OBX"),
    (b"OBX|1|", b"OX|1|", "'OX', which is OBX"),
    (b"OBX|1|", b"OBXX|1|", "'OBXX', which is OBX"),
    (b"\rSPM|1|", b"\r|PM|1|", "'|PM', which is SPM"),
    (b"\rSPM|1|", b"\rS\rM|1|", "'S\\nM', which is SPM"),
    (b"\rSPM|1|", b"\rSPM\t1|", "separator behind SPM"),
    (b"\rSPM|1|", b"\rSPM1|", "'SPM1', which is SPM"),
    (b"OBX|1|", b"OBR|1|", "it was an OBX"),
    (b"SER\r", b"SER", "missing in front of OBX"),
    (b"SER\r", b"SER|", "missing in front of OBX"),
    (b"X^IHE\r", b"", "missing in front of SPM"),
    (b"|OUL^R22^OUL_R22|", b"|oul^R22^OUL_R22|", "MSH-9"),
    (b"|OUL^R22^OUL_R22|", b"|OUL^22^OUL_R22|", "MSH-9"),
    (b"_R22|", b"\rR22|", "breaks off"),
]


@pytest.mark.parametrize(("whole", "damaged", "told"), DAMAGES)
def test_damage_that_the_structure_shows_is_named(whole: bytes, damaged: bytes, told: str) -> None:
    assert CONTENT.count(whole) == 1
    assert told in damage_of(parse(CONTENT.replace(whole, damaged)))


def test_sound_messages_show_no_damage() -> None:
    odd = b"\rZBX|1\rPV1||I\rABC|1\rNTE|1||one\nINVALID words|L\rNTE|2||OBX OBR|SPM\rINV|a|OBX|b\r"
    assert damage_of(parse(CONTENT)) == damage_of(parse(HEADER + odd)) == ""


@pytest.mark.parametrize("kind", ["ORU_R01", "ORU^R01 ", "ORU", "ORU^R01^ORU_R01"])
@pytest.mark.parametrize("rest", ["||P|", "|7||", "|||2.3.1", "|7"])
def test_an_untidy_header_is_no_damage(kind: str, rest: str) -> None:
    assert damage_of(parse(f"MSH|^~\\&|A||||||{kind}{rest}\rOBX|1|ST|A||5".encode())) == ""


# -- properties -------------------------------------------------------------------------------------------

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
delimiter_sets = st.permutations("|^~\\&*!$@;").map(lambda marks: Delimiters(*marks[:5]))


@given(words, delimiter_sets)
def test_an_escaped_value_comes_back(text: str, delimiters: Delimiters) -> None:
    escaped = escape(text, delimiters)
    assert unescape(escaped, delimiters) == text
    marks = (
        delimiters.field,
        delimiters.component,
        delimiters.repeat,
        delimiters.subcomponent,
        "\r",
        "\x0b",
        "\x1c",
    )
    assert not any(mark in escaped for mark in marks)


@given(
    st.lists(st.lists(st.lists(words, min_size=2, max_size=3), min_size=1, max_size=4), max_size=4),
    delimiter_sets,
)
def test_what_is_composed_is_read_again(rows: list[list[list[str]]], delimiters: Delimiters) -> None:
    head: list[Field] = ["MSH", "", "", *[""] * 6, "ORU", "1", "P", "2.5", *[""] * 5, "UNICODE UTF-8"]
    body: list[list[Field]] = [["ZZZ", *[tuple(field) for field in row]] for row in rows]
    content = b"\r".join(compose([head, *body], delimiters))
    message = parse(content)
    assert message.delimiters == delimiters
    read = [
        [[message.component(field, at) for at in range(1, 4)] for field in segment.fields[1:]]
        for segment in message.segments[1:]
    ]
    padded = [[[*field, *[""] * (3 - len(field))] for field in row] for row in rows]
    for row in padded:
        while row and not any(row[-1]):
            row.pop()
    assert read == padded
    assert bytes(message).removesuffix(b"\r") == content


@given(st.binary(max_size=400) | st.binary(max_size=200).map(lambda tail: HEADER + b"\r" + tail))
def test_no_bytes_break_the_parser(content: bytes) -> None:
    for one in (content, *split_messages(content)):
        try:
            message = parse(one)
        except Hl7Error:
            continue
        assert parse(bytes(message), message.charset).segments == message.segments or b"\n" in one


def test_delimiters_of_a_batch_header() -> None:
    assert delimiters_of("BHS|^~\\&|x") == STANDARD


# -- captures ---------------------------------------------------------------------------------------------


def captures() -> list[dict[str, str]]:
    if not CORPUS.is_dir():
        return []
    with (CORPUS / "manifest.csv").open(encoding="utf-8", newline="") as rows:
        return [row for row in csv.DictReader(rows) if row["file"].endswith((".mllp", ".hl7"))]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of captures is not part of the repository")
def test_captures_are_read_whole_and_come_back_unchanged() -> None:
    assert captures()
    for row in captures():
        data = (CORPUS / row["file"]).read_bytes()
        pieces = [piece.strip(b"\x0b\r") + b"\r" for piece in data.split(b"\x1c") if piece.strip()]
        messages = [parse(piece) for piece in pieces]
        assert not any(damage_of(message) for message in messages)
        results = sum(len(message.every("OBX")) for message in messages)
        found = (len(messages), results, [bytes(message) for message in messages])
        assert found == (int(row["expected_messages"]), int(row["expected_results"]), pieces), row["file"]


def test_reading_results_is_fast_enough_for_a_large_laboratory() -> None:
    started = time.perf_counter()
    for _ in range(2000):
        assert parse(CONTENT).every("OBX")[0].field(5) == "2.114"
    assert 2000 / (time.perf_counter() - started) > 20_000
