"""Building the LIS02-A2 tree a native text is translated into, so that one interpreter reads every model.

Field numbers are those of LIS02-A2: O-3 specimen, O-12 "Q" for a control, R-3 test, R-4 value, R-5 unit,
R-6 range, R-7 flags, R-9 status, R-13 time. The separators between components and repeats are control
characters no device puts into a field, so that values, units and codes stand there exactly as they were sent.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from aliquot.wire.astm_records import Delimiters, Message, Record, RecordError

NATIVE = Delimiters(field="|", repeat="\x1e", component="\x1d", escape="")
_SEPARATORS = re.compile(r"[\x00-\x08\x0a-\x1f]")
_NO_VALUE = re.compile(r"[-*.\s]*")


def decoded(content: bytes, charset: str) -> str:
    """Return the content as text; raises RecordError when its bytes are not of the charset."""
    try:
        return content.decode(charset)
    except UnicodeDecodeError as fault:
        raise RecordError(f"the text is not {charset}: {fault.reason} at byte {fault.start}") from None
    except LookupError:
        raise RecordError(f"{charset!r} is no known charset") from None


def record(kind: str, fields: Mapping[int, str], below: tuple[Record, ...] = ()) -> Record:
    """Return one record with these fields; raises RecordError when a value holds a control character."""
    values = [""] * max(fields, default=1)
    values[0] = kind
    for number, value in fields.items():
        if _SEPARATORS.search(value):
            raise RecordError(f"a control character stands in a field: {value[:40]!r}")
        values[number - 1] = value
    return Record(values, list(below))


def message(body: list[Record], sender: str = "", time: str = "") -> Message:
    """Return a message of these records of level 1 under an H record, closed by an L record."""
    header = record("H", {2: "", 5: sender, 14: time})
    header.fields[1] = NATIVE.declared
    header.children.extend([*body, record("L", {2: "1", 3: "N"})])
    return Message(NATIVE, header)


def results(order: Record, patient: Mapping[int, str] | None = None) -> list[Record]:
    """Return the P record over one order; an order of LIS02-A2 always stands under a patient."""
    return [record("P", {2: "1", **(patient or {})}, (order,))]


def result(order: Record, fields: Mapping[int, str], *comments: str) -> Record:
    """Append an R record to an order, numbered, with a C record for each comment, and return it.

    Where nothing but dashes or stars stands for the value, the status is X: not measured (LIS02-A2 10.1.9).
    """
    if not fields.get(3):
        raise RecordError("a result names no test")
    number = sum(one.kind == "R" for one in order.children) + 1
    filled = {2: str(number), 9: "X" if is_missing(fields.get(4, "")) else "F", **fields}
    notes = tuple(comment(text, at) for at, text in enumerate(comments, 1) if text)
    made = record("R", filled, notes)
    order.children.append(made)
    return made


def comment(text: str, number: int = 1) -> Record:
    """Return a C record of the instrument with this text."""
    return record("C", {2: str(number), 3: "I", 4: text, 5: "I"})


def query(specimen: str, place: str = "", tests: str = "ALL", number: int = 1) -> Record:
    """Return a Q record: Q-3 specimen, Q-4 what the answer has to echo, Q-5 tests."""
    made = record("Q", {2: str(number), 3: specimen, 5: tests, 13: "O"})
    made.fields[3] = place
    return made


def is_missing(value: str) -> bool:
    """Whether a device's text for a value says that there is none."""
    return _NO_VALUE.fullmatch(value) is not None


def moment(text: str, form: str) -> str:
    """Return a device's time as YYYYMMDDHHMMSS, or nothing where it does not fit the strptime form."""
    try:
        found = datetime.strptime(text.strip(), form)  # noqa: DTZ007 - the device's own clock; its zone is the driver's
    except ValueError:
        return ""
    return found.strftime("%Y%m%d%H%M%S")
