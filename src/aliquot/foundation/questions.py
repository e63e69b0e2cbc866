"""One JSON object from a file or from standard input, as commands are asked with it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


class UnreadableQuestionError(ValueError):
    """The input is no JSON object that can be read; the text says why, and what to give instead."""


def read_content(file: str) -> bytes:
    """The bytes of a file, or of standard input for `-`; UnreadableQuestionError says what is in the way."""
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as fault:
        raise UnreadableQuestionError(f"{file} cannot be read: {fault.strerror or fault}.") from fault


def read_object(content: bytes, *, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """The object that the content is, in UTF-8 with or without a mark; numbers with a point by `parse_float`.

    UnreadableQuestionError for what is no JSON, no object, names something twice, is nested too deeply or
    holds NaN or Infinity, which JSON does not have.
    """
    try:
        found = json.loads(
            content.decode("utf-8-sig"),
            parse_float=parse_float,
            parse_constant=_no_number,
            object_pairs_hook=_without_repetition,
        )
    except (json.JSONDecodeError, UnicodeDecodeError) as fault:
        words = f"The input is no JSON: {fault}. Give one object such as {{...}}."
        raise UnreadableQuestionError(words) from fault
    except RecursionError as fault:
        raise UnreadableQuestionError("The input is nested too deeply: give one flat object.") from fault
    if not isinstance(found, dict):
        raise UnreadableQuestionError("The input is no JSON object: give names and values in braces.")
    return found


def _no_number(text: str) -> None:
    raise UnreadableQuestionError(f"{text} is no number.")


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableQuestionError("A name stands twice in the input: leave one of them.")
    return found
