"""The acknowledgement of each kind of message, as the standards and the traces of real devices have it."""

import pytest

from aliquot.wire.hl7 import parse
from aliquot.wire.mllp.profile import STANDARD, MllpProfile
from aliquot.wire.mllp.receipts import commit_receipt, receipt, refusal, wanted

LAW = (
    "MSH|^~\\&|X800|LAB|HOST|MAIN|20210915123330+0200||{kind}|m-1|P|2.5.1|||NE|AL||UNICODE UTF-8|||{profile}"
)
ORDER = [
    LAW.format(kind="OML^O33^OML_O33", profile="LAB-28^IHE"),
    "PID|||P1||É^A",
    "SPM|1|sample123&ROCHE||UR^Urine^HL70487|||||||P^^HL70369",
    "SAC|||sample123|||||||S54|14",
    "ORC|NW||||||||20210915123330",
    "TQ1|||||||||R",
    "OBR||3821||72828-7^CT/NG^LN",
    "TCD|72828-7^CT/NG^LN",
    "ORC|NW",
    "OBR||3822||GLU^Glucose^L",
]


def answer(segments: list[str], profile: MllpProfile = STANDARD) -> list[list[str]]:
    """The blocks of the reply, each as its segments."""
    message = parse("\r".join(segments).encode())
    return blocks(receipt(message, profile, 4))


def blocks(reply: bytes) -> list[list[str]]:
    assert reply == b"" or (reply.startswith(b"\x0b") and reply.endswith(b"\r\x1c\r"))
    return [one.lstrip("\x0b").rstrip("\r").split("\r") for one in reply.decode().split("\x1c\r") if one]


def header(kind: str, version: str = "2.5", *, commit: str = "", application: str = "") -> str:
    return f"MSH|^~\\&|GX||LIS||20200101||{kind}|id1|P|{version}|||{commit}|{application}"


def test_a_result_of_law_is_answered_as_the_devices_expect() -> None:
    asked = LAW.format(kind="OUL^R22^OUL_R22", profile="LAB-29^IHE~LAW_RERUN^IHE")
    assert answer([asked, "SPM|1"]) == [
        [
            "MSH|^~\\&|HOST|MAIN|X800|LAB|20210915123330+0200||ACK^R22^ACK|A4-m-1|P|2.5.1||||||UNICODE UTF-8|||LAB-29^IHE",
            "MSA|AA|m-1",
        ]
    ]


@pytest.mark.parametrize(
    ("kind", "answered"),
    [
        ("ORU^R01", "ACK^R01"),
        ("ORU^R32^ORU_R30", "ACK^R32^ACK"),
        ("OUL^R23^OUL_R23", "ACK^R23^ACK"),
        ("NMD^N02^NMD_N02", "ACK^N02^ACK"),
        ("TCU^U10^TCU_U10", "ACK^U10^ACK"),
        ("ESU^U01^ESU_U01", "ACK^U01^ACK"),
        ("QCN^J01^QCN_J01", "ACK^J01^ACK"),
        ("ZZZ^Z99", "ACK^Z99"),
        ("ORU", "ACK"),
        ("OML^O33^OML_O33", "ACK^O33^ACK"),  # without an ORC there is nothing to take
        ("QBP^Q11^QBP_Q11", "ACK^Q11^ACK"),  # without a QPD there is no query
    ],
)
def test_the_trigger_and_the_form_of_msh_9_are_those_of_the_message(kind: str, answered: str) -> None:
    [[head, acknowledged]] = answer([header(kind)])
    assert head == f"MSH|^~\\&|LIS||GX||20200101||{answered}|A4-id1|P|2.5"
    assert acknowledged == "MSA|AA|id1"


def test_a_query_is_answered_with_its_own_words_and_the_orders_come_later() -> None:
    asked = LAW.format(kind="QBP^Q11^QBP_Q11", profile="LAB-27^IHE")
    query = "QPD|WOS^Work Order Step^IHELAW|tag 7|S\\T\\1"
    assert answer([asked, query, "RCP|I||R"]) == [
        [
            "MSH|^~\\&|HOST|MAIN|X800|LAB|20210915123330+0200||RSP^K11^RSP_K11|A4-m-1|P|2.5.1||||||UNICODE UTF-8|||LAB-27^IHE",
            "MSA|AA|m-1",
            "QAK|tag 7|OK|WOS^Work Order Step^IHELAW",
            query,
        ]
    ]


def test_the_query_of_older_models_is_answered_before_its_data_are_sent() -> None:
    [[head, acknowledged, status]] = answer([header("QRY^Q02", "2.3.1"), "QRD|1|R|D|2|||RD|S1|OTH|||T|"])
    assert head.split("|")[8] == "QCK^Q02"
    assert (acknowledged, status) == ("MSA|AA|id1", "QAK|SR|OK")


def test_the_host_query_of_genexpert_is_answered_by_the_owner() -> None:
    assert answer([header("QBP^Z03^QBP_Z03"), "QPD|Z03^HOST QUERY|tag|P|S1"]) == []
    with_commit = answer(
        [header("QBP^Z03^QBP_Z03", commit="AL", application="AL"), "QPD|Z03^HOST QUERY|tag|P|S1"]
    )
    assert [block[1] for block in with_commit] == ["MSA|CA|id1"]


def test_orders_are_taken_one_by_one() -> None:
    [lines] = answer(ORDER)
    assert lines[0].split("|")[8] == "ORL^O34^ORL_O42"
    assert lines[1:] == ["MSA|AA|m-1", ORDER[1], ORDER[2], ORDER[3], "ORC|OK|3821|||SC", "ORC|OK|3822|||SC"]


def test_an_order_for_a_code_the_instrument_does_not_know_is_answered_ua() -> None:
    [lines] = answer(ORDER, MllpProfile(unable_codes=frozenset({"GLU"})))
    assert lines[-2:] == ["ORC|OK|3821|||SC", "ORC|UA|3822|||CA"]
    [lines] = answer(ORDER, MllpProfile(unable_codes=frozenset({"*"})))
    assert lines[-2:] == ["ORC|UA|3821|||CA", "ORC|UA|3822|||CA"]


def test_a_cancelled_order_is_answered_cr_and_no_order_with_the_receipt_alone() -> None:
    [lines] = answer([*ORDER[:4], "ORC|CA|77", "OBR||77||GLU"])
    assert lines[-1] == "ORC|CR|77|||CA"
    [lines] = answer([ORDER[0], "SPM|1||||||||||U", "SAC|||sample124", "ORC|DC||||||||20210915123331"])
    assert lines[1:] == ["MSA|AA|m-1"]


def test_orders_of_other_message_types() -> None:
    [lines] = answer([header("OML^O21"), "PID|1||P", "ORC|NW|1", "OBR|1|1||A", "SPM|1|S"])
    assert lines[0].split("|")[8] == "ORL^O22"
    assert lines[2:] == ["PID|1||P", "ORC|OK|1|||SC", "SPM|1|S"]
    [lines] = answer([header("ORM^O01"), "ORC|NW|1"])
    assert lines[0].split("|")[8] == "ORR^O02"


@pytest.mark.parametrize(
    ("commit", "application", "codes"),
    [
        ("", "", ["AA"]),
        ("NE", "AL", ["AA"]),
        ("AL", "NE", ["CA"]),
        ("AL", "AL", ["CA", "AA"]),
        ("ER", "AL", ["AA"]),
        ("NE", "NE", []),
        ("ER", "ER", []),
        ("SU", "SU", ["CA", "AA"]),
        ("AL", "", ["CA"]),
        ("", "AL", ["AA"]),
        ("al", " ne ", ["CA"]),
    ],
)
def test_msh_15_and_16_say_which_acknowledgements_come(
    commit: str, application: str, codes: list[str]
) -> None:
    replies = answer([header("ORU^R01", commit=commit, application=application)])
    assert [reply[1].split("|")[1] for reply in replies] == codes
    assert len({reply[0] for reply in replies}) == len(replies)  # each has a control id of its own


def test_a_model_that_wants_ca_gets_it() -> None:
    [[_, acknowledged]] = answer([header("ORU^R32^ORU_R30")], MllpProfile(receipt_code="CA"))
    assert acknowledged == "MSA|CA|id1"


@pytest.mark.parametrize(
    ("commit", "application", "codes"),
    [
        ("", "", ["AR"]),
        ("NE", "AL", ["AR"]),
        ("ER", "AL", ["CR"]),
        ("AL", "NE", ["CR"]),
        ("NE", "SU", []),
        ("NE", "ER", ["AR"]),
    ],
)
def test_a_refusal_says_why(commit: str, application: str, codes: list[str]) -> None:
    raw = header("ORU^R01", commit=commit, application=application).encode() + b"\r\x01OBX|1|\xb5"
    found = blocks(refusal(raw, "a control character | stands in it", 2))
    assert [reply[1] for reply in found] == [
        f"MSA|{code}|id1|a control character \\F\\ stands in it" for code in codes
    ]
    for reply in found:
        assert reply[2].startswith("ERR|||207^Application internal error^HL70357|E||||a control")


def test_what_has_no_header_is_refused_without_a_name() -> None:
    [[head, acknowledged, _]] = blocks(refusal(b"H|\\^&|||", "no MSH", 2))
    assert head == "MSH|^~\\&|||||||ACK|A2-|P|2.5.1"
    assert acknowledged == "MSA|AR||no MSH"
    [old] = blocks(refusal(header("ORU^R01", "2.3.1").encode(), "no", 2))
    assert len(old) == 2


def test_a_refusal_never_fails_on_characters_the_charset_does_not_have() -> None:
    odd = LAW.format(kind="ORU^R01", profile="").replace("UNICODE UTF-8", "8859/5").encode()
    assert b"MSA|AR|m-1|?" in refusal(odd, "µ", 1)


def test_the_delimiters_and_the_charset_of_the_message_are_kept() -> None:
    raw = b"MSH*!~\\&*\xb5A**B***" + b"*ORU!R01*1*P*2.3.1******8859/1\rOBX*1"
    reply = receipt(parse(raw), STANDARD, 1)
    assert reply == b"\x0bMSH*!~\\&*B**\xb5A****ACK!R01*A1-1*P*2.3.1******8859/1\rMSA*AA*1\r\x1c\r"


def test_an_answer_that_asks_for_it_gets_a_ca() -> None:
    asking = parse(header("ORL^O34^ORL_O42", commit="AL", application="NE").encode() + b"\rMSA|AA|x")
    assert blocks(commit_receipt(asking, 3))[0][1] == "MSA|CA|id1"
    assert commit_receipt(parse(header("ORL^O34").encode()), 3) == b""


def test_without_either_field_the_application_answers() -> None:
    assert wanted(parse(header("ORU^R01").encode())) == (False, True)
