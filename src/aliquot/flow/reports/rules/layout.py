"""What stands where on the printed report: content in, words out. The template adds nothing but ink."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from aliquot.flow.reports.rules.composition import TAKEN_BACK
from aliquot.registers.patients.rules.identifiers import format_policy_number, format_snils
from aliquot.registers.patients.rules.names import age_on

Words = Mapping[str, str]
Page = dict[str, Any]
NUMBER: Final = re.compile(r"[<>≤≥]?=?\s*[+\-\u2212]?\d+\.\d+")
ARROWS: Final = {"LL": "↓↓", "L": "↓", "H": "↑", "HH": "↑↑", "A": "!"}


def lay_out(content: Mapping[str, Any], language: str, words: Words) -> Page:
    """Every text of the page in one language, times in the laboratory's zone; `content` as composed.

    Numbers are printed digit for digit as they were released, with the decimal sign of the language. Source:
    ISO 15189:2022, 7.4.1.2 to 7.4.1.8; abnormal results are told by words and arrows, not by colour.
    """
    zone = ZoneInfo(content["time_zone"])
    released = datetime.fromisoformat(content["released_at"]).astimezone(UTC)
    rules = content["released_by_rules"]
    results = [one for section in content["sections"] for one in section["results"]]
    all_by_rule = rules > 0 and rules == sum(one["status"] in ("final", "amended") for one in results)
    return {
        "language": language,
        "words": dict(words),
        "stamp": {
            part: getattr(released, part) for part in ("year", "month", "day", "hour", "minute", "second")
        },
        "kind": content["kind"],
        "kind_word": words[content["kind"]],
        "kind_line": f"{words[content['kind']]}, {words['version']} {content['version']}",
        "kind_note": words.get(f"{content['kind']}_note", ""),
        "version": str(content["version"]),
        "replaces": _replaces(content["replaces"], words, zone),
        "released_at": moment(content["released_at"], zone),
        "is_urgent": content["order"]["urgency"] == "S",
        "order_number": content["order"]["number"],
        "laboratory": _place(content["laboratory"], language),
        "patient": _patient(content, words, language),
        "order_facts": _order_facts(content, words, language, zone),
        "specimens": [_specimen(one, language, zone) for one in content["specimens"]],
        "sections": [
            _section(one, words, language, zone, mark_rules=not all_by_rule) for one in content["sections"]
        ],
        "releasers": ", ".join(one[f"name_{language}"] for one in content["releasers"]),
        "rules_note": words["rules_all"] if all_by_rule else words["rules_some"] if rules else "",
        "legend": words["legend"] if any(one.get("flag") in ARROWS for one in results) else "",
        "times": words["times"].format(zone=_zone_name(zone, released)),
    }


def moment(text: str | None, zone: ZoneInfo) -> str:
    """`2026-11-22T05:00:00+00:00` as 22.11.2026 08:00 in the zone; empty for None."""
    return datetime.fromisoformat(text).astimezone(zone).strftime("%d.%m.%Y %H:%M") if text else ""


def day(text: str | None) -> str:
    """`1985-03-15` as 15.03.1985; empty for None."""
    return date.fromisoformat(text).strftime("%d.%m.%Y") if text else ""


def interval_text(low: str | None, high: str | None, words: str) -> str:
    """4.1 – 6.1, ≥ 90, ≤ 5 or the words; empty when there is none."""
    if low is not None and high is not None:
        return f"{low} – {high}"
    if low is not None:
        return f"≥ {low}"
    return f"≤ {high}" if high is not None else words


def figure(text: str, language: str) -> str:
    """A number as the language writes it, 5.4 in English and 5,4 in Russian; words and dates stay.

    Source: Unicode CLDR, the decimal sign of `ru`.
    """
    return text.replace(".", ",") if language == "ru" and NUMBER.fullmatch(text) else text


def _zone_name(zone: ZoneInfo, at: datetime) -> str:
    offset = at.astimezone(zone).strftime("%z")
    return f"{zone.key}, UTC{offset[:3]}:{offset[3:]}"


def _replaces(earlier: Mapping[str, Any] | None, words: Words, zone: ZoneInfo) -> str:
    if earlier is None:
        return ""
    return f"{words['replaces']} {earlier['version']} {words['of']} {moment(earlier['released_at'], zone)}"


def _place(place: Mapping[str, Any], language: str) -> Page:
    kept = {name: place[f"{name}_{language}"] for name in ("name", "address")}
    return {**kept, "organisation": _operator(place, language)}


def _operator(place: Mapping[str, Any], language: str) -> str:
    """Who operated the place when this version was released; older versions name whom it belongs to."""
    return str(place.get(f"operator_{language}") or place[f"organisation_{language}"])


def _fact(name: str, value: str | None, *, strong: bool = False) -> Page:
    return {"name": name, "value": value or "", "strong": strong}


def _patient(content: Mapping[str, Any], words: Words, language: str) -> Page:  # noqa: ARG001 - one shape
    patient = content["patient"]
    born = day(patient["birth_date"])
    name = patient["full_name"] or words["unidentified"]
    return {
        "name": name,
        "born_line": born,
        "facts": [
            _fact(words["born"], _born(content, words), strong=True),
            _fact(words["sex"], words[f"sex_{patient['sex']}"]),
            _fact(words["snils"], format_snils(patient["snils"])),
            _fact(words["policy"], format_policy_number(patient["policy_number"])),
        ],
    }


def _born(content: Mapping[str, Any], words: Words) -> str:
    born = content["patient"]["birth_date"]
    placed = datetime.fromisoformat(content["order"]["placed_at"])
    ordered = placed.astimezone(ZoneInfo(content["time_zone"])).date()
    if not born or date.fromisoformat(born) > ordered:
        return day(born)
    years, _days = age_on(date.fromisoformat(born), ordered)
    return f"{day(born)} ({years} {_years_word(years, words['age_years'].split('|'))})"


def _years_word(years: int, forms: list[str]) -> str:
    """The form that goes with a number: one for English, three (год, года, лет) for Russian."""
    if len(forms) == 1 or (years % 10 == 1 and years % 100 != 11):  # noqa: PLR2004 - Russian grammar
        return forms[0]
    return forms[1] if years % 10 in (2, 3, 4) and years % 100 not in (12, 13, 14) else forms[2]


def _order_facts(content: Mapping[str, Any], words: Words, language: str, zone: ZoneInfo) -> list[Page]:
    order, place = content["order"], content["ordering_site"]
    names = (place[f"name_{language}"], _operator(place, language))
    return [
        _fact(words["ordered_from"], ", ".join(dict.fromkeys(name for name in names if name)), strong=True),
        _fact(words["ordered_by"], order["requester"]),
        _fact(words["ward"], order["ward"]),
        _fact(words["ordered_at"], moment(order["placed_at"], zone)),
        _fact(words["diagnosis"], order["diagnosis"]),
        _fact(words["external"], order["external_number"]),
    ]


def _specimen(one: Mapping[str, Any], language: str, zone: ZoneInfo) -> Page:
    return {
        "number": one["number"],
        "name": one[f"name_{language}"],
        "collected": moment(one["collected_at"], zone),
        "received": moment(one["received_at"], zone),
        "condition": ", ".join(_conditions(one["condition"])),
    }


def _conditions(seen: Iterable[Any]) -> list[str]:
    return [str(one.get("code", "")) if isinstance(one, Mapping) else str(one) for one in seen]


def _section(
    section: Mapping[str, Any], words: Words, language: str, zone: ZoneInfo, *, mark_rules: bool
) -> Page:
    rows = [_row(one, words, language, zone, mark_rules=mark_rules) for one in section["results"]]
    return {"name": section[f"name_{language}"], "results": rows}


def _row(one: Mapping[str, Any], words: Words, language: str, zone: ZoneInfo, *, mark_rules: bool) -> Page:
    base = {"name": one[f"name_{language}"], "method": one[f"method_{language}"], "status": one["status"]}
    if one["status"] == "pending":
        return {**base, "outcome": words["pending"], "notes": _added(one, words, language)}
    if one["status"] in TAKEN_BACK:
        said = _not_performed(one["reason"], words, language) if "reason" in one else ""
        outcome = ". ".join(part for part in (words[one["status"]], said) if part)
        return {**base, "outcome": outcome, "notes": _amendments(one, words, language, zone)}
    if one["status"] == "not_performed":
        return {
            **base,
            "outcome": _not_performed(one["reason"], words, language),
            "notes": [*_advice(one, language), *_added(one, words, language)],
        }
    return {
        **base,
        "value": figure(one["value"], language),
        "unit": one[f"unit_{language}"],
        "interval": interval_text(*_limits(one, language), one[f"interval_{language}"]),
        "arrow": ARROWS.get(one["flag"], ""),
        "flag": words.get(one["flag"], one["flag"]) if one["flag"] else "",
        "is_marked": one["flag"] in ARROWS,
        "by_rule": bool(one["is_automatic"]) and mark_rules,
        "notes": [
            *_amendments(one, words, language, zone),
            *_given_free(one, words, language, zone),
            *_comment(one, words),
            *_added(one, words, language),
        ],
    }


def _limits(one: Mapping[str, Any], language: str) -> tuple[str | None, str | None]:
    low, high = (None if one[end] is None else figure(one[end], language) for end in ("low", "high"))
    return low, high


def _not_performed(reason: Mapping[str, str], words: Words, language: str) -> str:
    said = reason[f"name_{language}"]
    return f"{words['not_performed']}: {said}" if said else words["not_performed"]


def _advice(one: Mapping[str, Any], language: str) -> list[Page]:
    said = (one["reason"][f"advice_{language}"], one["reason"].get(f"note_{language}", one["reason"]["note"]))
    text = ". ".join(part.rstrip(".") for part in said if part)
    return [{"lead": "", "text": f"{text}."}] if text else []


def _amendments(one: Mapping[str, Any], words: Words, language: str, zone: ZoneInfo) -> list[Page]:
    return [_amendment(old, one, words, language, zone) for old in reversed(one["earlier"])]


def _amendment(
    old: Mapping[str, Any], one: Mapping[str, Any], words: Words, language: str, zone: ZoneInfo
) -> Page:
    if "retraction" in old:
        return _retracted(old, words, language, zone)
    value = _value_text(old, language)
    by = one["released_by"][f"name_{language}"] if "released_by" in one else ""
    parts = [
        f"{words['earlier']}: {value} ({words['released_on']} {moment(old['released_at'], zone)})",
        f"{words['replaced_now']} {moment(one.get('released_at'), zone)}, {by}".rstrip(", "),
        f"{words['why']}: {one['amend_reason']}" if one.get("amend_reason") else "",
    ]
    return {"lead": words["amended"], "text": "; ".join(part for part in parts if part) + "."}


def _retracted(old: Mapping[str, Any], words: Words, language: str, zone: ZoneInfo) -> Page:
    taken, value = old["retraction"], _value_text(old, language)
    lead = words["investigated_mark" if taken["code"] == "recalled" else "withdrawn_mark"]
    parts = [
        f"{words['earlier']}: {value} ({words['released_on']} {moment(old['released_at'], zone)})",
        f"{words['taken_back']} {moment(taken['at'], zone)}, {taken[f'name_{language}']}",
        f"{words['why']}: {taken['note']}",
    ]
    return {"lead": lead, "text": "; ".join(parts) + "."}


def _value_text(said: Mapping[str, Any], language: str) -> str:
    return f"{figure(said['value'], language)} {said[f'unit_{language}']}".strip()


def _given_free(one: Mapping[str, Any], words: Words, language: str, zone: ZoneInfo) -> list[Page]:
    if not (free := one.get("given_free")):
        return []
    text = f"{moment(free['at'], zone)}, {free[f'name_{language}']}; {words['why']}: {free['note']}."
    return [{"lead": words["given_free"], "text": text}]


def _added(one: Mapping[str, Any], words: Words, language: str) -> list[Page]:
    """Why a test stands here that nobody ordered: what added it, who agreed or asked for it, and why."""
    if not (added := one.get("added")):
        return []
    by, parts = added[f"by_{language}"], [added["reason"]]
    if added["needed_for"]:
        lead, parts = words["needed_for"].format(test=added["needed_for"]), []
    elif added["rule"]:
        lead = words["added_by_rule"].format(rule=added["rule"])
        parts = [words["agreed_by"].format(name=by)] if by else []
    else:
        lead = words["added_on_request"]
        parts.append(by)
    text = ", ".join(part for part in parts if part)
    return [{"lead": "", "text": f"{lead}: {text.rstrip('.')}." if text else f"{lead}."}]


def _comment(one: Mapping[str, Any], words: Words) -> list[Page]:
    return [{"lead": f"{words['comment']}:", "text": one["comment"]}] if one["comment"] else []
