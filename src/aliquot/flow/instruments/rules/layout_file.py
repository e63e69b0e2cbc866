"""The driver file read and checked to the last key. Every error names the file and the key."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from aliquot.flow.instruments.rules.layout import (
    Control,
    DriverError,
    Forms,
    Layout,
    Observation,
    Place,
    Policy,
    QueryLayout,
    ResultLayout,
    TestProposal,
)
from aliquot.wire.astm_link import FramingProfile
from aliquot.wire.astm_records import Delimiters

_PLACE = re.compile(r"([A-Z])-([1-9]\d*)(?:\.([1-9]\d*)(\+)?)?")


class _Table:
    """A table of the file that knows its key path and notices keys nobody asked for."""

    def __init__(self, file: str, path: str, data: Mapping[str, Any]) -> None:
        self.file, self.path, self.data, self.asked = file, path, data, set[str]()

    def fail(self, key: str, reason: str) -> DriverError:
        return DriverError(f"{self.file}: {self.path}{key}: {reason}")

    def get(self, key: str, kind: type | tuple[type, ...], words: str, default: Any = ...) -> Any:
        self.asked.add(key)
        value = self.data.get(key, default)
        if value is ...:
            raise self.fail(key, "is missing")
        if value is not default and (
            not isinstance(value, kind) or (isinstance(value, bool) and kind is int)
        ):
            raise self.fail(key, f"must be {words}")
        return value

    def text(self, key: str, default: Any = ...) -> str:
        return str(self.get(key, str, "a text", default))

    def flag(self, key: str, *, default: bool = False) -> bool:
        return bool(self.get(key, bool, "true or false", default))

    def number(self, key: str, default: int) -> int:
        value = int(self.get(key, int, "a whole number", default))
        if value < 1:
            raise self.fail(key, "must be at least 1")
        return value

    def texts(self, key: str, default: Any = ...) -> tuple[str, ...]:
        value = self.get(key, list, "a list of texts", default)
        if not all(isinstance(one, str) for one in value):
            raise self.fail(key, "must be a list of texts")
        return tuple(value)

    def map(self, key: str, default: Any = ...) -> dict[str, str]:
        value = self.get(key, dict, "a table of texts", default)
        for name, one in value.items():
            if not isinstance(one, str):
                raise self.fail(f"{key}.{name}", "must be a text")
        return dict(value)

    def table(self, key: str, *, optional: bool = False) -> "_Table":
        return _Table(
            self.file, f"{self.path}{key}.", self.get(key, dict, "a table", {} if optional else ...)
        )

    def tables(self, key: str) -> list["_Table"]:
        rows = self.get(key, list, "a list of tables", [])
        return [_Table(self.file, f"{self.path}{key}[{at}].", row) for at, row in enumerate(rows)]

    def place(self, key: str, default: Any = ...) -> Place | None:
        text = self.get(key, str, "a place such as 'R-3.4'", default)
        return None if text is None else self._place(key, text)

    def needed_place(self, key: str) -> Place:
        return self._place(key, self.text(key))

    def places(self, key: str) -> tuple[Place, ...]:
        return tuple(self._place(key, text) for text in self.texts(key))

    def _place(self, key: str, text: str) -> Place:
        found = _PLACE.fullmatch(text)
        if not found:
            raise self.fail(key, f"{text!r} is no place such as 'R-3.4'")
        return Place(found[1], int(found[2]), int(found[3] or 0), found[4] is not None)

    def pattern(self, key: str, default: Any = ...) -> re.Pattern[str] | None:
        text = self.get(key, str, "a regular expression", default)
        try:
            return None if text is None else re.compile(text)
        except re.error as fault:
            raise self.fail(key, f"is no regular expression: {fault}") from None

    def decimal(self, key: str, default: Any = ...) -> Decimal | None:
        text = self.get(key, str, "a number written as text", default)
        try:
            return None if text is None else Decimal(text)
        except InvalidOperation:
            raise self.fail(key, f"{text!r} is no number") from None

    def done(self) -> None:
        for key in self.data:
            if key not in self.asked:
                raise self.fail(key, "is not a key this program knows")


class _File:
    """Reads the sections of one file and gathers the source each of them cites."""

    def __init__(self, file: str, data: Mapping[str, Any]) -> None:
        self.root = _Table(file, "", data)
        self.sources: dict[str, str] = {}

    def section(self, key: str, *, optional: bool = False) -> _Table:
        table = self.root.table(key, optional=optional)
        if table.data or not optional:
            self.cite(table)
        return table

    def cite(self, table: _Table) -> str:
        source = table.text("source")
        if not source.strip():
            raise table.fail("source", "is empty: every rule cites its source")
        self.sources[table.path.rstrip(".")] = source
        return source


def read_layout(file: str, data: Mapping[str, Any]) -> Layout:
    """Return the checked layout of one driver file, or raise DriverError naming the file and the key."""
    reader = _File(file, data)
    about = reader.section("driver")
    text, alarms = reader.section("text"), reader.section("alarms", optional=True)
    identity, specimen = reader.section("identity"), reader.section("specimen")
    statuses = reader.section("statuses")
    layout = Layout(
        model=about.text("model"),
        vendor=about.text("vendor"),
        name=about.text("name"),
        version=about.text("version"),
        framing=_framing(reader),
        charset=text.text("charset"),
        decimal=text.text("decimal"),
        senders=identity.texts("senders"),
        specimen=specimen.places("at"),
        specimen_limit=specimen.number("limit", 40),
        result=_result(reader),
        aspects=_aspects(reader),
        flags=_map(reader, "flags"),
        alarm=alarms.place("at", None),
        alarms=alarms.map("map", {}),
        statuses=statuses.map("map"),
        status_flags=statuses.map("further", {}),
        units=_map(reader, "units"),
        observations=tuple(_observation(reader, table) for table in reader.root.tables("observations")),
        controls=tuple(_control(reader, table) for table in reader.root.tables("controls")),
        query=_query(reader),
        order=_forms(reader, "order"),
        simulation=_forms(reader, "simulation"),
        tests=_tests(reader),
        sources=reader.sources,
        delimiters=Delimiters(),
    )
    for table in (about, text, alarms, identity, specimen, statuses, reader.root):
        table.done()
    return layout


def _framing(reader: _File) -> FramingProfile:
    table = reader.section("link")
    profile = FramingProfile(
        text_limit=table.number("text_limit", 240),
        one_record_per_frame=table.flag("one_record_per_frame", default=True),
        wraps_to_one=table.flag("wraps_to_one"),
        restarts_with_header=table.flag("restarts_with_header"),
    )
    table.done()
    return profile


def _result(reader: _File) -> ResultLayout:
    table = reader.section("result")
    layout = ResultLayout(
        code=table.needed_place("code"),
        code_pattern=table.pattern("code_pattern", None),
        aspect=table.place("aspect", None),
        dilution=table.place("dilution", None),
        operator=table.needed_place("operator"),
        measured_at=table.places("measured_at"),
    )
    table.done()
    return layout


def _aspects(reader: _File) -> dict[str, Policy]:
    policies: dict[str, Policy] = {}
    for aspect, policy in _map(reader, "aspects").items():
        if policy == "report":
            policies[aspect] = "report"
        elif policy == "keep":
            policies[aspect] = "keep"
        else:
            raise reader.root.fail(f"aspects.map.{aspect}", "must be 'report' or 'keep'")
    return policies


def _map(reader: _File, key: str) -> dict[str, str]:
    table = reader.section(key)
    values = table.map("map")
    table.done()
    return values


def _observation(reader: _File, table: _Table) -> Observation:
    reader.cite(table)
    code = table.pattern("code")
    assert code is not None  # a key without default is never None
    observation = Observation(
        code, frozenset(table.texts("raised_flags", [])), table.decimal("raised_from", None)
    )
    table.done()
    return observation


def _control(reader: _File, table: _Table) -> Control:
    reader.cite(table)
    control = Control(
        table.needed_place("at"), frozenset(table.texts("equals", [])), table.texts("prefixes", [])
    )
    if not control.equals and not control.prefixes:
        raise table.fail("equals", "is missing, and so is prefixes")
    table.done()
    return control


def _query(reader: _File) -> QueryLayout | None:
    table = reader.section("query", optional=True)
    if not table.data:
        return None
    layout = QueryLayout(
        specimen=table.needed_place("specimen"),
        components_first=table.flag("components_first"),
        place=table.place("place", None),
        cancel=frozenset(table.texts("cancel")),
    )
    table.done()
    return layout


_ORDER_FORMS = ("header", "patient", "order", "terminator")
_SIMULATION_FORMS = (*_ORDER_FORMS, "control_order", "result", "query")
_OPTIONAL_FORMS = ("comment", "control_record")


def _forms(reader: _File, key: str) -> Forms:
    table = reader.section(key)
    names = _ORDER_FORMS if key == "order" else _SIMULATION_FORMS
    records = {name: table.text(name) for name in names}
    records |= {name: text for name in _OPTIONAL_FORMS if (text := table.text(name, ""))}
    forms = Forms(
        records=records,
        test=table.text("test"),
        one_order_per_test=table.flag("one_order_per_test"),
        nothing=table.texts("nothing") if key == "order" else (),
    )
    nothing = [(f"nothing[{at}]", one) for at, one in enumerate(forms.nothing)]
    _check_forms(table, [("test", forms.test), *records.items(), *nothing])
    table.done()
    return forms


_NAMES = frozenset(
    {"n", "specimen", "place", "tests", "priority", "patient", "code", "dilution", "aspect", "value", "unit"}
    | {"range", "flags", "status", "time", "instrument", "operator", "alarm", "host", "sender", "password"}
)


def _check_forms(table: _Table, forms: Sequence[tuple[str, str]]) -> None:
    for name, form in forms:
        try:
            form.format(**dict.fromkeys(_NAMES, ""))
        except (KeyError, IndexError, ValueError) as fault:
            raise table.fail(name, f"is no usable template: {fault}") from None


def _tests(reader: _File) -> dict[str, TestProposal]:
    proposals: dict[str, TestProposal] = {}
    rows = reader.root.table("tests", optional=True)
    for code in rows.data:
        table = rows.table(code)
        factor = table.decimal("factor", "1")
        proposals[code] = TestProposal(
            code=code,
            loinc=table.text("loinc"),
            unit=table.text("unit"),
            device_unit=table.text("device_unit", ""),
            factor=factor if factor is not None else Decimal(1),
            source=reader.cite(table),
        )
        table.done()
    return proposals
