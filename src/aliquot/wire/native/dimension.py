r"""Messages of the Dimension RxL, Xpand and EXL: fields between FS (1Ch), the type first.

R, result: load list (left out by some), patient, specimen, fluid, ward, priority, time `ssmmHHddMMyy`, cups,
dilution, number of tests, then four fields a test: name, value, unit, error code. I, query: specimen,
segment, place. D, order: carrier 0, load list 0, A add or D delete, patient (at most 27 characters),
specimen (at most 12), fluid, ward, priority, cups 1, place **, dilution 1, number of tests, names (at most
5 characters each). N: nothing to do. C, calibration. Every message ends with an FS before its checksum.
Fluid: 1 serum, 2 plasma, 3 urine, 4 CSF, W blood, 5-9 controls. Priority: 0 routine, 1 stat, 2 ASAP, 3 and
4 control.

Source: bitdreamit-dimension-transmission (tables of guide PN D00396), HostManager (DimensionErrorCodes).
"""

from aliquot.wire.astm_records import Message, Record, RecordError
from aliquot.wire.native.tree import decoded, message, moment, query, record, result, results

FS = "\x1c"
_TEST = 4
_CONTROL_FLUIDS, _CONTROL_PRIORITIES = "56789", "34"
_PRIORITY = {"0": "R", "1": "S", "2": "A"}
_SUPPRESSING = frozenset({"7", "8", "9", "10", "11", "12", "16", "17", "19"})
ERRORS = {
    "1": "temperature out of range",
    "2": "calibration expired",
    "3": "assay out of range",
    "4": "absorbance",
    "5": "measurement system",
    "6": "reagent quality control",
    "7": "arithmetic error",
    "8": "never calibrated",
    "9": "no reagent",
    "10": "test aborted",
    "11": "processing error",
    "12": "software error",
    "13": "haemoglobin",
    "14": "abnormal reaction",
    "15": "diluted",
    "16": "below assay range",
    "17": "above assay range",
    "18": "haemolysis, icterus or lipaemia",
    "19": "clot detected",
}


def parse(content: bytes, charset: str = "latin-1") -> list[Message]:
    """Return the message of one frame without its checksum; raises RecordError for P, W, M and other texts.

    An error code stands in R-7 and, in words, in a C record; without a value, or with a code that suppresses
    it, the status is X.
    """
    fields = decoded(content, charset).split(FS)
    if fields[-1] == "":
        fields.pop()
    reader = _READERS.get(fields[0]) if fields else None
    if reader is None:
        raise RecordError(f"no result, query or order of a Dimension: {content[:40]!r}")
    return [message(reader(fields), "DIMENSION")]


def _read_result(fields: list[str]) -> list[Record]:
    at = next((at for at in (7, 6) if len(fields[at : at + 4]) == 4 and _is_time(fields[at])), 0)  # noqa: PLR2004 - time to number of tests
    if not at or not fields[at + 3].isdecimal():
        raise RecordError("the result has no time and number of tests where they should be")
    tests, count = fields[at + 4 :], int(fields[at + 3])
    if len(tests) == _TEST * count - 1:
        tests.append("")  # an empty error code whose FS was left out
    if len(tests) != _TEST * count:
        raise RecordError(f"the result announces {count} tests and has {len(tests)} fields for them")
    patient, specimen, fluid, ward, priority = fields[at - 5 : at]
    control = fluid in tuple(_CONTROL_FLUIDS) or priority in tuple(_CONTROL_PRIORITIES)
    order = record(
        "O",
        {
            2: "1",
            3: specimen,
            6: _PRIORITY.get(priority, ""),
            12: "Q" if control else "",
            16: fluid,
            26: "F",
        },
    )
    time = moment(_turned(fields[at]), "%y%m%d%H%M%S")
    for start in range(0, len(tests), _TEST):
        _read_test(tests[start : start + _TEST], order, time)
    return results(order, {3: patient, 26: ward})


def _read_test(fields: list[str], order: Record, time: str) -> None:
    name, value, unit, error = (field.strip() for field in fields)
    if not name:
        raise RecordError("a test without a name")
    made = {3: name, 4: value, 5: unit, 7: error, 13: time}
    if error in _SUPPRESSING:
        made[9] = "X"
    result(order, made, ERRORS.get(error, f"error {error}") if error else "")


def _is_time(text: str) -> bool:
    return len(text) == 12 and text.isdecimal()  # noqa: PLR2004 - ssmmHHddMMyy


def _turned(text: str) -> str:
    """Return ssmmHHddMMyy as yyMMddHHmmss."""
    return "".join(text[at : at + 2] for at in range(10, -1, -2))


def _read_query(fields: list[str]) -> list[Record]:
    if len(fields) < 2 or not fields[1].strip():  # noqa: PLR2004 - type and specimen
        raise RecordError("the query names no specimen")
    return [query(fields[1].strip(), "/".join(fields[2:4]))]


def _read_order(fields: list[str]) -> list[Record]:
    if len(fields) < 13:  # noqa: PLR2004 - up to the number of tests
        raise RecordError("the order is too short")
    action = "C" if fields[3] == "D" else "A"
    priority = _PRIORITY.get(fields[8], "")
    order = record("O", {2: "1", 3: fields[5], 6: priority, 12: action, 16: fields[6], 26: "O"})
    order.fields[4] = "\x1e".join(fields[13:])
    return results(order, {6: fields[4]})


def _read_calibration(fields: list[str]) -> list[Record]:
    return [record("M", {2: "1", 3: "CALIBRATION", **dict(enumerate(fields[1:], 4))})]


def _read_nothing(_: list[str]) -> list[Record]:
    return []


_READERS = {
    "R": _read_result,
    "I": _read_query,
    "D": _read_order,
    "C": _read_calibration,
    "N": _read_nothing,
}
