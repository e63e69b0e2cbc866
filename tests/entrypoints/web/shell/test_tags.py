"""The template tags, through the template engine of the settings."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import TemplateSyntaxError, engines
from django.utils import timezone, translation

from aliquot.entrypoints.web.shell.icons import CAPS, ICONS, cap_colour


def draw(source: str, **context: Any) -> str:
    with translation.override("en"):
        return engines["django"].from_string("{% load shell %}" + source).render(context)


def test_badge_escapes_and_knows_its_kinds() -> None:
    assert draw("{% badge 'good' text %}", text="<b>") == '<span class="badge badge-good">&lt;b&gt;</span>'
    with pytest.raises(TemplateSyntaxError, match="none of"):
        draw("{% badge 'pretty' 'x' %}")


def test_tile_refuses_an_unknown_kind_and_escapes() -> None:
    assert "&lt;i&gt;" in draw("{% tile label 12000 %}", label="<i>")
    assert "12\u202f000" in draw("{% tile 'x' 12000 %}")
    with pytest.raises(TemplateSyntaxError):
        draw("{% tile 'x' 1 kind='pink' %}")


@pytest.mark.parametrize("name", sorted(ICONS))
def test_every_icon_draws(name: str) -> None:
    assert 'aria-hidden="true"' in draw(f"{{% icon '{name}' %}}")
    assert 'aria-label="a &amp; b"' in draw("{% icon name label %}", name=name, label="a & b")


@pytest.mark.parametrize(
    ("words", "cap"),
    [
        ("yellow/gold (or red)", "yellow"),
        ("lavender/purple", "lavender"),
        ("light blue", "light blue"),
        ("blue/other", "blue"),
        ("syringe / green", "green"),
        ("brown cap", "brown"),
        ("Gray", "grey"),
        ("aerobic + anaerobic bottles", "clear"),
        ("", "clear"),
    ],
)
def test_cap_by_the_words_of_a_catalogue(words: str, cap: str) -> None:
    assert cap_colour(words) == CAPS[cap]


def test_keyhint_marks_each_key() -> None:
    assert draw("{% keyhint 'j k' 'next' %}") == '<span class="keyhint"><kbd>j</kbd> <kbd>k</kbd> next</span>'


def test_local_time_takes_the_zone_of_the_page_and_names_it() -> None:
    at = datetime(2026, 3, 12, 20, 5, tzinfo=UTC)
    made = draw("{% local_time at 'time' %}", at=at, region_time_zone="Asia/Novosibirsk")
    assert made == (
        '<time datetime="2026-03-12T20:05:00+00:00" '
        'title="13 Mar 2026, 03:05 Asia/Novosibirsk (UTC+07:00)">03:05</time>'
    )
    assert draw("{% local_time at %}", at=None) == ""


def test_an_age_is_counted_by_the_clock_of_the_page() -> None:
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):  # at any hour one of them has another day than UTC
        today = timezone.localdate(timezone=ZoneInfo(zone))
        assert draw("{% age born %}", born=today - timedelta(days=3), region_time_zone=zone) == "3 days old"
        assert draw("{% age born %}", born=today + timedelta(days=1), region_time_zone=zone) == "0 days old"


def test_number_escapes_words() -> None:
    assert draw("{% number value 1 %}", value="<0.5") == "&lt;0.5"
    assert draw("{% number value 1 %}", value=Decimal("2.25")) == "2.3"


def test_trend_shows_the_change_and_describes_every_point() -> None:
    at = datetime(2026, 3, 12, 4, 0, tzinfo=UTC)
    pairs = [(at - timedelta(days=2), Decimal("4.6")), (at, Decimal("6.5"))]
    made = draw(
        "{% trend pairs low high 'mmol/L' 1 %}",
        pairs=pairs,
        low=Decimal("3.5"),
        high=Decimal("5.1"),
        region_time_zone="UTC",
    )
    assert ">+1.9</text>" in made
    assert "<desc>4.6 mmol/L (10 Mar 2026); 6.5 mmol/L (12 Mar 2026)</desc>" in made


class Sample(forms.Form):
    day = forms.DateField(help_text="day, month, year")
    is_fasting = forms.BooleanField(required=False)


def test_field_ties_label_hint_and_error_together() -> None:
    made = draw("{% field form.day %}", form=Sample({"day": "31.02.1980"}))
    assert 'for="id_day"' in made
    assert 'aria-invalid="true"' in made
    assert 'aria-describedby="id_day-error"' in made
    assert 'id="id_day-error"' in made
    assert "Enter a valid date." in made


def test_field_without_error_points_at_its_hint() -> None:
    made = draw("{% field form.day %}", form=Sample())
    assert 'aria-describedby="id_day-hint"' in made
    assert "aria-invalid" not in made


def test_refusal_shows_words_or_nothing() -> None:
    form = Sample({"day": "01.02.2020"})
    assert "refusal" not in draw("{% refusal form %}", form=form)
    form.add_error(None, "The box is closed; open it first.")
    assert "The box is closed; open it first." in draw("{% refusal form %}", form=form)
    assert "<li>No.</li>" in draw("{% refusal 'No.' %}")


def test_progress_is_open_when_nobody_knows_the_end() -> None:
    assert '<progress aria-label="x" value="3" max="12000">' in draw("{% progress 3 12000 'x' %}")
    assert '<progress aria-label="x">' in draw("{% progress None None 'x' %}")


def test_hold_reasons_and_timeline() -> None:
    assert draw("{% hold_reasons reasons %}", reasons=["late", ("danger", "critical")]).count("<li>") == 2
    steps = [
        {"label": "Collected", "at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"label": "Released", "state": "next"},
    ]
    made = draw("{% timeline steps %}", steps=steps, region_time_zone="Asia/Novosibirsk")
    assert "07:00" in made
    assert 'class="timeline-next"' in made


def test_no_tag_writes_an_inline_style_or_handler() -> None:
    made = draw("{% scan_field '/scan/' '#list' %}{% tube 'red' %}{% empty 'a' %}{% progress 1 2 'x' %}")
    assert "style=" not in made
    assert "onclick" not in made
