r"""Messages of the RAPIDPoint and RAPIDLab ("LIS3"): a name, then keys with value, unit and flag.

`NAME FS RS {key GS value GS unit GS flag GS FS} RS`. Keys: a identifies the device (aMOD), i was entered, r
belongs to the request, m is measured, c calculated, s is a setting; sLQ and sHQ before a key are the limits
of its control. New results: SMP_NEW_DATA, SMP_EDIT_DATA, QC_NEW_DATA, QC_EDIT_DATA; CAL_NEW_DATA is a
calibration; PAT_DEMOG_REQ asks who the patient is, its answer is PAT_DEMOG_DATA with the device's aMOD and
iIID, which stand in Q-4 as they came.

Source: lis3_general and the captures in three open host programs for the RAPIDPoint 500 and RAPIDLab 850.
"""

from collections.abc import Mapping

from aliquot.wire.astm_records import Message, Record, RecordError
from aliquot.wire.native.tree import comment, decoded, message, moment, query, record, result, results

FS, GS, RS = "\x1c", "\x1d", "\x1e"
GROUP = f"{{key}}{GS}{{value}}{GS}{{unit}}{GS}{{flag}}{GS}{FS}"
_RESULTS = ("SMP_NEW_DATA", "SMP_EDIT_DATA", "QC_NEW_DATA", "QC_EDIT_DATA")
_CALIBRATIONS = ("CAL_NEW_DATA", "CAL_EDIT_DATA")
_PARTS = 4
_HEADER = ("aMOD", "iIID", "rDATE", "rTIME", "rSEQ")
_CONTROL = ("iQID", "iQLOT", "iQLEV", "iQDATE", "iQFILE")
_PATIENT = {"iLNAME": 6, "iNAME": 6, "iDOB": 8, "iSEX": 9}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def parse(
    content: bytes, charset: str = "latin-1", *, specimen: str = "iPID", operator: str = "iOID"
) -> list[Message]:
    """Return the message of one frame; `specimen` and `operator` are the keys a site uses for these.

    A control's lot stands in an M record: M-3 "QC", M-4 its number, M-5 lot, M-6 level, M-7 expiry, M-8 file.
    Raises RecordError for a message that carries neither results nor a question.
    """
    name, separator, rest = decoded(content, charset).partition(FS)
    if not separator or name not in (*_RESULTS, *_CALIBRATIONS, "PAT_DEMOG_REQ"):
        raise RecordError(f"no results and no question of a RAPIDPoint: {name[:40]!r}")
    groups = _groups(rest)
    if name == "PAT_DEMOG_REQ":
        return [_question(groups, specimen)]
    time = moment(f"{_date(_value(groups, 'rDATE'))} {_clock(_value(groups, 'rTIME'))}", "%Y%m%d %H:%M:%S")
    if name in _CALIBRATIONS:
        found = [f"{key} {' '.join(parts)}".strip() for key, parts in groups.items()]
        notes = tuple(comment(text, at) for at, text in enumerate(found, 1))
        return [message([record("M", {2: "1", 3: "CALIBRATION"}, notes)], _sender(groups), time)]
    is_control = name.startswith("QC") or _value(groups, "rTYPE").upper() == "QC"
    order = _order(groups, specimen, is_control=is_control)
    _add_results(order, groups, {9: "C"} if "_EDIT_" in name else {}, time, _value(groups, operator))
    patient = {number: _value(groups, key) for key, number in _PATIENT.items() if key in groups}
    return [message(results(order, patient), _sender(groups), time)]


def _groups(text: str) -> dict[str, list[str]]:
    """Return value, unit and flag of each key, in order; a key that comes twice is no such message."""
    groups: dict[str, list[str]] = {}
    for group in text.replace(RS, "").split(FS):
        if not group.strip():
            continue
        key, *parts = (part.strip() for part in group.split(GS))
        if not key or not parts or key in groups:
            raise RecordError(f"no key with one value: {group[:40]!r}")
        groups[key] = (parts + [""] * _PARTS)[:_PARTS]
    return groups


def _value(groups: Mapping[str, list[str]], key: str) -> str:
    return groups[key][0] if key in groups else ""


def _sender(groups: Mapping[str, list[str]]) -> str:
    return _value(groups, "aMOD")


def _question(groups: Mapping[str, list[str]], specimen: str) -> Message:
    code = _value(groups, specimen)
    if not code:
        raise RecordError("the question names no patient or specimen")
    echoed = "".join(
        GROUP.format(key=key, value=_value(groups, key), unit="", flag="")
        for key in ("aMOD", "iIID")
        if key in groups
    )
    return message([query(code, echoed)], _sender(groups))


def _order(groups: Mapping[str, list[str]], specimen: str, *, is_control: bool) -> Record:
    order = record(
        "O",
        {
            2: "1",
            3: _value(groups, specimen),
            4: _value(groups, "rSEQ"),
            12: "Q" if is_control else "",
            16: _value(groups, "iSOURCE"),
            26: "F",
        },
    )
    if is_control:
        lot = {number: _value(groups, key) for number, key in enumerate(_CONTROL, 4)}
        order.children.append(record("M", {2: "1", 3: "QC", **lot}))
    shown = (*_HEADER, *_CONTROL, *_PATIENT, specimen, "iSOURCE")
    told = [key for key in groups if key[0] in "ira" and key not in shown]
    for number, key in enumerate(told, 1):
        order.children.append(comment(f"{key} {' '.join(groups[key])}".strip(), number))
    return order


def _add_results(
    order: Record, groups: Mapping[str, list[str]], status: Mapping[int, str], time: str, operator: str
) -> None:
    for key, (value, unit, flag, _) in groups.items():
        if key[0] not in "mc":
            continue
        low, high = _value(groups, f"sLQ{key}"), _value(groups, f"sHQ{key}")
        limits = f"{low} - {high}" if low or high else ""
        fields = {3: key, 4: value, 5: unit, 6: limits, 7: flag, 11: operator, 13: time}
        result(order, {**fields, 14: _value(groups, "iIID"), **(status if value else {})})


def _date(text: str) -> str:
    """Return 02Mar2021, 03Sep03 or 04May30 (year first, as expiries are) as YYYYMMDD, or nothing."""
    digits, month = text[:2] + text[5:], text[2:5].lower()
    if month not in _MONTHS or not digits.isdecimal():
        return ""
    year = text[5:] if len(text[5:]) == 4 else f"20{text[5:]}"  # noqa: PLR2004 - a year in full
    return f"{year}{_MONTHS.index(month) + 1:02}{text[:2]}"


def _clock(text: str) -> str:
    return text if text.count(":") == 2 else f"{text}:00"  # noqa: PLR2004 - with seconds
