r"""Messages of the mini VIDAS over the bioMerieux link: tags of two letters, each behind RS and before `|`.

mt kind (rsl: a result), pi and pn patient, si, ci specimen, rt and rn test, tt and td time and date
MM/DD/YY, ql result in words, qn result as a number, perhaps with its unit behind a blank. The text ends with
GS; the two hexadecimal digits behind it are the sum from the first RS to GS, which the link checks.

Source: capture in senaite.astm, whose sum agrees; several `rt` in one message as the maker's link allows.
"""

from itertools import pairwise

from aliquot.wire.astm_records import Message, Record, RecordError
from aliquot.wire.native.tree import decoded, message, moment, record, result, results

RS = "\x1e"
_KIND = "rsl"


def parse(content: bytes, charset: str = "latin-1", *, date: str = "%m/%d/%y") -> list[Message]:
    """Return the message of one text; words stand in R-8, and in a C record where a number is beside them.

    Raises RecordError for a text that is no result.
    """
    tags = _tags(decoded(content, charset))
    if ("mt", _KIND) not in tags:
        raise RecordError(f"no result of a mini VIDAS: {content[:40]!r}")
    order = record("O", {2: "1", 3: _last(tags, "ci"), 26: "F"})
    time = moment(f"{_last(tags, 'td')} {_last(tags, 'tt')}", f"{date} %H:%M")
    for test in _tests(tags):
        _read_test(test, order, time)
    if not any(one.kind == "R" for one in order.children):
        raise RecordError("the result names no test")
    return [message(results(order, {3: _last(tags, "pi"), 6: _last(tags, "pn")}), "miniVidas", time)]


def _tags(text: str) -> list[tuple[str, str]]:
    parts = (part.strip("\r\n\x1d").removesuffix("|") for part in text.split(RS))
    return [(part[:2], part[2:].strip()) for part in parts if part]


def _last(tags: list[tuple[str, str]], name: str) -> str:
    return next((value for tag, value in reversed(tags) if tag == name), "")


def _tests(tags: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Return the tags of each test, which begin at its `rt`."""
    starts = [at for at, (tag, _) in enumerate(tags) if tag == "rt"]
    return [tags[start:end] for start, end in pairwise([*starts, len(tags)])]


def _read_test(tags: list[tuple[str, str]], order: Record, time: str) -> None:
    words, number = _last(tags, "ql"), _last(tags, "qn")
    comparator, value, unit = _cut(number)
    value = f"{comparator}{value}"
    fields = {3: _last(tags, "rt"), 4: value or words, 5: unit.strip(), 8: words, 13: time}
    name = _last(tags, "rn")
    result(order, fields, words if value else "", name)


def _cut(number: str) -> tuple[str, str, str]:
    """Return (comparator, number, unit) of `< 0.05 uIU/mL`."""
    bare = number.lstrip("<>= ")
    value, _, unit = bare.partition(" ")
    return number[: len(number) - len(bare)].replace(" ", ""), value, unit
