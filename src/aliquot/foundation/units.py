"""UCUM units: which codes are valid, and values from one unit into another, exactly.

Source: The Unified Code for Units of Measure, version 2.2. ucumvert reads a code and brings UCUM's own table
of units (`ucum-essence.xml`); pint does the algebra with Decimal. Both are loaded when the first unit is
asked for (a third of a second, 24 MB); what was read once is kept per code and per pair of codes.

ucumvert is corrected where it departs from the specification:
* a number takes no exponent (grammar, section 2.4): `10+3/ul` is no unit, and `103` is one hundred and three;
* every definition is UCUM's own, not pint's: `[ly]`, `[mu_0]`, `[pi]`, `mol`, the calendar, the old inches;
* an arbitrary unit converts into no other (section 3.2, paragraph 24);
* special units (`Cel`, `[pH]`, `B[V]` ...) are functions of a unit (paragraphs 21 and 22), never factors.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from lark import Tree

_PRECISE = Context(prec=34)
_KEPT = Context(prec=28)
"""Digits of every step, and of the outcome: what the steps round does not show."""

Dimension = tuple[tuple[str, int], ...]


class UnitError(ValueError):
    """A code that UCUM does not have, or a pair of units that do not convert; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a code means: how many base units one of it is, of which dimensions, through which function."""

    code: str
    factor: Decimal
    dimension: Dimension
    special: str = ""
    prefix: Decimal = Decimal(1)


class _Special(NamedTuple):
    """The function of a special unit: `into` gives multiples of its defining unit, `back` the reverse."""

    into: Callable[[Decimal], Decimal]
    back: Callable[[Decimal], Decimal]


def is_valid(code: str) -> bool:
    """Whether `code` is a case-sensitive UCUM code (section 2.4 of the specification)."""
    try:
        _tree(code)
    except UnitError:
        return False
    return True


@lru_cache(maxsize=4096)
def unit(code: str) -> Unit:
    """What `code` means. Raises UnitError when it is no UCUM code or mixes a special unit into a product."""
    tree = _tree(code)
    table = _table()
    found = sorted({str(token) for token in _tokens(tree)} & table.specials.keys())
    if not found:
        factor, dimension = table.measure(tree)
        return Unit(code, factor, dimension)
    return _special_unit(code, tree, found[0])


def convert(value: Decimal, source: str, target: str, *, molar_mass: Decimal | None = None) -> Decimal:
    """`value` of the unit `source` in the unit `target`; both are UCUM codes.

    `molar_mass` (g/mol) lets an amount of substance become a mass and the reverse. The value is right to
    28 digits. Raises UnitError, which names the units, when they do not convert.
    """
    if not value.is_finite():
        raise UnitError(f"{value} is no amount; only a finite number can be converted.")
    if source == target:
        unit(source)
        return value
    with localcontext(_PRECISE):
        one, other = unit(source), unit(target)
        is_linear = not (one.special or other.special)
        found = (
            value * _ratio(source, target, molar_mass) if is_linear else _outof(other, _into(one, value), one)
        )
    return _KEPT.plus(found)


def are_commensurable(source: str, target: str) -> bool:
    """Whether values of one unit can be said in the other without knowing the substance."""
    one, other = unit(source), unit(target)
    return one.dimension == other.dimension


@lru_cache(maxsize=4096)
def _ratio(source: str, target: str, molar_mass: Decimal | None) -> Decimal:
    one, other = unit(source), unit(target)
    if one.dimension == other.dimension:
        return one.factor / other.factor
    grams = _mass_between(one.dimension, other.dimension)
    if grams is None:
        raise UnitError(f"{source} does not convert into {target}: they measure different kinds of quantity.")
    if molar_mass is None:
        raise UnitError(f"{source} converts into {target} only with the molar mass of the substance.")
    if not (molar_mass.is_finite() and molar_mass > 0):
        raise UnitError(f"A molar mass of {molar_mass} g/mol is none.")
    return one.factor / other.factor * (molar_mass / unit("mol").factor) ** grams


def _mass_between(one: Dimension, other: Dimension) -> int | None:
    """+1 when `other` is `one` times a mass, -1 when it is `one` by a mass, else None."""
    gram = unit("g").dimension[0][0]
    powers = dict(other)
    for name, power in one:
        powers[name] = powers.get(name, 0) - power
    left = {name: power for name, power in powers.items() if power}
    return left[gram] if left in ({gram: 1}, {gram: -1}) else None


def _into(one: Unit, value: Decimal) -> Decimal:
    """The value in base units."""
    if not one.special:
        return value * one.factor
    return _FUNCTIONS[one.special].into(value * one.prefix) * one.factor


def _outof(other: Unit, base: Decimal, one: Unit) -> Decimal:
    """The value in base units as a multiple of `other`."""
    if one.dimension != other.dimension:
        raise UnitError(
            f"{one.code} does not convert into {other.code}: they measure different kinds of quantity."
        )
    if not other.special:
        return base / other.factor
    try:
        found = _FUNCTIONS[other.special].back(base / other.factor) / other.prefix
    except ArithmeticError:
        found = Decimal("NaN")
    if not found.is_finite():
        raise UnitError(f"The value cannot be said in {other.code}: its logarithm or root does not exist.")
    return found


def _special_unit(code: str, tree: "Tree[Any]", name: str) -> Unit:
    tokens = [token for token in _tokens(tree) if token.type != "ANNOTATION"]
    prefixes = _table().prefixes
    if not (str(tokens[-1]) == name and all(token.type.startswith("PREFIX") for token in tokens[:-1])):
        raise UnitError(
            f"{code}: {name} stands on a scale of its own and takes no part in products or powers."
        )
    prefix = prefixes[str(tokens[0])] if len(tokens) > 1 else Decimal(1)
    function, factor, dimension = _table().specials[name]
    if function not in _FUNCTIONS:
        raise UnitError(f"{code}: UCUM gives no function for {name}, so it does not convert.")
    return Unit(code, factor, dimension, function, prefix)


@lru_cache(maxsize=4096)
def _tree(code: str) -> "Tree[Any]":
    from ucumvert import InvalidUcumError, parse_ucum

    try:
        return parse_ucum(code, _table().parser)  # type: ignore[no-any-return]
    except InvalidUcumError as fault:
        first = str(fault).splitlines()[0] if code else "an empty text is no UCUM unit; unity is 1"
        raise UnitError(first) from fault


def _tokens(tree: "Tree[Any]") -> list[Any]:
    from lark import Token

    return list(tree.scan_values(lambda one: isinstance(one, Token)))


class _Table:
    """UCUM's table of units as a pint registry of its own, with no unit that is not UCUM's."""

    def __init__(self) -> None:
        from pint import UnitRegistry
        from ucumvert import xml_util

        self.parser = _parser()
        root = xml_util.root
        self.prefixes = {
            one.attrib["Code"]: Decimal(_child(one, "value").attrib["value"])
            for one in root.iterfind("{*}prefix")
        }
        bases = [one.attrib["Code"] for one in root.iterfind("{*}base-unit")]
        units = {one.attrib["Code"]: one for one in root.iterfind("{*}unit")}
        self.names = {code: f"u{place}" for place, code in enumerate([*bases, *units])}
        lines = [f"{self.names[code]} = [{self.names[code]}]" for code in bases]
        special: dict[str, tuple[str, str, str]] = {}
        for code, element in units.items():
            value = _child(element, "value")
            function = value.find("{*}function")
            if function is not None:
                given = function.attrib
                special[code] = (given["name"], given["value"], given["Unit"])
            elif element.get("isArbitrary") == "yes" and value.attrib["Unit"] == "1":
                lines.append(f"{self.names[code]} = [{self.names[code]}]")
            elif element.get("isSpecial") != "yes":
                lines.append(
                    f"{self.names[code]} = {value.attrib['value']} * {self._expression(value.attrib['Unit'])}"
                )
        self.registry: Any = UnitRegistry(lines, non_int_type=Decimal, cache_folder=None)
        self.specials = {
            code: (name, *self._defining(value, of)) for code, (name, value, of) in special.items()
        }
        self.specials |= {
            code: ("", Decimal(1), ())
            for code, one in units.items()
            if one.get("isSpecial") == "yes" and code not in special
        }

    def measure(self, tree: "Tree[Any]") -> tuple[Decimal, Dimension]:
        """How many base units the parsed code is, and in which dimensions."""
        with localcontext(_PRECISE):
            found = self.registry.Quantity(Decimal(1), "") * self.registry.parse_expression(self._text(tree))
            base = found.to_root_units()
            powers = {name: int(power) for name, power in base.unit_items()}
            return Decimal(base.magnitude), tuple(sorted(powers.items()))

    def _defining(self, value: str, of: str) -> tuple[Decimal, Dimension]:
        factor, dimension = self.measure(self.parser.parse(of))
        return _PRECISE.multiply(Decimal(value), factor), dimension

    def _expression(self, code: str) -> str:
        return self._text(self.parser.parse(code))

    def _text(self, tree: Any) -> str:
        """A parsed code as an expression of this registry's names; annotations are worth 1."""
        if not hasattr(tree, "data"):
            return "1" if tree.type == "ANNOTATION" else f"{tree}"
        parts = tree.children
        if tree.data == "main_term" and len(parts) > 1:
            return f"(1 / {self._text(parts[-1])})"
        if tree.data == "term":
            sign = "/" if parts[1] == "/" else "*"
            return f"({self._text(parts[0])} {sign} {self._text(parts[2])})"
        if tree.data == "annotatable":
            return f"({self._text(parts[0])} ** ({int(parts[1])}))"
        if tree.data == "simple_unit":
            name = self.names[str(parts[-1])]
            return name if len(parts) == 1 else f"({self.prefixes[str(parts[0])]} * {name})"
        return self._text(parts[0])


@lru_cache(maxsize=1)
def _table() -> _Table:
    return _Table()


def _child(element: Any, tag: str) -> Any:
    found = element.find(f"{{*}}{tag}")
    assert found is not None
    return found


def _parser() -> Any:
    """The grammar of ucumvert with numbers where the specification has them: never with an exponent."""
    from importlib.resources import files

    from lark import Lark

    grammar = files("ucumvert").joinpath("ucum_grammar.lark").read_text(encoding="utf-8")
    corrected = grammar.replace("        | FACTOR\n", "").replace(
        '        | simple_unit\n        | "(" main_term',
        '        | simple_unit\n        | FACTOR\n        | "(" main_term',
    )
    if corrected.count("| FACTOR\n") != 1:
        raise RuntimeError("The grammar of ucumvert has changed: correct foundation/units.py.")
    return Lark(corrected, start="main_term", strict=True)


def _power(base: int) -> _Special:
    """A potency: so many dilutions by `base`."""
    return _Special(lambda x: Decimal(base) ** -x, lambda y: -(y.ln() / Decimal(base).ln()))


_TEN = Decimal(10)
_FUNCTIONS: dict[str, _Special] = {
    "Cel": _Special(lambda x: x + Decimal("273.15"), lambda y: y - Decimal("273.15")),
    "degF": _Special(lambda x: x + Decimal("459.67"), lambda y: y - Decimal("459.67")),
    "degRe": _Special(lambda x: x + Decimal("218.52"), lambda y: y - Decimal("218.52")),
    "pH": _Special(lambda x: _TEN**-x, lambda y: -y.log10()),
    "ln": _Special(lambda x: x.exp(), lambda y: y.ln()),
    "lg": _Special(lambda x: _TEN**x, lambda y: y.log10()),
    "lgTimes2": _Special(lambda x: _TEN ** (x / 2), lambda y: 2 * y.log10()),
    "ld": _Special(lambda x: Decimal(2) ** x, lambda y: y.ln() / Decimal(2).ln()),
    "sqrt": _Special(lambda x: x * x, lambda y: y.sqrt()),
    "tanTimes100": _Special(lambda x: Decimal(math.atan(x / 100)), lambda y: Decimal(math.tan(y)) * 100),
    "100tan": _Special(
        lambda x: Decimal(math.degrees(math.atan(x / 100))),
        lambda y: Decimal(math.tan(math.radians(y))) * 100,
    ),
    "hpX": _power(10),
    "hpC": _power(100),
    "hpM": _power(1000),
    "hpQ": _power(50000),
}
"""The functions of special units; source: UCUM 2.2, tables 8, 15, 17, 22."""
