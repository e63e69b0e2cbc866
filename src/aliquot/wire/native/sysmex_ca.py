r"""Texts of the Sysmex CA-600 and CA-1500: fixed width, between STX and ETX, without a checksum.

Positions are counted from the first character after STX, from 1.
1 kind: D result, R query, S order. 2: asked by rack and place (1) or by specimen (2). 3-4 `21`. 5-6 block,
7-8 blocks in all. 9 sample: U routine, E urgent, C control. 10-15 date, 16-19 time, 20-23 rack, 24-25 place,
26-38 specimen (right-justified), 39 how it was read, 40-50 patient's name, then nine characters a test:
code 3 (its last digit is the quantity: 1 s, 2 %, 3 and 4 ratios, 5 concentration), value 5, flag 1.
The value has no unit and mostly no decimal point: R-5 says what its last digit counts, tenths (`0.1 s`,
`0.1 %`) or hundredths (`0.01`, `0.01 INR`), and without the fraction where the device did write a point. What
fibrinogen, D-dimer and FDP count depends on the reagent: nothing is said of them.
An order echoes positions 2-39 of the query, which stand in Q-4; each test takes `040      `. Nothing to do:
test 999 where the query was by rack, 000 where it was by specimen.

Source: HostManager (SysmexCA660Message, Parameters and the maker's examples in its tests); C as a control
is general knowledge, to be confirmed by the instrument's host interface guide.
"""

from aliquot.wire.astm_records import Message, RecordError
from aliquot.wire.native.tree import decoded, message, moment, query, record, result, results

_HEAD, _GROUP = 50, 9
# by the code's last digit: what the value counts with a decimal point, and without
_UNITS = {"1": ("s", "0.1 s"), "2": ("%", "0.1 %"), "3": ("", "0.01"), "4": ("INR", "0.01 INR")}
_BY_REAGENT = ("06", "51", "61")  # fibrinogen, D-dimer, FDP


def parse(
    content: bytes, charset: str = "latin-1", *, date: str = "%y%m%d", controls: str = "C"
) -> list[Message]:
    """Return the message of one block; `controls` are the sample letters of position 9 that mean a control.

    Raises RecordError for a text of another kind or length.
    """
    text = decoded(content, charset).strip("\r\n")
    if text[:1] not in ("D", "R", "S") or len(text) < _HEAD or not text[2:8].isdigit():
        raise RecordError(f"no text of a Sysmex CA: {text[:40]!r}")
    specimen, place = text[25:38].strip(), text[19:25]
    if text[0] == "D" and (len(text) - _HEAD) % _GROUP:
        raise RecordError("the results are no whole columns: characters are missing")
    groups = [text[at : at + _GROUP] for at in range(_HEAD, len(text), _GROUP)]
    groups = [group for group in groups if group.strip()]
    if not all(group[:3].isdecimal() for group in groups):
        raise RecordError(f"no test code where one should be: {text[_HEAD : _HEAD + 40]!r}")
    if text[0] == "R":
        asked = query(specimen, text[1:39], "")
        asked.fields[4] = "\x1e".join(group[:3] for group in groups)
        return [message([asked], "Sysmex CA")]
    time = moment(text[9:19], f"{date}%H%M")
    action = "Q" if text[8] in controls else ""
    priority = "S" if text[8] == "E" else "R"
    order = record("O", {2: "1", 3: specimen, 4: place.strip(), 6: priority, 12: action, 26: "F"})
    if text[0] == "S":
        order.fields[4] = "\x1e".join(group[:3] for group in groups)
        order.fields[25] = "Y" if {group[:3] for group in groups} <= {"000", "999"} else "O"
    else:
        for group in groups:
            code, value = group[:3], group[3:8].strip()
            result(order, {3: code, 4: value, 5: _unit(code, value), 7: group[8:].strip(), 13: time})
    return [message(results(order, {6: text[39:50].strip(" *")}), "Sysmex CA", time)]


def _unit(code: str, value: str) -> str:
    """Return what a value's last digit counts, where the code tells."""
    if code.startswith(_BY_REAGENT) and code[2:] != "1":
        return ""
    return _UNITS.get(code[2:], ("", ""))["." not in value]
