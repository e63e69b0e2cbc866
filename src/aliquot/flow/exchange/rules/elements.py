"""Walking a FHIR resource: every step knows its path, and every fault is kept with it."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from aliquot.flow.exchange.rules.issues import ERROR, Issue

MOST_LETTERS: Final = 250
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATE_TIME: Final = re.compile(
    r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Element:
    """A value somewhere in a document, its FHIRPath, and the list that gathers what is wrong."""

    value: Any
    path: str
    issues: list[Issue]

    @property
    def kind(self) -> str:
        """The type of a resource, or empty."""
        said = self.value.get("resourceType") if isinstance(self.value, dict) else None
        return said if isinstance(said, str) else ""

    def fault(self, code: str, diagnostics: str, remedy: str, *, at: str = "", severity: str = ERROR) -> None:
        """Keep a finding about this element, or about its child `at`."""
        place = f"{self.path}.{at}" if at else self.path
        self.issues.append(Issue(severity, code, diagnostics, remedy, place))

    def one(self, name: str) -> "Element | None":
        """The child object, or None; another kind of value is a fault."""
        if not isinstance(self.value, dict) or name not in self.value:
            return None
        child = Element(self.value[name], f"{self.path}.{name}", self.issues)
        if not isinstance(child.value, dict) or not child.value:
            child.fault("structure", f"{name} is no object that says something.", "Send an object here.")
            return None
        return child

    def many(self, name: str) -> list["Element"]:
        """The objects of a repeating child; anything else in it is a fault."""
        return [one for one in self._members(name) if _is_object(one)]

    def texts(self, name: str) -> list[str]:
        """The texts of a repeating child."""
        return [text for one in self._members(name) if (text := _text(one, MOST_LETTERS))]

    def text(self, name: str, *, required: bool = False, most: int = MOST_LETTERS) -> str:
        """The child's text of at most `most` letters, or empty; an empty or other value is a fault."""
        if not isinstance(self.value, dict) or name not in self.value:
            if required:
                self.fault("required", f"{name} is missing.", f"Send {name}.", at=name)
            return ""
        return _text(Element(self.value[name], f"{self.path}.{name}", self.issues), most)

    def code(self, name: str, allowed: Collection[str], *, required: bool = False) -> str:
        """The child's code out of a required value set, or empty; an unknown one is named."""
        said = self.text(name, required=required)
        if said and said not in allowed:
            choice = ", ".join(sorted(allowed))
            self.fault(
                "code-invalid",
                f"{name} is {said!r}, which FHIR R4 does not know.",
                f"Send one of: {choice}.",
                at=name,
            )
            return ""
        return said

    def date(self, name: str) -> date | None:
        """The child's full date, or None; a part of a date is a fault, because age decides about limits."""
        said = self.text(name)
        found = _calendar_date(said)
        if said and found is None:
            self.fault(
                "value", f"{name} is {said!r}, which is no full date.", "Send it as YYYY-MM-DD.", at=name
            )
        return found

    def check_date_time(self, name: str) -> None:
        """Keep a fault when the child is there and is no FHIR dateTime."""
        said = self.text(name)
        if said and not is_date_time(said):
            self.fault(
                "value",
                f"{name} is {said!r}, which is no date and time.",
                "Send it as YYYY-MM-DDThh:mm:ss+zz:zz.",
                at=name,
            )

    def only(self, known: Collection[str]) -> None:
        """Keep a fault for each name that is not in FHIR R4, and for extensions that change the meaning."""
        for name in self.value:
            if name in {"modifierExtension", "implicitRules"}:
                self.fault(
                    "not-supported",
                    f"{name} changes the meaning in a way unknown here.",
                    "Send without it.",
                    at=name,
                )
            elif name.lstrip("_") not in known:
                self.fault(
                    "structure", f"{name} is no element of FHIR R4 here.", "Compare the spelling.", at=name
                )

    def _members(self, name: str) -> Iterator["Element"]:
        if not isinstance(self.value, dict) or name not in self.value:
            return
        members, path = self.value[name], f"{self.path}.{name}"
        if not isinstance(members, list) or not members:
            self.fault("structure", f"{name} is not a list with members.", "Send a list in [ ].", at=name)
            return
        for place, member in enumerate(members):
            yield Element(member, f"{path}[{place}]", self.issues)


def is_date_time(text: str) -> bool:
    """Whether a text is a FHIR dateTime that exists in the calendar. Source: FHIR R4, datatypes, dateTime."""
    if not _DATE_TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text if "T" in text else (text + "-01-01")[:10])
    except ValueError:
        return False
    return True


def _calendar_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _is_object(one: Element) -> bool:
    if isinstance(one.value, dict) and one.value:
        return True
    one.fault("structure", "This is not an object.", "Send an object here.")
    return False


def _text(one: Element, most: int) -> str:
    if isinstance(one.value, str) and one.value.strip():
        if len(one.value) <= most:
            return one.value.strip()
        one.fault("too-long", f"The text has {len(one.value)} letters.", f"Send at most {most}.")
        return ""
    one.fault(
        "value", "This is not a text, or an empty one.", "Send a text in quotation marks, or leave it out."
    )
    return ""
