"""A rule set as people read it: rule by rule, key by key; two texts compared; one rule written anew."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

from aliquot.flow.verification.rules.document.problems import gettext_noop

What = Literal["added", "removed", "changed"]
PAIR = 2
SPANS = frozenset({"autoverification", "critical", "absurd"})
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "acknowledge_minutes": gettext_noop("minutes until it is acknowledged"),
        "absurd.high": gettext_noop("not credible above"),
        "absurd.low": gettext_noop("not credible below"),
        "add": gettext_noop("tests that are added"),
        "age_from": gettext_noop("from this age on"),
        "age_to": gettext_noop("to below this age"),
        "agree_absolute": gettext_noop("runs agree within"),
        "agree_percent": gettext_noop("runs agree within, %"),
        "analytical_percent": gettext_noop("analytical limit, %"),
        "autoverification.high": gettext_noop("released up to"),
        "autoverification.low": gettext_noop("released from"),
        "bias": gettext_noop("bias by level, %"),
        "bill": gettext_noop("is billed"),
        "calibration": gettext_noop("calibration must be valid"),
        "code": gettext_noop("code"),
        "consent": gettext_noop("consent"),
        "critical.high": gettext_noop("critical above"),
        "critical.low": gettext_noop("critical below"),
        "cva": gettext_noop("analytical variation, %"),
        "cvi": gettext_noop("biological variation, %"),
        "diagnoses": gettext_noop("diagnoses (ICD-10) that begin with"),
        "dilutions": gettext_noop("dilutions"),
        "direction": gettext_noop("direction"),
        "from": gettext_noop("from"),
        "high": gettext_noop("measuring range to"),
        "hold": gettext_noop("holds"),
        "index": gettext_noop("index"),
        "inpatient": gettext_noop("of a ward"),
        "kind": gettext_noop("kind"),
        "kinds": gettext_noop("kinds of places"),
        "ladder": gettext_noop("who is told, after how many minutes"),
        "limit": gettext_noop("limit"),
        "low": gettext_noop("measuring range from"),
        "minutes": gettext_noop("minutes until a correction is acknowledged"),
        "missing": gettext_noop("when a value is missing"),
        "mode": gettext_noop("compared as"),
        "most": gettext_noop("at most, times"),
        "pregnant": gettext_noop("pregnant"),
        "pressing_minutes": gettext_noop("minutes when it presses"),
        "qc": gettext_noop("states of control that release"),
        "rcv_percent": gettext_noop("reference change value, %"),
        "reagent": gettext_noop("reagent must be valid"),
        "repeat.change_percent": gettext_noop("noted again when changed by less than, %"),
        "repeat.hours": gettext_noop("noted when told within, hours"),
        "reason": gettext_noop("reason of the deviation"),
        "sex": gettext_noop("sex"),
        "sites": gettext_noop("laboratories"),
        "source": gettext_noop("source"),
        "suppress": gettext_noop("suppresses the result"),
        "suppress_from": gettext_noop("suppressed from this level on"),
        "tell_minutes": gettext_noop("minutes until somebody is told"),
        "tests": gettext_noop("tests"),
        "text_en": gettext_noop("words in English"),
        "text_ru": gettext_noop("words in Russian"),
        "urgency": gettext_noop("urgency"),
        "wards": gettext_noop("wards"),
        "when": gettext_noop("condition"),
        "window": gettext_noop("compared within"),
    }
)
"""What the keys of a rule are called; a key that is not here speaks for itself."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A rule that only one of two texts has, or that says otherwise: (key, before, after) of each change."""

    code: str
    what: What
    changes: tuple[tuple[str, str, str], ...] = ()


def label(key: str, translate: Callable[[str], str] = gettext_noop) -> str:
    """What a key is called, in the language of `translate`."""
    short = key.removeprefix("new.").removeprefix("population.").removeprefix("place.")
    return translate(LABELS[short]) if short in LABELS else short


def said(text: str) -> dict[str, dict[str, str]]:
    """Rules and policies of a text by code, each as what its keys say; nothing when it cannot be read."""
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError:
        return {}
    found = {}
    for key in ("rule", "deviation", "critical_policy"):
        for one in table.get(key, []):
            if isinstance(one, dict):
                code = str(one.get("code", one.get("rule", "")))
                found[code] = {name: shown(value) for name, value in flat(one).items()}
    if isinstance(told := table.get("correction_policy"), dict):
        found["correction_policy"] = {name: shown(value) for name, value in flat(told).items()}
    return found


def differences(before: str, after: str) -> list[Difference]:
    """What the second text says otherwise than the first, rule by rule in its own order."""
    old, new = said(before), said(after)
    found = []
    for code, fields in new.items():
        if code not in old:
            found.append(Difference(code, "added", tuple((key, "", value) for key, value in fields.items())))
        elif old[code] != fields:
            keys = dict.fromkeys([*old[code], *fields])
            pairs = [(key, old[code].get(key, ""), fields.get(key, "")) for key in keys]
            found.append(Difference(code, "changed", tuple(one for one in pairs if one[1] != one[2])))
    gone = [
        Difference(code, "removed", tuple((key, value, "") for key, value in fields.items()))
        for code, fields in old.items()
        if code not in new
    ]
    return found + gone


def flat(table: Mapping[str, Any], within: str = "") -> dict[str, Any]:
    """A table with dotted keys; a pair of limits is its two sides."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= flat(value, f"{within}{key}.")
        elif key in SPANS and isinstance(value, list) and len(value) == PAIR:
            found[f"{within}{key}.low"], found[f"{within}{key}.high"] = value
        else:
            found[within + key] = value
    return found


def shown(value: object) -> str:
    """A value as it is read: texts without quotes, lists with commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return ", ".join(" ".join(map(str, one.values())) for one in value)
    return str(value) if isinstance(value, str | int | Decimal) else literal(value)


def block_of(text: str, code: str) -> tuple[int, int] | None:
    """The lines of a rule, first and past the last, from 0; None when the text has no such rule."""
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if re.match(r"\s*\[\[|\[\w+\]", line)]
    for start, following in zip(heads, [*heads[1:], len(lines)], strict=True):
        own = "\n".join(lines[start:following])
        named = rf"""(?m)^\s*code\s*=\s*["']{re.escape(code)}["']"""
        if re.match(r"\s*\[\[rule\]\]", own) and re.search(named, own):
            said_here = [n for n in range(start, following) if lines[n].partition("#")[0].strip()]
            return start, said_here[-1] + 1
    return None


def fields_of(text: str, code: str) -> dict[str, Any] | None:
    """The keys of one rule with their values, dotted; None when it cannot be read."""
    place = block_of(text, code)
    if place is None:
        return None
    try:
        own = tomllib.loads("\n".join(text.splitlines()[slice(*place)]), parse_float=Decimal)
    except tomllib.TOMLDecodeError:
        return None
    return flat(own["rule"][0])


def with_fields(text: str, code: str, given: Mapping[str, Any]) -> str:
    """The text with this rule written anew from dotted keys; everything around it stays as it stands."""
    place = block_of(text, code)
    if place is None:
        raise KeyError(code)
    lines = text.splitlines()
    lines[slice(*place)] = written(given)
    return "\n".join(lines) + "\n"


def written(given: Mapping[str, Any]) -> list[str]:
    """A rule as lines of TOML: its own keys, then its tables."""
    own: dict[str, Any] = {}
    tables: dict[str, dict[str, Any]] = {}
    for key, value in given.items():
        head, _, rest = key.partition(".")
        if head in SPANS:
            own.setdefault(head, ["", ""])[0 if rest == "low" else 1] = value
        elif rest:
            tables.setdefault(head, {})[rest] = value
        else:
            own[key] = value
    lines = ["[[rule]]", *(f"{name} = {literal(value)}" for name, value in own.items())]
    for head, values in tables.items():
        lines += [f"[rule.{head}]", *(f"{_key(name)} = {literal(value)}" for name, value in values.items())]
    return lines


def read_field(words: str, was: object) -> Any:
    """What somebody typed for a value, of the kind that it was; raises ValueError for anything else.

    A number stays a number, a list of texts is written with commas, anything deeper as TOML.
    """
    words = words.strip()
    if isinstance(was, bool):
        return words in {"true", "on"}
    if isinstance(was, int | Decimal) or (was == "" and re.fullmatch(r"-?\d+(?:[.,]\d+)?", words)):
        if not words:
            return ""
        if not re.fullmatch(r"-?\d+(?:[.,]\d+)?", words):
            raise ValueError(words)
        return Decimal(words.replace(",", "."))
    if isinstance(was, list) and all(isinstance(one, str) for one in was):
        return [one.strip() for one in words.split(",") if one.strip()]
    if isinstance(was, str):
        return words
    return tomllib.loads(f"value = {words}", parse_float=Decimal)["value"]


def literal(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(literal, value)) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else literal(name)
