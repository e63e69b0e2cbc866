"""The native grammars by the name a driver uses for them."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from aliquot.wire.astm_records import Message
from aliquot.wire.native import (
    advia1800,
    advia2120,
    csv_table,
    dimension,
    line_report,
    lis3,
    mindray_bc3000,
    spotchem,
    sysmex_ca,
    vidas,
)

Grammar: TypeAlias = Callable[..., list[Message]]
"""`parse(content, charset, **options)`: the messages of one content, or RecordError; options are keywords."""

GRAMMARS: Mapping[str, Grammar] = {
    "advia1800": advia1800.parse,
    "advia2120": advia2120.parse,
    "csv": csv_table.parse,
    "dimension": dimension.parse,
    "line_report": line_report.parse,
    "lis3": lis3.parse,
    "mindray_bc3000": mindray_bc3000.parse,
    "spotchem": spotchem.parse,
    "sysmex_ca": sysmex_ca.parse,
    "vidas": vidas.parse,
}
