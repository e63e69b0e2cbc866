"""Messages to an analyzer, and those a simulated one sends: a driver's templates filled with values."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import partial

from aliquot.flow.instruments.rules.layout import Forms, Layout
from aliquot.flow.instruments.rules.reading import HostQuery, Measurement, Run, WorkOrder
from aliquot.wire import hl7
from aliquot.wire.astm_records import RecordError, delimiters_of, escape

# already in the message's own notation
_RAW = frozenset({"tests", "diluted", "range", "flags", "status", "place", "query"})
_FACTOR = re.compile(r"(?:1\s*:\s*|x)?([1-9]\d*)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PARTS = {"yyyy": "%Y", "yy": "%y", "mm": "%m", "dd": "%d", "hh": "%H", "mi": "%M", "ss": "%S"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class UnsendableError(ValueError):
    """A message cannot be written in this model's form; the words say which value is wrong."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the head of a message says: the moment, and the names the two sides know each other by."""

    at: datetime
    zone: tzinfo = UTC  # the device's
    host: str = "ALIQUOT"
    control_id: str = ""  # of the first message; without it the time
    query: HostQuery | None = None  # the question this answers

    @property
    def time(self) -> str:
        return self.at.astimezone(self.zone).strftime("%Y%m%d%H%M%S")


class Filler:
    """Fills templates of one driver: values escaped as its grammar wants, names without value empty."""

    def __init__(self, layout: Layout, forms: Forms, header: Header) -> None:
        self.layout, self.forms, self.header = layout, forms, header
        self._escape = _escape_of(layout, forms)
        self._common = {
            "host": header.host,
            "sender": layout.senders[0] if layout.senders else layout.name,
            "time": header.time,
            "date": header.time[:8],
            **_parts(header),
            "id": _control_id(header, 1),
        } | _question(header.query)

    def number(self, message: int) -> None:
        """Give the messages after the first an id of their own."""
        self._common["id"] = _control_id(self.header, message)

    def fill(self, form: str, **values: object) -> str:
        """Return one record."""
        named = {**self._common, **values}
        texts = {name: str(one) if name in _RAW else self._escape(str(one)) for name, one in named.items()}
        return form.format_map(_Blank(texts))

    def lines(self, name: str, **values: object) -> list[str]:
        """Return the records of the template of that name; none where the driver has none."""
        return [self.fill(form, **values) for form in self.forms.records.get(name, ())]

    def encoded(self, records: Sequence[str]) -> list[bytes]:
        """Return the message in the model's charset."""
        records = ["".join(records)] if self.forms.join else records
        charset = self.layout.charset if self.layout.charset not in ("declared", "auto") else "utf-8"
        try:
            return [record.encode(charset) for record in records]
        except UnicodeEncodeError as fault:
            letters = fault.object[fault.start : fault.end]
            raise UnsendableError(f"{self.layout.name} cannot be sent {letters!r} ({charset})") from None


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def order_messages(layout: Layout, orders: Sequence[WorkOrder], header: Header) -> list[list[bytes]]:
    """Return the messages that tell the analyzer what to do with these tubes, each a list of records.

    They are split by the device's limits. Without any test the model's own negative answer is returned.
    Raises UnsendableError when a tube's number is longer than the model accepts, because a shortened one
    names another tube, and when the model knows no such action.
    """
    if layout.order is None:
        raise UnsendableError(f"{layout.name} takes no orders")
    filler = Filler(layout, layout.order, header)
    messages: list[list[str]] = []
    if header.query is not None and "response" in layout.order.records:
        messages.append(filler.lines("response"))
    for group in _messages(layout.order, orders):
        filler.number(len(messages) + 1)
        said = _order_message(layout, group, filler)
        _check_named(layout, group, said)
        messages += said
    return [filler.encoded(records) for records in messages]


def result_records(layout: Layout, runs: Sequence[Run], header: Header) -> list[bytes]:
    """Return the message a simulated analyzer of this model sends after measuring these tubes."""
    filler = _simulation(layout, header)
    records = filler.lines("header")
    for number, run in enumerate(runs, 1):
        _check_length(layout, run.specimen_code)
        records += filler.lines("patient", n=number, specimen=run.specimen_code)
        records += _measured(filler, run)
    records += filler.lines("terminator")
    return filler.encoded(records)


def query_records(layout: Layout, specimen_code: str, place: str, header: Header) -> list[bytes]:
    """Return the message by which a simulated analyzer of this model asks about one tube."""
    filler = _simulation(layout, header)
    _check_length(layout, specimen_code)
    if "query" not in filler.forms.records:
        raise UnsendableError(f"{layout.name} asks no questions")
    head = "query_header" if "query_header" in filler.forms.records else "header"
    asked = filler.lines("query", n=1, specimen=specimen_code, place=place)
    return filler.encoded([*filler.lines(head), *asked, *filler.lines("terminator")])


def _simulation(layout: Layout, header: Header) -> Filler:
    if layout.simulation is None:
        raise UnsendableError(f"{layout.name} cannot be simulated: its driver has no [simulation]")
    return Filler(layout, layout.simulation, header)


def _messages(forms: Forms, orders: Sequence[WorkOrder]) -> list[Sequence[WorkOrder]]:
    """Return the orders of each message: one specimen, as many as the device takes, or all."""
    size = 1 if forms.one_message_per_specimen else forms.limits.specimens
    if not orders or not size:
        return [orders]
    if size > 1:
        orders = [order for order in orders if order.codes] or orders[:1]
    return [orders[at : at + size] for at in range(0, len(orders), size)]


def _order_message(layout: Layout, orders: Sequence[WorkOrder], filler: Filler) -> list[list[str]]:
    wanted = [order for order in orders if order.codes]
    if not wanted:
        return [_nothing(orders, filler)]
    records = filler.lines("header", orders=len(wanted))
    for number, order in enumerate(wanted, 1):
        _check_length(layout, order.specimen_code)
        records += filler.lines("patient", n=number, **_of_order(order, filler))
        records += _orders(order, filler)
    records += filler.lines("terminator")
    limit = filler.forms.limits.message
    if limit and sum(len(record) + 1 for record in records) > limit and len(wanted) > 1:
        half = len(wanted) // 2
        return [
            *_order_message(layout, wanted[:half], filler),
            *_order_message(layout, wanted[half:], filler),
        ]
    return [records]


def _nothing(orders: Sequence[WorkOrder], filler: Filler) -> list[str]:
    """The model's own words for "no work"; what follows the header."""
    first = orders[0] if orders else WorkOrder("", ())
    values = _of_order(first, filler)
    body = [filler.fill(one, n=1, **values) for one in filler.forms.nothing]
    return [*filler.lines("header"), *body]


def _of_order(order: WorkOrder, filler: Filler) -> dict[str, object]:
    """Return the values of one tube; the name is cut where the device takes no more of it."""
    forms, cut = filler.forms, filler.forms.limits.name
    return {
        "specimen": order.specimen_code,
        "place": order.place,
        "priority": forms.priorities.get(order.priority, order.priority),
        "action": _action(order, filler),
        "patient": order.patient_code,
        "patient_name": order.patient_name[:cut] if cut else order.patient_name,
        "birth": order.birth_date,
        "sex": order.sex,
        "ward": order.ward,
        "collected": order.collected,
        "specimen_type": order.specimen_type,
        "order_id": order.order_id,
        **_said_dilution(order.dilution, filler),
    }


def _said_dilution(asked: str, filler: Filler) -> dict[str, object]:
    """The dilution in the model's own notation; the factor alone where that is written around it."""
    form = filler.forms.dilution
    if not asked or not form:
        return {"dilution": asked}
    factor = _FACTOR.fullmatch(asked)
    if factor is None:
        raise UnsendableError(f"{filler.layout.name} is told a factor such as 5 or 1:5, not {asked!r}")
    return {"dilution": "", "diluted": form.replace("{dilution}", factor[1])}


def _action(order: WorkOrder, filler: Filler) -> str:
    if order.action in filler.forms.actions:
        return filler.forms.actions[order.action]
    if order.action in ("new", "rerun"):
        return ""
    raise UnsendableError(f"{filler.layout.name} has no form for {order.action!r}")


def _orders(order: WorkOrder, filler: Filler) -> Iterator[str]:
    values = _of_order(order, filler)
    for number, codes in enumerate(_groups(order, filler), 1):
        tests = filler.forms.between.join(_test(filler, code, order.dilution) for code in codes)
        yield from filler.lines("order", **values, n=number, tests=tests, count=len(codes), code=codes[0])
        for position, code in enumerate(codes, 1):
            yield from filler.lines("test_record", **values, n=position, code=code, tests=tests)


def _groups(order: WorkOrder, filler: Filler) -> list[list[str]]:
    """Return the codes of each order record, within the tests and bytes the device takes of one."""
    forms = filler.forms
    codes = list(dict.fromkeys(_ordered_code(code, forms) for code in order.codes))
    size = 1 if forms.one_order_per_test else forms.limits.tests or len(codes)
    groups = [codes[at : at + size] for at in range(0, len(codes), size)]
    return [piece for group in groups for piece in _within(group, order, filler)]


def _within(codes: list[str], order: WorkOrder, filler: Filler) -> list[list[str]]:
    limit = filler.forms.limits.record
    if not limit or len(codes) == 1:
        return [codes]
    tests = filler.forms.between.join(_test(filler, code, order.dilution) for code in codes)
    lines = filler.lines("order", **_of_order(order, filler), n=1, tests=tests, count=len(codes))
    if all(len(line) < limit for line in lines):
        return [codes]
    half = len(codes) // 2
    return [*_within(codes[:half], order, filler), *_within(codes[half:], order, filler)]


def asked_codes(layout: Layout, codes: Sequence[str], asked: Sequence[str]) -> tuple[str, ...]:
    """Return those of `codes` that a question names; all of them when it names none.

    Where one order stands for several results (Sysmex CA: 040 asks for 041), what is ordered counts.
    """
    forms = layout.order
    if not asked or forms is None:
        return tuple(codes)
    wanted = {_ordered_code(one, forms) for one in asked} | set(asked)
    return tuple(one for one in codes if one in wanted or _ordered_code(one, forms) in wanted)


def _ordered_code(code: str, forms: Forms) -> str:
    """Return what of a result's code is ordered, e.g. the assay without the analyte."""
    found = forms.code_pattern.fullmatch(code) if forms.code_pattern else None
    return found["code"] if found else code


def _test(filler: Filler, code: str, dilution: str, aspect: str = "") -> str:
    form = (filler.forms.diluted if dilution else "") or filler.forms.test
    return filler.fill(form, code=code, dilution=dilution, aspect=aspect)


def _measured(filler: Filler, run: Run) -> Iterator[str]:
    forms = filler.forms
    each = [(one,) for one in run.measurements] if forms.one_order_per_test else [run.measurements]
    for number, group in enumerate(each, 1):
        codes = dict.fromkeys(_test(filler, one.code, one.dilution) for one in group)
        values = {"specimen": run.specimen_code, "tests": forms.between.join(codes), "n": number}
        values |= {"count": len(group), "code": group[0].code if group else ""}
        is_marked = run.control and "control_order" in forms.records
        yield from filler.lines("control_order" if is_marked else "order", **values)
        if run.control:
            yield from filler.lines("control_record", n=1, specimen=run.specimen_code)
        for at, one in enumerate(group, 1):
            yield from _result(filler, one, at)


def _result(filler: Filler, one: Measurement, number: int) -> Iterator[str]:
    values = {name: getattr(one, name) for name in one.__slots__}
    yield from filler.lines("result", n=number, **values)
    yield from filler.lines("comment", n=1, alarm=one.alarm)


def _control_id(header: Header, message: int) -> str:
    """Return an id of at most 20 characters (HL7 v2.5.1 2.15.9.10), unlike those of other moments."""
    first = header.control_id or header.at.astimezone(UTC).strftime("%y%m%d%H%M%S%f")
    return first if message == 1 else f"{first}{message:02}"


def _parts(header: Header) -> dict[str, str]:
    """Return the parts of the device's time, for models that write it in a form of their own."""
    at = header.at.astimezone(header.zone)
    parts = {name: at.strftime(form) for name, form in _PARTS.items()}
    return parts | {"mon": _MONTHS[at.month - 1]}


def _question(query: HostQuery | None) -> dict[str, str]:
    if query is None:
        return {}
    return {"query_tag": query.tag, "query_id": query.control_id, "query": query.raw}


def _escape_of(layout: Layout, forms: Forms) -> Callable[[str], str]:
    if layout.grammar == "hl7":
        return hl7.escape
    if layout.grammar != "astm":
        return partial(_CONTROL.sub, " ")
    try:
        return partial(escape, delimiters=delimiters_of(forms.records["header"][0].format_map(_Blank())))
    except (RecordError, IndexError):
        return escape


def _check_named(layout: Layout, orders: Sequence[WorkOrder], messages: Sequence[Sequence[str]]) -> None:
    """Refuse an order that names no tube: models that are told by place measure whatever stands there."""
    text = "\r".join(record for records in messages for record in records)
    for order in orders:
        code = order.specimen_code
        if order.codes and code.isalnum() and code not in text:
            raise UnsendableError(f"{layout.name} is told by place, so it has to ask for {code} itself")


def _check_length(layout: Layout, specimen_code: str) -> None:
    if len(specimen_code) > layout.specimen_limit:
        raise UnsendableError(
            f"{layout.name} takes at most {layout.specimen_limit} characters: {specimen_code!r}"
        )
