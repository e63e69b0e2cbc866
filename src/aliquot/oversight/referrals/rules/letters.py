"""The two letters of a referral: what is asked of another region's laboratory, and what it found.

A measured value travels as the text that was reported; times in ISO 8601 with a zone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from aliquot.oversight.referrals.rules.pseudonyms import DAYS, MONTHS, YEARS, Age

PLACED: Final = "referral.placed"
RESULTS: Final = "referral.results"
FINAL, WITHDRAWN, NOT_PERFORMED, PENDING = "final", "withdrawn", "not_performed", "pending"
_STATUS: Final = {
    "final": FINAL,
    "amended": FINAL,
    "withdrawn": WITHDRAWN,
    "investigated": WITHDRAWN,
    "not_performed": NOT_PERFORMED,
    "pending": PENDING,
}


class MalformedError(ValueError):
    """A letter lacks something or says it in a form that is not known; `field` names what."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: tests from one tube of one patient, who has no name here."""

    referral: str
    laboratory_en: str
    laboratory_ru: str
    pseudonym: str
    sex: str
    age: Age | None
    is_pregnant: bool | None
    urgency: str
    tests: tuple[str, ...]
    number: str
    container: str
    specimen_type: str
    volume_ul: int
    is_centrifuged: bool
    lane: str
    collected_at: datetime
    spun_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one test there: a value as it was reported, or why there is none."""

    code: str
    status: str
    value: str = ""
    unit: str = ""
    method_en: str = ""
    method_ru: str = ""
    interval: str = ""
    reason_en: str = ""
    reason_ru: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One version of what was found, by which laboratory."""

    referral: str
    version: int
    laboratory_en: str
    laboratory_ru: str
    found: tuple[Found, ...]


def write_asked(one: Asked) -> dict[str, Any]:
    """The body of the letter that asks."""
    times = {"collected_at": one.collected_at.isoformat(), "spun_at": one.spun_at and one.spun_at.isoformat()}
    return {**asdict(one), **times, "tests": list(one.tests)}


def read_asked(body: Mapping[str, Any]) -> Asked:
    """The letter that asks; MalformedError names the field that is missing or wrong."""
    texts = (
        "referral", "laboratory_en", "laboratory_ru", "pseudonym", "sex", "urgency", "number", "container",
        "specimen_type", "lane",
    )  # fmt: skip
    collected = _moment(body, "collected_at")
    if collected is None:
        raise MalformedError("collected_at")
    return Asked(
        **{name: _text(body, name) for name in texts},
        age=_age(body),
        is_pregnant=_flag(body, "is_pregnant"),
        tests=_codes(body, "tests"),
        volume_ul=_whole(body, "volume_ul"),
        is_centrifuged=bool(_flag(body, "is_centrifuged")),
        collected_at=collected,
        spun_at=_moment(body, "spun_at"),
    )


def write_told(one: Told) -> dict[str, Any]:
    """The body of the letter that answers."""
    return {**asdict(one), "found": [asdict(each) for each in one.found]}


def read_told(body: Mapping[str, Any]) -> Told:
    """The letter that answers; MalformedError names the field that is missing or wrong."""
    found = body.get("found")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise MalformedError("found")
    return Told(
        _text(body, "referral"),
        _whole(body, "version"),
        _text(body, "laboratory_en"),
        _text(body, "laboratory_ru"),
        tuple(_found(each) for each in found),
    )


def found_in(content: Mapping[str, Any], codes: Sequence[str]) -> tuple[Found, ...]:
    """What a version of a report says of these tests, in their order; of the patient nothing.

    `content` as reports.rules.composition.compose makes it.
    """
    said = {one["code"]: one for section in content["sections"] for one in section["results"]}
    return tuple(_said(said[code]) for code in codes if code in said)


def _said(one: Mapping[str, Any]) -> Found:
    status = _STATUS[one["status"]]
    if status == PENDING:
        return Found(one["code"], PENDING)
    if status != FINAL:
        return Found(one["code"], status, reason_en=_why(one, "en"), reason_ru=_why(one, "ru"))
    amended = one.get("amend_reason") or ""
    methods = one["method_en"], one["method_ru"]
    return Found(one["code"], FINAL, one["value"], one["unit"], *methods, _interval(one), amended, amended)


def _why(one: Mapping[str, Any], language: str) -> str:
    """Why there is no value; who took it back is not told."""
    taken, reason = one.get("retraction"), one.get("reason") or {}
    parts = [taken.get("note", "")] if taken else [reason.get(f"name_{language}", ""), reason.get("note", "")]
    return ". ".join(part for part in parts if part)


def _interval(one: Mapping[str, Any]) -> str:
    low, high = one["low"], one["high"]
    if low is None and high is None:
        return ""
    if low is None or high is None:
        return f"≤ {high}" if low is None else f"≥ {low}"
    return f"{low}–{high}"


def _found(body: Mapping[str, Any]) -> Found:
    names = (
        "code",
        "status",
        "value",
        "unit",
        "method_en",
        "method_ru",
        "interval",
        "reason_en",
        "reason_ru",
    )
    one = Found(**{name: _text(body, name) for name in names})
    if one.status not in {FINAL, WITHDRAWN, NOT_PERFORMED, PENDING}:
        raise MalformedError("status")
    return one


def _text(body: Mapping[str, Any], name: str) -> str:
    if not isinstance(said := body.get(name), str):
        raise MalformedError(name)
    return said


def _whole(body: Mapping[str, Any], name: str) -> int:
    said = body.get(name)
    if not isinstance(said, int) or isinstance(said, bool) or said < 0:
        raise MalformedError(name)
    return said


def _flag(body: Mapping[str, Any], name: str) -> bool | None:
    said = body.get(name)
    if said is not None and not isinstance(said, bool):
        raise MalformedError(name)
    return said


def _codes(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    said = body.get(name)
    if not isinstance(said, list) or not said or not all(isinstance(one, str) for one in said):
        raise MalformedError(name)
    return tuple(said)


def _moment(body: Mapping[str, Any], name: str) -> datetime | None:
    if body.get(name) is None:
        return None
    try:
        found = datetime.fromisoformat(_text(body, name))
    except ValueError:
        raise MalformedError(name) from None
    if found.tzinfo is None:
        raise MalformedError(name)
    return found


def _age(body: Mapping[str, Any]) -> Age | None:
    said = body.get("age")
    if said is None:
        return None
    if not isinstance(said, dict) or said.get("unit") not in {DAYS, MONTHS, YEARS}:
        raise MalformedError("age")
    return Age(_whole(said, "value"), said["unit"])
