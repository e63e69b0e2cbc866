"""What a host answers: whether a message is an order, and which of the device's tests it asks for."""

import re
from collections.abc import Iterator

from aliquot.flow.instruments.rules.driver import Driver
from aliquot.flow.instruments.rules.layout import Forms
from aliquot.wire import hl7
from aliquot.wire.astm_records import Message, parse

_HL7 = re.compile(rb"MSH(.)")
_NOTHING = {"DC", "CA"}  # ORC-1: withdrawn, cancelled


def is_order(content: bytes) -> bool:
    """Whether the host's message is an order, also a negative one; HL7 also has acknowledgements."""
    found = _HL7.match(content)
    if not found:
        return True
    kind = content.split(b"\r", 1)[0].split(found[1])[8:9]
    return bool(kind) and kind[0].startswith((b"OML", b"ORM", b"RSP^Z02", b"RSP^K11^RSP_Z"))


def ordered_codes(driver: Driver, content: bytes) -> tuple[str, ...]:
    """The test codes an order message asks for, as the model sends their results, each once."""
    orders = driver.layout.order
    if _HL7.match(content):
        found = _hl7_codes(driver, content)
    elif orders is None:
        found = []
    elif driver.layout.grammar == "astm":
        found = list(_record_codes(driver, orders, content))
    else:
        found = _written_codes(driver, orders, content.decode("latin-1"))
    return tuple(dict.fromkeys(found))


def ordered_dilutions(driver: Driver, content: bytes) -> dict[str, str]:
    """The dilution that an order message asks for, by test code; a test that is not diluted is left out."""
    orders = driver.layout.order
    if orders is None or not orders.diluted or driver.layout.grammar != "astm":
        return {}
    pattern = re.escape(orders.diluted)
    for name in ("code", "dilution"):
        pattern = pattern.replace(re.escape(f"{{{name}}}"), f"(?P<{name}>[^/^]+)")
    charset = driver.layout.charset if driver.layout.charset not in ("declared", "auto") else "utf-8"
    undiluted = re.compile(re.escape(orders.test).replace(re.escape("{code}"), ".+"))
    found: dict[str, str] = {}
    for message in parse(content, charset):
        for order in _orders(message):
            for text in order.split(message.delimiters.repeat):
                match = None if undiluted.fullmatch(text) else re.fullmatch(pattern, text)
                found |= {match["code"]: match["dilution"]} if match else {}
    return found


def _hl7_codes(driver: Driver, content: bytes) -> list[str]:
    message = hl7.parse(content)
    controls = {one.field(1) for one in message.every("ORC")}
    if controls and controls <= _NOTHING:
        return []
    known = _codes_by_name(driver, "{code}")
    sent = [message.component(one.field(4), 1) for one in message.every("OBR")]
    return [code for name in sent for code in known.get(name) or [name]]


def _record_codes(driver: Driver, forms: Forms, content: bytes) -> Iterator[str]:
    charset = driver.layout.charset if driver.layout.charset not in ("declared", "auto") else "utf-8"
    for message in parse(content, charset):
        mark = "^" if "^" in forms.test else message.delimiters.component
        parts = forms.test.split(mark)
        place = next(at for at, part in enumerate(parts) if "{code}" in part)
        known = _codes_by_name(driver, parts[place])
        for order in _orders(message):
            for text in filter(None, order.split(message.delimiters.repeat)):
                sent = message.component(text, place + 1).strip()
                yield from known.get(sent) or [_as_measured(driver, sent)]


def _written_codes(driver: Driver, orders: Forms, text: str) -> list[str]:
    """The codes of a native message, whose tests stand last, one after the other."""
    mark = orders.nothing[0].partition("{")[0] if orders.nothing else ""
    if mark and text.startswith(mark) and not orders.records["order"][0].startswith(mark):
        return []
    known = _codes_by_name(driver, orders.test)
    one = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    runs = re.findall(f"(?:{one})(?:{re.escape(orders.between)}(?:{one}))*", text)
    return [code for name in re.findall(one, runs[-1]) for code in known[name]] if runs else []


def _codes_by_name(driver: Driver, form: str) -> dict[str, list[str]]:
    """The codes that a model measures under the name by which it is ordered; the two may differ."""
    orders = driver.layout.order
    pattern = orders.code_pattern if orders else None
    found: dict[str, list[str]] = {}
    for code in driver.tests:
        match = pattern.fullmatch(code) if pattern else None
        name = form.format_map(_Blank(code=match["code"] if match else code))
        found.setdefault(name, []).append(code)
    return found


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _orders(message: Message) -> Iterator[str]:
    for below in message.header.children:
        for record in (below, *below.children):
            if record.kind == "O":
                yield record.field(5)


def _as_measured(driver: Driver, text: str) -> str:
    pattern = driver.layout.result.code_pattern
    found = pattern.fullmatch(text) if pattern else None
    return found["code"] if found else text
