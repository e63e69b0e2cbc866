"""[order] and [simulation]: templates of records, whose names are checked when the file is read."""

from collections.abc import Iterable
from dataclasses import replace

from aliquot.flow.instruments.rules.layout import Forms, Limits
from aliquot.flow.instruments.rules.layout_file.defaults import Defaults
from aliquot.flow.instruments.rules.layout_file.table import Reader, Table

_NEEDED = {"order": ("header", "order"), "simulation": ("header", "order", "result")}
_OPTIONAL = {
    "order": ("patient", "test_record", "terminator", "response"),
    "simulation": (
        "patient",
        "control_order",
        "control_record",
        "comment",
        "terminator",
        "query",
        "query_header",
    ),
}
_ACTIONS = ("new", "cancel", "add", "rerun")
NAMES = frozenset(
    {"n", "specimen", "place", "tests", "count", "priority", "action", "patient", "patient_name", "birth"}
    | {
        "sex",
        "code",
        "dilution",
        "diluted",
        "aspect",
        "value",
        "unit",
        "range",
        "flags",
        "status",
        "time",
        "date",
    }
    | {"alarm", "host", "sender", "id", "order_id", "specimen_type"}
    | {"query", "query_tag", "query_id", "collected", "ward", "orders"}
    | {"yyyy", "yy", "mm", "dd", "hh", "mi", "ss", "mon"}
)


def read_forms(reader: Reader, key: str, usual: Defaults) -> Forms | None:
    """Return the templates of a section; None where the model takes no orders or is not simulated."""
    table = reader.section(key, optional=True)
    if not table.data:
        return None
    records = {name: table.lines(name) for name in _NEEDED[key]}
    records |= {name: table.lines(name) for name in _OPTIONAL[key] if name in table.data}
    forms = Forms(
        records=records,
        test=table.text("test"),
        diluted=table.text("diluted", ""),
        dilution=table.text("dilution", ""),
        between=table.text("between", usual.between),
        one_order_per_test=table.flag("one_order_per_test"),
        join=table.flag("join"),
    )
    if key == "order":
        forms = _with_orders(table, forms)
    _check(table, _templates(forms))
    table.done()
    return forms


def _with_orders(table: Table, forms: Forms) -> Forms:
    """Return the templates with what only orders have: how they are named, parted and refused."""
    return replace(
        forms,
        code_pattern=table.pattern("code_pattern", None, group="code"),
        one_message_per_specimen=table.flag("one_message_per_specimen"),
        nothing=table.lines("nothing"),
        actions=_actions(table),
        priorities=table.map("priorities", {}),
        limits=_limits(table),
    )


def _actions(table: Table) -> dict[str, str]:
    actions = table.map("actions", {})
    for name in actions:
        if name not in _ACTIONS:
            raise table.fail(f"actions.{name}", f"must be one of {', '.join(_ACTIONS)}")
    return actions


def _limits(table: Table) -> Limits:
    inner = table.table("limits", optional=True)
    limits = Limits(
        tests=inner.number("tests", 0, least=0),
        specimens=inner.number("specimens", 0, least=0),
        record=inner.number("record", 0, least=0),
        message=inner.number("message", 0, least=0),
        name=inner.number("name", 0, least=0),
    )
    inner.done()
    return limits


def _templates(forms: Forms) -> Iterable[tuple[str, str]]:
    yield "test", forms.test
    yield "diluted", forms.diluted
    yield "dilution", forms.dilution
    for name, lines in {**forms.records, "nothing": forms.nothing}.items():
        for at, line in enumerate(lines):
            yield name if len(lines) == 1 else f"{name}[{at}]", line


def _check(table: Table, templates: Iterable[tuple[str, str]]) -> None:
    for name, form in templates:
        try:
            form.format(**dict.fromkeys(NAMES, ""))
        except (KeyError, IndexError, ValueError) as fault:
            raise table.fail(name, f"is no usable template: {fault}") from None
