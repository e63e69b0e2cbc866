"""Template tags of the pages: {% load shell %}."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.shell import charts, icons
from aliquot.entrypoints.web.shell.wording import (
    age_text,
    day_text,
    figure_text,
    number_text,
    time_hint,
    time_text,
)

register = template.Library()

BADGES: Final = ("neutral", "accent", "good", "notice", "danger", "alarm")
INVITING_KINDS: Final = ("", "notice", "danger")


def _drawing(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308 - charts and icons escape every text they are given


@register.simple_tag
def badge(kind: str, text: object, icon_name: str = "") -> SafeString:
    """A status in words; `kind` is one of BADGES, 'danger' and 'alarm' only for what endangers a patient."""
    if kind not in BADGES:
        raise template.TemplateSyntaxError(f"badge: kind {kind!r} is none of {', '.join(BADGES)}")
    return format_html(
        '<span class="badge badge-{}">{}{}</span>', kind, icon(icon_name) if icon_name else "", text
    )


@register.simple_tag
def icon(name: str, label: object = "") -> SafeString:
    """A drawing of icons.ICONS; without `label` it is decoration and a screen reader passes over it."""
    naming = format_html('role="img" aria-label="{}"', label) if label else _drawing('aria-hidden="true"')
    return format_html(
        '<svg class="icon" viewBox="0 0 20 20" {}>{}</svg>', naming, _drawing(icons.ICONS[name])
    )


@register.simple_tag
def tube(colour: str, label: object = "") -> SafeString:
    """A tube with a cap in the colour a catalogue names; give its name as `label`, or write it beside."""
    naming = format_html('role="img" aria-label="{}"', label) if label else _drawing('aria-hidden="true"')
    return format_html(
        '<svg class="tube" viewBox="0 0 12 24" {}>'
        '<path class="tube-glass" d="M2.5 6h7v13.5a3.5 3.5 0 0 1-7 0z"/>'
        '<path class="tube-fill" d="M3 12.5h6v7a3 3 0 0 1-6 0z"/>'
        '<rect class="tube-cap" x="1" y="1" width="10" height="6" rx="1.5" fill="{}"/></svg>',
        naming,
        icons.cap_colour(colour),
    )


@register.simple_tag
def keyhint(keys: str, text: object) -> SafeString:
    """Keys with what they do; several keys are parted by spaces: {% keyhint "j k" _("next, previous") %}."""
    marks = format_html_join(" ", "<kbd>{}</kbd>", ((key,) for key in keys.split()))
    return format_html('<span class="keyhint">{} {}</span>', marks, text)


@register.simple_tag(takes_context=True)
def local_time(context: template.Context, value: datetime | None, form: str = "short") -> SafeString | str:
    """The moment in the region's zone (form: time, short, day, full); the zone on hover."""
    if not value:
        return ""
    zone = _zone(context)
    hint, text = time_hint(value, zone), time_text(value, zone, form)
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), hint, text)


def _zone(context: template.Context) -> ZoneInfo:
    """The zone of the person's site, which page_context gives; else the region's."""
    return ZoneInfo(context.get("region_time_zone") or settings.REGION_TIME_ZONE)


@register.simple_tag
def day(value: date | None) -> str:
    """A date without a clock, as documents print it."""
    return day_text(value) if value else ""


@register.simple_tag(takes_context=True)
def age(context: template.Context, born: date | None) -> str:
    """Years lived until today at the person's site; months under two years, days under two months."""
    if not born:
        return ""
    today = timezone.localdate(timezone=_zone(context))
    return age_text(born, max(today, born))  # a child may be born where the day began earlier


@register.simple_tag
def number(value: object, decimals: int | None = None) -> str:
    """A number with the decimal sign of the page's language; words stay as they are."""
    return conditional_escape(number_text(value, decimals))


@register.simple_tag(name="trend", takes_context=True)
def trend_tag(  # noqa: PLR0917 - a template gives them by name
    context: template.Context,
    points: Iterable[tuple[datetime, Decimal]],
    low: Decimal | None = None,
    high: Decimal | None = None,
    unit: str = "",
    decimals: int | None = None,
    size: Literal["wide", "small"] = "wide",
) -> SafeString:
    """Earlier results of a patient as pairs (when collected, value), against the reference interval."""
    zone = _zone(context)
    made = [
        charts.TrendPoint(at, value, f"{_figure(value, decimals, unit)} ({time_text(at, zone, 'day')})")
        for at, value in points
    ]
    delta = charts.change(made)
    words = "" if delta is None or size == "small" else number_text(delta, decimals, signed=True)
    return _drawing(
        charts.trend(made, low=low, high=high, title=_("Earlier results"), delta=words, size=size)
    )


def _figure(value: Decimal, decimals: int | None, unit: str) -> str:
    return f"{number_text(value, decimals)} {unit}".strip()


@register.simple_tag(name="figure")
def figure_tag(value: Decimal | None, digits: int = 4) -> str:
    """A computed number with so many significant digits; a dash for none."""
    return figure_text(value, digits)


@register.simple_tag(name="limits")
def limits_tag(
    value: Decimal, bounds: charts.Bounds, decimals: int | None = None, earlier: Decimal | None = None
) -> SafeString:
    """Where a value lies among its limits; nothing without a limit."""
    known = [*bounds.critical.limits, *bounds.interval.limits, *bounds.automatic.limits]
    figures = {one: number_text(one.normalize() if decimals is None else one, decimals) for one in known}
    parts = (
        (_("critical"), bounds.critical),
        (_("reference interval"), bounds.interval),
        (_("released by rules"), bounds.automatic),
    )
    said = "; ".join(
        f"{name} {' – '.join('…' if one is None else figures[one] for one in (span.low, span.high))}"
        for name, span in parts
        if span.limits
    )
    title = _("Where the value lies")
    return _drawing(
        charts.limits(value, bounds, title=title, description=said, figures=figures, earlier=earlier)
    )


@register.simple_tag(name="spent")
def spent_tag(minutes: float, allowed: float, words: str) -> SafeString:
    """How much of an allowed time is spent; `words` say it to whom cannot see it."""
    return _drawing(charts.spent(minutes, allowed, title=words, description=""))


@register.simple_tag(name="bars")
def bars_tag(rows: Sequence[charts.Bar], title: object) -> SafeString:
    """Horizontal bars of charts.Bar rows."""
    return _drawing(charts.bars(rows, title=str(title)))


@register.simple_tag(name="pair")
def pair_tag(before: int, after: int, top: int) -> SafeString:
    """Two bars on one scale: how many then, how many now."""
    words = _("then %(before)s, now %(after)s") % {
        "before": number_text(before),
        "after": number_text(after),
    }
    return _drawing(charts.pair(before, after, top, title=_("Before and after"), description=words))


@register.simple_tag(name="wholes")
def wholes_tag(rows: Sequence[charts.Whole], title: object) -> SafeString:
    """Bars of charts.Whole, each made of its parts."""
    return _drawing(charts.wholes(rows, title=str(title)))


@register.simple_tag(name="hours")
def hours_tag(columns: Sequence[charts.HourColumn], title: object) -> SafeString:
    """Columns by hour of charts.HourColumn."""
    return _drawing(charts.hours(columns, title=str(title)))


@register.simple_tag(name="flow")
def flow_tag(stages: Sequence[charts.Stage], title: object) -> SafeString:
    """Racks of tubes by stage, of charts.Stage, with a line that says how many tubes one hole stands for."""
    each = charts.tubes_per_hole(stages)
    legend = _("One place in a rack is one tube; ringed: past its time.")
    if each > 1:
        legend = _("One place in a rack is %(count)s tubes; ringed: past their time.") % {
            "count": number_text(each)
        }
    return format_html(
        '<div>{}<p class="flow-legend">{}</p></div>', _drawing(charts.flow(stages, title=str(title))), legend
    )


@register.simple_tag(name="region_map")
def region_map_tag(
    sites: Sequence[charts.Site], boxes: Sequence[charts.MovingBox] = (), title: object = ""
) -> SafeString:
    """A drawing of the region's sites and the boxes on their way."""
    heading = str(title) or _("Sites of the region")
    return _drawing(charts.region_map(sites, boxes, title=heading, kilometres=_("km")))


@register.inclusion_tag("shell/tile.html")
def tile(  # noqa: PLR0917 - a template gives them by name
    label: object, figure: object, note: object = "", unit: object = "", kind: str = "", url: str = ""
) -> dict[str, Any]:
    """A large figure with its label; kind '' , 'notice' or 'danger'; with `url` it is a link."""
    if kind not in INVITING_KINDS:
        raise template.TemplateSyntaxError(f"tile: kind {kind!r} is none of {', '.join(INVITING_KINDS)}")
    return {
        "label": label,
        "figure": number_text(figure),
        "note": note,
        "unit": unit,
        "kind": kind,
        "url": url,
    }


@register.inclusion_tag("shell/field.html")
def field(bound: BoundField, hint: object = "") -> dict[str, Any]:
    """A form field with label, hint and error, tied together for a screen reader."""
    names: dict[str, str | bool] = (
        {"aria-describedby": f"{bound.id_for_label}-hint"} if hint or bound.help_text else {}
    )
    if bound.errors:
        names |= {"aria-invalid": "true", "aria-describedby": f"{bound.id_for_label}-error"}
    is_group = bool(getattr(bound.field.widget, "use_fieldset", False))
    is_choice = getattr(bound.field.widget, "input_type", "") == "checkbox" and not is_group
    return {
        "bound": bound,
        "widget": bound.as_widget(attrs=names),
        "hint": hint or bound.help_text,
        "is_choice": is_choice,
        "is_group": is_group,
    }


@register.inclusion_tag("shell/refusal.html")
def refusal(form_or_reason: object) -> dict[str, Any]:
    """Why an action was refused: the sentences of a form that belong to no field, or one sentence."""
    reasons = (
        form_or_reason.non_field_errors() if hasattr(form_or_reason, "non_field_errors") else [form_or_reason]
    )
    return {"reasons": [reason for reason in reasons if reason]}


@register.inclusion_tag("shell/scan_field.html")
def scan_field(  # noqa: PLR0917 - a template gives them by name
    url: str,
    target: str,
    label: object = "",
    name: str = "barcode",
    mode: str = "always",
    swap: str = "afterbegin",
) -> dict[str, Any]:
    """A field for the scanner: posts each scan to `url`; the answer goes into `target` (a CSS selector)."""
    return {
        "url": url,
        "target": target,
        "label": label or _("Scan a bar code"),
        "name": name,
        "mode": mode,
        "swap": swap,
    }


@register.inclusion_tag("shell/progress.html")
def progress(done: int | None, total: int | None, label: object) -> dict[str, Any]:
    """How far a job has come; `total` None or 0 means that nobody knows yet."""
    return {
        "done": done,
        "total": total,
        "label": label,
        "done_text": number_text(done),
        "total_text": number_text(total),
    }


@register.inclusion_tag("shell/empty.html")
def empty(text: object, hint: object = "", icon_name: str = "check") -> dict[str, Any]:
    """What a list says when it is empty: that it is, and what to do."""
    return {"text": text, "hint": hint, "icon_name": icon_name}


@register.inclusion_tag("shell/hold_reasons.html")
def hold_reasons(reasons: Iterable[object]) -> dict[str, Any]:
    """Every reason that holds a result, each a quiet badge; a pair (kind, text) chooses the badge."""
    return {"reasons": list(_pairs(reasons))}


def _pairs(reasons: Iterable[object]) -> Iterator[tuple[str, object]]:
    for reason in reasons:
        yield reason if isinstance(reason, tuple) else ("notice", reason)


@register.inclusion_tag("shell/timeline.html", takes_context=True)
def timeline(context: template.Context, steps: Iterable[Mapping[str, Any] | object]) -> dict[str, Any]:
    """A specimen's journey: label, at, by, place, detail, state (done, now, next, notice, danger)."""
    return {"steps": list(steps), "region_time_zone": _zone(context).key}
