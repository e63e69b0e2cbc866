"""Driver files of a test's own, as small as they may be, and what they read of a few records."""

from datetime import UTC, datetime

from aliquot.flow.instruments.rules.driver import Driver, build
from aliquot.flow.instruments.rules.reading import Reading

AT = datetime(2026, 3, 10, 5, 55, 11, tzinfo=UTC)

BASE = {
    "driver": 'model = "x"\nvendor = "V"\nname = "X"\nversion = "1"',
    "link": "",
    "text": 'charset = "latin-1"\ndecimal = "."',
    "identity": "senders = []",
    "specimen": 'at = "O-3"',
    "result": 'code = "R-3.4"',
    "aspects": 'map = {"" = "report"}',
    "flags": 'map = {"" = "", N = "normal", H = "high", L = "low"}',
    "statuses": 'map = {"" = "final", F = "final", X = "not_performed"}',
    "units": 'map = {"mmol/L" = "mmol/L"}',
}
HL7 = {
    "link": 'protocol = "mllp"',
    "grammar": 'kind = "hl7"',
    "text": 'decimal = "."',
    "specimen": 'at = ["SPM-2.1.1", "SAC-3.1", "OBR-3.1"]',
    "result": 'code = "OBX-3.1"',
}


def toml(*extra: str, **sections: str) -> str:
    """A driver file of these sections, the others as small as they may be, and more text below."""
    rows = [f'[{name}]\nsource = "test"\n{text}' for name, text in {**BASE, **sections}.items()]
    return "\n\n".join([*rows, *extra])


def driver(*extra: str, **sections: str) -> Driver:
    return build("x.toml", toml(*extra, **sections))


def astm(one: Driver, *results: str, order: str = "O|1|77||^^^T") -> tuple[Reading, ...]:
    lines = ["H|\\^&|||S", "P|1", order, *results, "L|1"]
    return one.read("\r".join(lines).encode(one.layout.charset), UTC).readings


def hl7(one: Driver, *segments: str, kind: str = "OUL^R22") -> tuple[Reading, ...]:
    header = f"MSH|^~\\&|S||||20260310080000+0100||{kind}|1|P|2.5.1"
    return one.read("\r".join([header, *segments]).encode()).readings


def only(readings: tuple[Reading, ...]) -> Reading:
    (reading,) = readings
    return reading


TEXT_ORDER = """
header = 'H|\\^&|||{host}|||||{sender}'
patient = "P|{n}"
order = "O|{n}|{specimen}||{tests}|{priority}||||||{action}"
test = "^^^{code}"
terminator = "L|1|F"
nothing = ["L|1|I"]
actions = {new = "N", cancel = "C", add = "A"}
priorities = {R = "R", S = "A"}
"""
