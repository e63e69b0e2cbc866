"""Which entry of a Bundle a reference means. Source: FHIR R4, bundle.html#references and references.html."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from aliquot.flow.exchange.rules.elements import Element

_OURS: Final = re.compile(r"([A-Za-z]+)/([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference leads to: a resource of the document, an id of ours, or an identifier to look up."""

    resource: Element | None = None
    known_id: int | None = None
    identifier: tuple[str, str] | None = None
    display: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """The resources of a Bundle, by fullUrl and by Type/id."""

    by_name: Mapping[str, Element]
    resources: tuple[Element, ...]

    def follow(self, holder: Element, name: str, types: frozenset[str]) -> Target | None:
        """The target of `holder.name`, or None with the fault kept when it leads nowhere fit."""
        reference = holder.one(name)
        if reference is None:
            return None
        display = reference.text("display")
        said = reference.text("reference")
        if said:
            return self._named(holder, reference, said, types, display)
        if identifier := reference.one("identifier"):
            return self._identified(
                identifier.text("system"), identifier.text("value", required=True), types, display
            )
        if display:
            return Target(display=display)
        reference.fault(
            "required",
            "The reference names nothing.",
            "Send reference, identifier or display.",
            at="reference",
        )
        return None

    def _named(
        self, holder: Element, reference: Element, said: str, types: frozenset[str], display: str
    ) -> Target | None:
        found = _contained(holder, said[1:]) if said.startswith("#") else self.by_name.get(said)
        if found is not None:
            return _of_type(found, reference, types, display)
        kind, question, search = said.partition("?")
        if question and kind in types:
            return self._searched(reference, search, types, display)
        if (match := _OURS.fullmatch(said)) and match[1] in types:
            return Target(known_id=int(match[2]), display=display)
        reference.fault(
            "not-found", f"{said!r} leads to no entry of this Bundle.",
            f"Send the {' or '.join(sorted(types))} as an entry whose fullUrl is this reference.",
            at="reference",
        )  # fmt: skip
        return None

    def _searched(
        self, reference: Element, search: str, types: frozenset[str], display: str
    ) -> Target | None:
        asked = dict(parse_qsl(search))
        system, bar, value = asked.get("identifier", "").rpartition("|")
        if list(asked) != ["identifier"] or not bar or not value:
            reference.fault(
                "not-supported", "This conditional reference is not understood.",
                "Search by identifier=system|value.", at="reference",
            )  # fmt: skip
            return None
        return self._identified(system, value, types, display)

    def _identified(self, system: str, value: str, types: frozenset[str], display: str) -> Target:
        for one in self.resources:
            if one.kind in types and _carries(one, system, value):
                return Target(resource=one, display=display)
        return Target(identifier=(system, value), display=display)


def make_index(entries: list[Element]) -> Index:
    """The index of a Bundle's entries; a fullUrl that comes twice is a fault."""
    by_name: dict[str, Element] = {}
    resources: list[Element] = []
    for entry in entries:
        resource = entry.one("resource")
        if resource is None:
            continue
        resources.append(resource)
        full_url = entry.text("fullUrl")
        if full_url and full_url in by_name:
            entry.fault(
                "duplicate",
                f"The fullUrl {full_url!r} stands twice.",
                "Give each entry its own.",
                at="fullUrl",
            )
        for name in (full_url, f"{resource.value.get('resourceType')}/{resource.value.get('id')}"):
            by_name.setdefault(name, resource)
    by_name.pop("", None)
    return Index(by_name, tuple(resources))


def _contained(holder: Element, name: str) -> Element | None:
    return next((one for one in holder.many("contained") if one.value.get("id") == name), None)


def _of_type(found: Element, reference: Element, types: frozenset[str], display: str) -> Target | None:
    kind = found.kind
    if kind in types:
        return Target(resource=found, display=display)
    reference.fault(
        "value",
        f"This leads to a {kind or 'thing without a type'}.",
        f"Let it lead to a {' or '.join(sorted(types))}.",
        at="reference",
    )
    return None


def _carries(resource: Element, system: str, value: str) -> bool:
    identifiers = resource.value.get("identifier")
    if not isinstance(identifiers, list):
        return False
    return any(
        isinstance(one, dict) and one.get("system", "") == system and one.get("value") == value
        for one in identifiers
    )
