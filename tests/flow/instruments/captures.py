"""Captures made of transcripts and of records: frames as a device sends them, and the results decoded from them."""

from aliquot.flow.instruments.rules.decoding import Row, decode
from aliquot.flow.instruments.rules.driver import FOLDER
from aliquot.wire.astm_link import ENQ, EOT, checksum

STX, ETX, ETB, CRLF = b"\x02", b"\x03", b"\x17", b"\r\n"

SAMPLES = {
    "beckman_dxi": "patient",
    "sysmex_xp300": "three_part_count",
    "horiba_pentra": "patient",
    "abbott_alinity_ci": "two_tests",
    "siemens_versacell": "two_analyzers",
    "sysmex_xs500i": "count_with_suspects",
    "roche_cobas_e411": "three_kinds_of_value",
    "generic_astm": "result_and_unknown",
}


def records_of(model: str, transcript: str = "") -> list[bytes]:
    text = (FOLDER / model / "transcripts" / f"{transcript or SAMPLES[model]}.txt").read_text("utf-8")
    return [line.encode("latin-1") for line in text.rstrip("\n").split("\n")]


def framed(
    text: bytes, number: int, end: bytes = ETX, *, lower: bool = False, trailer: bytes = CRLF
) -> bytes:
    body = b"%d%b%b" % (number % 8, text, end)
    digits = checksum(body)
    return STX + body + (digits.lower() if lower else digits) + trailer


def session(frames: list[bytes]) -> bytes:
    return ENQ + b"".join(frames) + EOT


def as_records(records: list[bytes]) -> bytes:
    return session([framed(one + b"\r", n) for n, one in enumerate(records, 1)])


def results(data: bytes, feed: str = "all") -> list[Row]:
    """What a capture says of results, without what differs between files: the driver that was found stays."""
    return [row for row in decode(data, feed=feed) if "n" in row]


HL7 = [
    "MSH|^~\\&|X||||20260310||OUL^R22^OUL_R22|1|P|2.5.1",
    "SPM|1|77",
    "OBR|1||",
    "OBX|1|NM|T||5|mmol/L||N|||F",
]


def counted(results_of_order: int) -> list[bytes]:
    """A message of an unknown sender with one order and so many results."""
    head = [b"H|\\^&|||UNHEARD OF|||||||P|1|20260310", b"P|1", b"O|1|70301||^^^A"]
    body = [b"R|%d|^^^T%d|%d.5|g/L||N||F||||20260310" % (n, n, n) for n in range(1, results_of_order + 1)]
    return [*head, *body, b"L|1|N"]
