"""[link] and [grammar]: the engine's profile, filled by the names of its fields, and the grammar."""

import dataclasses
import inspect
import typing
from collections.abc import Mapping
from typing import Any

from aliquot.flow.instruments.rules.layout_file.table import Reader, Table
from aliquot.wire.advia2120_link import Advia2120Profile
from aliquot.wire.astm_link import FramingProfile
from aliquot.wire.dimension_link import DimensionProfile
from aliquot.wire.file_drop import FileProfile
from aliquot.wire.links import LinkProfile
from aliquot.wire.lis3_link import Lis3Profile
from aliquot.wire.mllp import MllpProfile
from aliquot.wire.native.csv_table import Table as CsvTable
from aliquot.wire.native.grammars import GRAMMARS
from aliquot.wire.plain_frames import PlainProfile

PROFILES: Mapping[str, type[LinkProfile]] = {
    "astm": FramingProfile,
    "mllp": MllpProfile,
    "plain": PlainProfile,
    "advia2120": Advia2120Profile,
    "dimension": DimensionProfile,
    "lis3": Lis3Profile,
    "file": FileProfile,
}
RECORDS = ("astm", "hl7")  # the grammars of the standards; all others are native


def read_link(reader: Reader) -> LinkProfile:
    """Return the profile of the protocol [link] names, its switches set as the file says."""
    table = reader.section("link")
    protocol = table.text("protocol", "astm")
    if protocol not in PROFILES:
        raise table.fail("protocol", f"must be one of {', '.join(PROFILES)}")
    profile = PROFILES[protocol]
    switches = _switches(table, profile)
    table.done()
    return profile(**switches)


def read_grammar(reader: Reader) -> tuple[str, Mapping[str, Any]]:
    """Return (kind, options) of [grammar]; without the section ASTM records."""
    table = reader.section("grammar", optional=True)
    kind = table.text("kind", "astm")
    options = {key: one for key, one in table.data.items() if key not in ("kind", "source")}
    table.asked.update(options)
    if kind not in RECORDS and kind not in GRAMMARS:
        raise table.fail("kind", f"must be one of {', '.join((*RECORDS, *GRAMMARS))}")
    known = _options(kind) if kind in GRAMMARS else set()
    for key in options:
        if key not in known:
            raise table.fail(key, "is not a key this program knows")
    return kind, options


def _options(kind: str) -> set[str]:
    """Return the keywords a native grammar takes."""
    if kind == "csv":
        return {one.name for one in dataclasses.fields(CsvTable)}
    return set(inspect.signature(GRAMMARS[kind]).parameters) - {"content", "charset"}


def _switches(table: Table, profile: type) -> dict[str, Any]:
    hints = typing.get_type_hints(profile)
    names = [one for one in hints if one in table.data and one not in ("protocol", "source")]
    return {name: _value(table, name, hints[name]) for name in names}


def _value(table: Table, key: str, kind: Any) -> Any:  # noqa: PLR0911 - one return for each type of field
    """Return the switch of that key, which must be of the field's type."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return table.one_of(key, arguments, arguments[0])
    if kind is bool:
        return table.flag(key)
    if kind is int:
        return table.number(key, 1, least=0)
    if kind is float:
        return float(table.get(key, (int, float), "a number"))
    if kind is bytes:
        return _bytes(table, key)
    if origin in (tuple, frozenset):
        return origin(table.texts(key))
    return table.text(key)


def _bytes(table: Table, key: str) -> bytes:
    r"""A text whose characters are the bytes, e.g. "\r\n" or "\u0003"."""
    try:
        return table.text(key).encode("latin-1")
    except UnicodeEncodeError:
        raise table.fail(key, "must be a text of single-byte characters") from None
