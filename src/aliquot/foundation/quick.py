"""Frozen dataclasses made by the hundred thousand: no call of `object.__setattr__` for each field."""

from dataclasses import MISSING, Field, fields
from typing import Any, NoReturn, TypeVar, cast

Kind = TypeVar("Kind", bound=type)


def quickly_made(kind: Kind) -> Kind:
    """The same frozen dataclass with slots, made several times as fast; nothing else of it changes.

    While it is made, an object is of a twin with the same slots that is not frozen, and takes its fields by
    plain assignments. TypeError for what is no such dataclass, has a `__post_init__`, or is derived from.
    """
    params: Any = getattr(kind, "__dataclass_params__", None)
    if params is None or not params.frozen or not params.init or "__slots__" not in vars(kind):
        raise TypeError(f"{kind.__name__} is not a frozen dataclass with slots")
    if hasattr(kind, "__post_init__") or kind.__bases__ != (object,):
        raise TypeError(f"{kind.__name__} does more than keep its fields")
    twin = type(kind.__name__, (), {"__slots__": cast("Any", kind).__slots__})
    names: dict[str, Any] = {"_become": object.__setattr__, "_twin": twin, "_kind": kind, "_MISSING": MISSING}
    text = _init_text(fields(cast("Any", kind)), names)
    exec(text, names)  # noqa: S102 - as dataclasses makes it, of the names of fields
    made, changed = names["__init__"], cast("Any", kind)
    made.__qualname__, made.__annotations__ = changed.__init__.__qualname__, changed.__init__.__annotations__
    changed.__init__ = made
    changed.__init_subclass__ = classmethod(_refuse)
    return kind


def _init_text(given: tuple[Field[Any], ...], names: dict[str, Any]) -> str:
    """The text of `__init__`; defaults and factories are put into `names`."""
    signature, body = ["self"], ["_become(self, '__class__', _twin)"]
    for one in given:
        name = one.name
        if one.default is not MISSING:
            names[f"_default_{name}"] = one.default
            signature.append(f"{name}=_default_{name}")
        elif one.default_factory is not MISSING:
            names[f"_factory_{name}"] = one.default_factory
            signature.append(f"{name}=_MISSING")
            body.append(f"if {name} is _MISSING: {name} = _factory_{name}()")
        else:
            signature.append(name)
        body.append(f"self.{name} = {name}")
    lines = "".join(f"    {line}\n" for line in [*body, "self.__class__ = _kind"])
    return f"def __init__({', '.join(signature)}):\n{lines}"


def _refuse(kind: type, /, **_given: object) -> NoReturn:
    raise TypeError(f"{kind.__name__}: what is quickly made is not derived from")
