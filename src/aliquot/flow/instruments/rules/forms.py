"""Messages to an analyzer, and those a simulated one sends: a driver's templates filled with values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from aliquot.flow.instruments.rules.layout import Forms, Layout
from aliquot.flow.instruments.rules.reading import Measurement, Run, WorkOrder
from aliquot.wire.astm_records import escape

_RAW = frozenset({"tests", "range", "flags", "status", "place"})  # already in the record's own notation


class UnsendableError(ValueError):
    """A message cannot be written in this model's form; the words say which value is wrong."""


@dataclass(frozen=True, slots=True)
class Header:
    """What an H record says: the moment, and the names the two sides know each other by."""

    at: datetime
    zone: tzinfo = UTC  # the device's
    host: str = "ALIQUOT"
    password: str = ""  # H-4, where a model insists on one

    @property
    def time(self) -> str:
        return self.at.astimezone(self.zone).strftime("%Y%m%d%H%M%S")


def fill(form: str, **values: object) -> str:
    """Return one record: the template's names replaced by escaped values; names without value are empty."""
    texts = {name: str(one) if name in _RAW else escape(str(one)) for name, one in values.items()}
    return form.format_map(_Blank(texts))


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def order_records(layout: Layout, orders: Sequence[WorkOrder], header: Header) -> list[bytes]:
    """Return the records that tell the analyzer what to do with these tubes.

    Without any test the model's own negative answer is returned. Raises UnsendableError when a tube's
    number is longer than the model accepts, because a shortened one names another tube.
    """
    forms, time = layout.order, header.time
    records = [_header(layout, forms, header)]
    wanted = [order for order in orders if order.codes]
    for number, order in enumerate(wanted, 1):
        _check_length(layout, order.specimen_code)
        records.append(fill(forms.records["patient"], n=number, patient=order.patient_code))
        records += _orders(forms, order, time)
    if wanted:
        records.append(fill(forms.records["terminator"]))
    else:
        first = orders[0] if orders else WorkOrder("", ())
        values = {"specimen": first.specimen_code, "place": first.place, "time": time}
        records += [fill(one, n=1, **values) for one in forms.nothing]
    return _encoded(records, layout)


def result_records(layout: Layout, runs: Sequence[Run], header: Header) -> list[bytes]:
    """Return the message a simulated analyzer of this model sends after measuring these tubes."""
    forms = layout.simulation
    records = [_header(layout, forms, header)]
    for number, run in enumerate(runs, 1):
        _check_length(layout, run.specimen_code)
        records.append(fill(forms.records["patient"], n=number))
        records += _measured(forms, run, header.time)
    records.append(fill(forms.records["terminator"]))
    return _encoded(records, layout)


def query_records(layout: Layout, specimen_code: str, place: str, header: Header) -> list[bytes]:
    """Return the message by which a simulated analyzer of this model asks about one tube."""
    forms = layout.simulation
    _check_length(layout, specimen_code)
    records = [
        _header(layout, forms, header),
        fill(forms.records["query"], n=1, specimen=specimen_code, place=place),
        fill(forms.records["terminator"]),
    ]
    return _encoded(records, layout)


def _orders(forms: Forms, order: WorkOrder, time: str) -> Iterator[str]:
    tests = [fill(forms.test, code=code) for code in order.codes]
    groups = [[one] for one in tests] if forms.one_order_per_test else [tests]
    for number, group in enumerate(groups, 1):
        yield fill(
            forms.records["order"],
            n=number,
            specimen=order.specimen_code,
            place=order.place,
            tests="\\".join(group),
            priority=order.priority,
            time=time,
        )


def _measured(forms: Forms, run: Run, time: str) -> Iterator[str]:
    each = [(one,) for one in run.measurements] if forms.one_order_per_test else [run.measurements]
    for number, group in enumerate(each, 1):
        tests = "\\".join(dict.fromkeys(_test(forms, one) for one in group))
        name = "control_order" if run.control else "order"
        yield fill(forms.records[name], n=number, specimen=run.specimen_code, tests=tests, time=time)
        if run.control and "control_record" in forms.records:
            yield fill(forms.records["control_record"], n=1, specimen=run.specimen_code)
        for at, one in enumerate(group, 1):
            yield from _result(forms, one, at, time)


def _test(forms: Forms, one: Measurement) -> str:
    return fill(forms.test, code=one.code, dilution=one.dilution)


def _result(forms: Forms, one: Measurement, number: int, time: str) -> Iterator[str]:
    values = {name: getattr(one, name) for name in one.__slots__}
    yield fill(forms.records["result"], n=number, time=time, **values)
    if "comment" in forms.records:
        yield fill(forms.records["comment"], n=1, alarm=one.alarm)


def _header(layout: Layout, forms: Forms, header: Header) -> str:
    sender = layout.senders[0] if layout.senders else layout.name
    names = {"host": header.host, "password": header.password, "sender": sender}
    return fill(forms.records["header"], time=header.time, **names)


def _check_length(layout: Layout, specimen_code: str) -> None:
    if len(specimen_code) > layout.specimen_limit:
        raise UnsendableError(
            f"{layout.name} takes at most {layout.specimen_limit} characters: {specimen_code!r}"
        )


def _encoded(records: Sequence[str], layout: Layout) -> list[bytes]:
    try:
        return [record.encode(layout.charset) for record in records]
    except UnicodeEncodeError as fault:
        letters = fault.object[fault.start : fault.end]
        raise UnsendableError(f"{layout.name} cannot be sent {letters!r} ({layout.charset})") from None
