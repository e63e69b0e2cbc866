"""Messages of native grammars as their devices write them, and what is looked at in their records."""

from aliquot.wire.astm_records import Message, Record

FS, GS, RS = "\x1c", "\x1d", "\x1e"


def of(messages: list[Message], kind: str) -> list[Record]:
    return [one for message in messages for one in message.walk() if one.kind == kind]


def values(messages: list[Message]) -> list[tuple[str, str, str, str]]:
    return [(one.field(3), one.field(4), one.field(7), one.field(9)) for one in of(messages, "R")]


def group1800(item: str, value: str, flags: str = "") -> str:
    return f"{item:>3}M{value:>8}{flags:3}    "


def result1800(blocks: str, count: int, groups: str, *, kind: str = "N", first: bool = True) -> str:
    head = f"R {blocks}{count:03}20260310091530{kind} {'3498582':13}{'0004-02':7}"
    return head + (f"{'PAT':16}{'NAME':16}M042{'':8} 1.011" if first else "") + groups


CA_QUERY = b"R1210101 060515163600010123-234567-001B           040      050      060      510      "


def dimension_result(*tests: str, head: str = "R|*||152|1||0|192902111125|1|1|") -> bytes:
    return (head + f"{len(tests)}|" + "".join(f"{test}|" for test in tests)).replace("|", FS).encode()


BC3000 = "AAAI10P190000000123450031020260915"
BC3000_VALUES = "0055002000020033360040600496140036007830282137388022407415516503 89".replace(" ", "")
