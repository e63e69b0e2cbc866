"""JSON read strictly: what another parser would let pass, or the database could not keep, is named."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from aliquot.flow.exchange.rules.issues import ERROR, FATAL, Issue

MOST_BYTES: Final = 1_000_000
_DEEPEST: Final = 40
_UNKEEPABLE: Final = re.compile("[\x00\ud800-\udfff]")


class JsonObject(dict[str, Any]):
    """An object of JSON that remembers which of its names came twice."""

    repeated: tuple[str, ...] = ()


def parse_json(content: bytes) -> tuple[Any, list[Issue]]:
    """The value and nothing, or None and what is wrong. Numbers with a point become Decimal.

    Refused: not UTF-8, not JSON, NaN and Infinity, a name twice in one object (RFC 8259, 4: unpredictable),
    characters that cannot be kept, more than a million bytes, more than 40 levels.
    """
    if len(content) > MOST_BYTES:
        return None, [
            _fatal("too-long", f"The document has {len(content)} bytes.", f"Send at most {MOST_BYTES}.")
        ]
    try:
        value = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError as error:
        return None, [_fatal("structure", f"Byte {error.start} is not UTF-8.", "Send the document in UTF-8.")]
    except RecursionError:
        return None, [_fatal("too-long", "The document is nested too deeply.", "Send a flatter document.")]
    except ValueError as error:
        return None, [_fatal("structure", f"This is not JSON: {error}.", "Send one JSON object.")]
    faults = list(_faults(value, "", 0))
    return (None, faults) if faults else (value, [])


def _object(pairs: list[tuple[str, Any]]) -> JsonObject:
    made = JsonObject(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        made.repeated = tuple(sorted({name for name in names if names.count(name) > 1}))
    return made


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number in JSON")


def _faults(value: Any, path: str, depth: int) -> Iterator[Issue]:
    if depth > _DEEPEST:
        yield Issue(ERROR, "too-long", "The document is nested too deeply.", "Send a flatter document.", path)
    elif isinstance(value, JsonObject):
        yield from _object_faults(value, path, depth)
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _faults(one, f"{path}[{place}]", depth + 1)
    elif isinstance(value, str) and _UNKEEPABLE.search(value):
        yield Issue(
            ERROR,
            "value",
            "The text holds a character that is none (NUL or half a pair).",
            "Remove it.",
            path,
        )


def _object_faults(value: JsonObject, path: str, depth: int) -> Iterator[Issue]:
    # a resource names the beginning of the path, as FHIRPath does
    start = path or str(value.get("resourceType") or "")
    for name in value.repeated:
        yield Issue(
            ERROR,
            "structure",
            f"The name {name!r} stands twice in one object.",
            "Say it once.",
            f"{start}.{name}".lstrip("."),
        )
    for name, one in value.items():
        if _UNKEEPABLE.search(name):
            yield Issue(ERROR, "structure", "A name holds a character that is none.", "Remove it.", start)
        else:
            yield from _faults(one, f"{start}.{name}".lstrip("."), depth + 1)


def _fatal(code: str, diagnostics: str, remedy: str) -> Issue:
    return Issue(FATAL, code, diagnostics, remedy)
