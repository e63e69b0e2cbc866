"""Errors whose words are meant for the person at the screen."""

from collections.abc import Mapping


class Refused(Exception):  # noqa: N818 - the domain's word: an action is refused, not broken
    """An action was refused; `reason` names the field and the remedy, `fields` maps field to sentence."""

    def __init__(self, reason: object, *, fields: Mapping[str, object] | None = None) -> None:
        super().__init__(str(reason))
        self.reason = str(reason)
        self.fields = {name: str(text) for name, text in (fields or {}).items()}


class Forbidden(Refused):
    """The actor lacks a permission or the object is outside what the actor may see."""
