"""The sections of a driver file, each read into its part of the layout."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from aliquot.flow.instruments.rules.layout import (
    AlarmLayout,
    AnswerLayout,
    Identity,
    IndexLayout,
    Layout,
    Mark,
    Observation,
    Place,
    Policy,
    QueryLayout,
    ResultLayout,
    Sign,
    TestProposal,
    TimeLayout,
    ValueLayout,
)
from aliquot.flow.instruments.rules.layout_file.defaults import Defaults, defaults_of
from aliquot.flow.instruments.rules.layout_file.link import read_grammar, read_link
from aliquot.flow.instruments.rules.layout_file.table import Reader, Table
from aliquot.flow.instruments.rules.layout_file.templates import read_forms
from aliquot.flow.instruments.rules.times import zone_named

INDICES = ("H", "I", "L")
NO_INDEX = "-"
"""What a laboratory says of a code that its analyzer uses otherwise."""
POLICIES: tuple[Policy, ...] = ("report", "keep", "drop")


def read_layout(file: str, data: Mapping[str, Any]) -> Layout:
    """Return the checked layout of one driver file, or raise DriverError naming the file and the key."""
    reader = Reader(file, data)
    about = reader.section("driver")
    framing = read_link(reader)
    grammar, options = read_grammar(reader)
    usual = defaults_of(grammar)
    text, specimen = reader.section("text"), reader.section("specimen")
    statuses = reader.section("statuses")
    alarm, alarms = _alarms(reader)
    units, factors, ucum = _units(reader)
    aspects = _aspects(reader)
    layout = Layout(
        model=about.text("model"),
        vendor=about.text("vendor"),
        name=about.text("name"),
        version=about.text("version"),
        framing=framing,
        grammar=grammar,
        grammar_options=options,
        charset=_charset(text, grammar, usual),
        decimal=_decimal(text),
        identity=_identity(reader, usual),
        specimen=specimen.places("at"),
        specimen_pattern=specimen.pattern("pattern", None, group="code"),
        specimen_limit=specimen.number("limit", 40),
        result=_result(reader, usual, statuses),
        value=_value(reader, usual),
        time=_time(reader),
        aspects=aspects,
        flags=_map(reader, "flags"),
        alarm=alarm,
        alarms=alarms,
        statuses=statuses.map("map"),
        status_flags=statuses.map("further", {}),
        units=units,
        unit_factors=factors,
        ucum=ucum,
        marks=tuple(Mark(table.sign(), table.text("flag")) for table in reader.rows("marks")),
        observations=tuple(_observation(table) for table in reader.rows("observations")),
        controls=tuple(table.sign() for table in reader.rows("controls")),
        failures=_failures(reader, usual),
        query=_query(reader, usual),
        answer=_answer(reader, usual),
        order=read_forms(reader, "order", usual),
        simulation=read_forms(reader, "simulation", usual),
        tests=_tests(reader, aspects),
        indices=_indices(reader),
        sources=reader.sources,
    )
    for table in (about, text, specimen, statuses, reader.root):
        table.done()
    return layout


def _charset(text: Table, grammar: str, usual: Defaults) -> str:
    charset = text.text("charset") if grammar == "astm" else text.text("charset", usual.charset)
    if charset == "auto" or (charset == "declared" and grammar == "hl7"):
        return charset
    try:
        "".encode(charset)
    except LookupError:
        raise text.fail("charset", f"{charset!r} is no known charset") from None
    return charset


def _decimal(text: Table) -> str:
    decimal = text.text("decimal")
    if not decimal or not set(decimal) <= {".", ","}:
        raise text.fail("decimal", "must be '.', ',' or '.,' where the device's language decides")
    return decimal


def _identity(reader: Reader, usual: Defaults) -> Identity:
    table = reader.section("identity")
    identity = Identity(
        senders=table.texts("senders"),
        pattern=table.pattern("pattern", None),
        at=table.places("at", list(usual.sender)),
        signs=tuple(_signs(table, "signs")),
    )
    table.done()
    return identity


def _signs(table: Table, key: str) -> list[Sign]:
    """The signs of a list inside a section; they stand under the section's source."""
    signs: list[Sign] = []
    for row in table.tables(key):
        signs.append(row.sign())
        row.done()
    return signs


def _result(reader: Reader, usual: Defaults, statuses: Table) -> ResultLayout:
    table = reader.section("result")
    flags = reader.root.table("flags", optional=True)
    layout = ResultLayout(
        code=table.places("code"),
        code_pattern=table.pattern("code_pattern", None, group="code"),
        code_separator=table.text("code_separator", ""),
        aspect=table.places("aspect", []),
        dilution=table.places("dilution", []),
        unit=table.places("unit", list(usual.unit)),
        range=table.places("range", list(usual.range)),
        flags=flags.places("at", list(usual.flags)),
        flag_separator=flags.text("separator", ""),
        status=statuses.places("at", list(usual.status)),
        instrument=table.places("instrument", list(usual.instrument)),
        operator=table.places("operator", list(usual.operator)),
        measured_at=table.places("measured_at", list(usual.measured_at)),
    )
    table.done()
    return layout


def _value(reader: Reader, usual: Defaults) -> ValueLayout:
    table = reader.section("value", optional=True)
    layout = ValueLayout(
        at=table.places("at", list(usual.value)),
        pattern=table.pattern("pattern", None, group="value"),
        words=table.map("words", {}),
        failed=frozenset(table.texts("failed", [])),
        comparators=_comparators(table),
        empty=table.one_of("empty", ("reading", "other", "not_performed"), "reading"),
    )
    table.done()
    return layout


def _comparators(table: Table) -> dict[str, str]:
    comparators = table.map("comparators", {})
    for name, one in comparators.items():
        if one not in ("<", ">", "<=", ">="):
            raise table.fail(f"comparators.{name}", "must be '<', '>', '<=' or '>='")
    return comparators


def _time(reader: Reader) -> TimeLayout:
    table = reader.section("time", optional=True)
    zone = table.text("zone", "")
    if zone and zone_named(zone) is None:
        raise table.fail("zone", f"{zone!r} is no time zone such as 'Europe/Berlin' or '+03:00'")
    layout = TimeLayout(zone, table.texts("formats", []))
    table.done()
    return layout


def _aspects(reader: Reader) -> dict[str, Policy]:
    table = reader.section("aspects")
    policies: dict[str, Policy] = {}
    for aspect, said in table.map("map").items():
        policy = next((one for one in POLICIES if one == said), None)
        if policy is None:
            raise table.fail(f"map.{aspect}", "must be 'report', 'keep' or 'drop'")
        policies[aspect] = policy
    table.done()
    return policies


def _map(reader: Reader, key: str) -> dict[str, str]:
    table = reader.section(key)
    values = table.map("map")
    table.asked.update(("at", "separator"))  # read with [result]
    table.done()
    return values


def _alarms(reader: Reader) -> tuple[AlarmLayout | None, dict[str, str]]:
    table = reader.section("alarms", optional=True)
    if not table.data:
        return None, {}
    when = table.table("when", optional=True)
    alarm = AlarmLayout(table.places("at"), when.sign() if when.data else None, table.flag("of_order"))
    when.done()
    names = table.map("map", {})
    table.done()
    return alarm, names


def _units(reader: Reader) -> tuple[dict[str, str], dict[str, Decimal], bool]:
    """Return (units, factors of those that carry one, whether valid UCUM needs no entry)."""
    table = reader.section("units")
    units: dict[str, str] = {}
    factors: dict[str, Decimal] = {}
    for name, said in table.get("map", dict, "a table of units", {}).items():
        units[name], factor = _unit(table, name, said)
        if factor != 1:
            factors[name] = factor
    ucum = table.flag("ucum")
    table.done()
    return units, factors, ucum


def _unit(table: Table, name: str, said: object) -> tuple[str, Decimal]:
    if isinstance(said, str):
        return said, Decimal(1)
    if not isinstance(said, dict) or set(said) != {"unit", "factor"}:
        raise table.fail(f"map.{name}", 'must be a text or {unit = "...", factor = "..."}')
    try:
        factor = Decimal(str(said["factor"]))
    except InvalidOperation:
        factor = Decimal(0)
    if not factor.is_finite() or factor <= 0:
        raise table.fail(f"map.{name}.factor", f"{said['factor']!r} is no positive number")
    return str(said["unit"]), factor


def _observation(table: Table) -> Observation:
    sign = table.sign() if "at" in table.data else None
    code = table.pattern("code", ... if sign is None else None)
    raised = frozenset(table.texts("raised_flags", []))
    return Observation(code, sign, raised, table.decimal("raised_from", None))


def _failures(reader: Reader, usual: Defaults) -> tuple[Sign, ...]:
    return tuple(table.sign() for table in reader.rows("failures")) or _usual_signs(usual.failures)


def _usual_signs(rows: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Sign, ...]:
    return tuple(Sign(_place(at), frozenset(texts)) for at, texts in rows)


def _place(text: str) -> Place:
    return Table("", "", {"at": text}).needed_place("at")


def _query(reader: Reader, usual: Defaults) -> QueryLayout | None:
    table = reader.section("query", optional=True)
    if not table.data:
        return None
    cancel = table.texts("cancel", [])
    layout = QueryLayout(
        specimen=table.places("specimen"),
        pattern=table.pattern("pattern", None, group="code"),
        components_first=table.flag("components_first"),
        tests=table.place("tests", usual.tests),
        place=table.place("place", None),
        cancel=(*((Sign(Place("Q", 13), frozenset(cancel)),) if cancel else ()), *_signs(table, "cancelled")),
        all=tuple(_signs(table, "all")),
    )
    table.done()
    return layout


def _answer(reader: Reader, usual: Defaults) -> AnswerLayout:
    table = reader.section("answer", optional=True)
    layout = AnswerLayout(
        accepted=tuple(_signs(table, "accepted")) or _usual_signs(usual.accepted),
        refused=tuple(_signs(table, "refused")) or _usual_signs(usual.refused),
        reason=table.places("reason", list(usual.reason)),
        specimen=table.places("specimen", []),
        control_id=table.places("control_id", list(usual.answered)),
    )
    table.done()
    return layout


def _indices(reader: Reader) -> IndexLayout:
    table = reader.section("indices", optional=True)
    codes = table.map("map", {} if not table.data else ...)
    for code, index in codes.items():
        if index not in INDICES:
            raise table.fail(f"map.{code}", f"must be one of {', '.join(INDICES)}")
    factors = _positive(table.table("factors", optional=True))
    rows = table.table("grades", optional=True)
    grades = {index: _levels(rows.table(index)) for index in rows.data}
    for index in (*factors, *grades):
        if index not in codes.values():
            raise table.fail(index, "is no index of this file")
    rows.done()
    table.done()
    return IndexLayout(codes, factors, {}, grades)


def _positive(table: Table) -> dict[str, Decimal]:
    found = _levels(table)
    for key, one in found.items():
        if one <= 0:
            raise table.fail(key, "must be greater than 0")
    return found


def _levels(table: Table) -> dict[str, Decimal]:
    """Numbers from 0 by the texts that stand for them."""
    found: dict[str, Decimal] = {}
    for key in table.data:
        number = table.decimal(key)
        if number is None or not number.is_finite() or number < 0:
            raise table.fail(key, "must be a number from 0")
        found[key] = number
    return found


def _tests(reader: Reader, aspects: Mapping[str, Policy]) -> dict[str, TestProposal]:
    proposals: dict[str, TestProposal] = {}
    rows = reader.root.table("tests", optional=True)
    for code in rows.data:
        table = rows.table(code)
        factor = table.decimal("factor", "1")
        aspect = table.text("aspect", "")
        if aspect and aspect not in aspects:
            raise table.fail("aspect", f"{aspect!r} is not an aspect of this file")
        proposals[code] = TestProposal(
            code=code,
            loinc=table.text("loinc"),
            unit=table.text("unit"),
            device_unit=table.text("device_unit", ""),
            factor=factor if factor is not None else Decimal(1),
            source=reader.cite(table),
            aspect=aspect,
        )
        table.done()
    return proposals
