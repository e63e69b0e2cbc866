"""Made-up values for the style guide; no patient and no site of these exists."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aliquot.entrypoints.web.shell.charts import Bar, MovingBox, Site, Stage
from aliquot.entrypoints.web.shell.wording import number_text

NOW = datetime(2026, 3, 12, 4, 40, tzinfo=UTC)


class ExampleForm(forms.Form):
    """One field of each kind, two of them in error."""

    family_name = forms.CharField(label=_("Family name"))
    born_on = forms.DateField(
        label=_("Date of birth"), help_text=_("Day, month, year"), widget=forms.TextInput
    )
    priority = forms.ChoiceField(
        label=_("Priority"), choices=[("R", _("routine")), ("S", _("urgent (STAT)"))]
    )
    ward = forms.CharField(label=_("Ward"), required=False)
    is_fasting = forms.BooleanField(label=_("The patient is fasting"), required=False)


def examples() -> dict[str, Any]:
    """All that shell/style_guide.html draws."""
    return {
        "form": ExampleForm({"family_name": "Ivanova", "born_on": "31.02.1980", "priority": "R"}),
        "now": NOW,
        "rejected": Decimal("1.8"),
        "rows": _rows(),
        "potassium": [(NOW - timedelta(days=days), Decimal(value)) for days, value in POTASSIUM],
        "potassium_low": Decimal("3.5"),
        "potassium_high": Decimal("5.1"),
        "reasons": [
            ("danger", _("critical high: above 6.0")),
            ("notice", _("delta: +1.9 in 2 days, limit 1.0")),
            ("neutral", _("haemolysis index 2+")),
        ],
        "steps": _steps(),
        "stages": _stages(),
        "turnaround": _turnaround(),
        "sites": _sites(),
        "boxes": _boxes(),
        "tubes": TUBES,
    }


POTASSIUM = ((410, "4.2"), (300, "4.4"), (190, "4.0"), (60, "4.6"), (2, "4.6"), (0, "6.5"))
TUBES = (
    ("yellow/gold", _("serum, gel")),
    ("lavender", _("whole blood, EDTA")),
    ("light blue", _("plasma, citrate")),
    ("grey", _("plasma, fluoride")),
    ("green", _("plasma, heparin")),
    ("red", _("serum")),
)


def _rows() -> list[dict[str, Any]]:
    return [
        _row("2611-1000", "yellow", _("Glucose"), "5.4", 1, _("mmol/L"), "good", _("normal")),
        _row("2611-1001", "yellow", _("Potassium"), "6.5", 1, _("mmol/L"), "danger", _("critical")),
        _row("2611-1002", "green", _("Troponin I"), "48", 0, _("ng/L"), "notice", _("high")),
        _row("2611-1003", "lavender", _("Haemoglobin"), "131", 0, _("g/L"), "good", _("normal")),
        _row("2611-1004", "light blue", _("INR"), "2.31", 2, "1", "neutral", _("repeated")),
    ]


def _row(*cells: object) -> dict[str, Any]:
    names = ("accession", "cap", "test", "value", "decimals", "unit", "kind", "status")
    row = dict(zip(names, cells, strict=True))
    return row | {"value": Decimal(str(row["value"]))}


def _steps() -> list[dict[str, Any]]:
    def at(minutes: int) -> datetime:
        return NOW - timedelta(minutes=minutes)

    return [
        {"label": _("Ordered"), "at": at(312), "by": "Petrova N. S.", "place": _("Polyclinic 4")},
        {"label": _("Collected"), "at": at(290), "by": "Orlova A. V.", "place": _("Polyclinic 4")},
        {
            "label": _("Travelled"),
            "at": at(205),
            "place": _("Box 17"),
            "detail": _("8.6 °C for 12 minutes, limit 8 °C"),
            "state": "notice",
        },
        {"label": _("Accepted"), "at": at(64), "by": "Kim D. R.", "place": _("Hub")},
        {"label": _("Measured"), "at": at(12), "place": _("Chemistry line 2"), "state": "now"},
        {"label": _("Released"), "at": None, "detail": _("promised by 14:00"), "state": "next"},
    ]


def _stages() -> list[Stage]:
    counts = (
        (_("collected"), 312, 0),
        (_("travelling"), 486, 38),
        (_("at reception"), 94, 0),
        (_("on the bench"), 221, 0),
        (_("waiting for a person"), 57, 21),
        (_("released today"), 498, 0),
    )
    late = _("%(count)s late")
    return [
        Stage(str(label), count, number_text(count), past, str(late) % {"count": number_text(past)})
        for label, count, past in counts
    ]


def _turnaround() -> list[Bar]:
    hour = _("h")

    def hours(value: str) -> str:
        return f"{number_text(Decimal(value))} {hour}"

    return [
        Bar(str(_("Order to collection")), Decimal("1.2"), hours("1.2"), target=Decimal(2)),
        Bar(str(_("Collection to hub")), Decimal("4.6"), hours("4.6"), "notice", Decimal(4)),
        Bar(str(_("Hub to result")), Decimal("1.9"), hours("1.9"), target=Decimal("2.5")),
        Bar(str(_("Result to release")), Decimal("0.4"), hours("0.4"), target=Decimal(1)),
    ]


def _sites() -> list[Site]:
    places = (
        ("R1", _("North rapid laboratory"), 55.78, 82.6, 300),
        ("R2", _("South rapid laboratory"), 54.2, 83.4, 240),
        ("P1", _("Polyclinic 1"), 55.2, 82.3, 180),
        ("P2", _("Polyclinic 2"), 55.35, 84.1, 90),
        ("P3", _("Polyclinic 3"), 54.6, 81.9, 120),
        ("P4", _("Polyclinic 4"), 54.75, 84.2, 210),
        ("P5", _("Village point 5"), 54.35, 82.4, 20),
        ("P6", _("Village point 6"), 55.62, 83.5, 15),
        ("P7", _("Village point 7"), 55.1, 81.5, 25),
    )
    hub = Site("H", str(_("Hub")), 55.0, 83.0, "hub")
    rapid = ("R1", "R2")
    return [
        hub,
        *(
            Site(c, str(n), la, lo, "rapid" if c in rapid else "point", "H", w, c == "P3")
            for c, n, la, lo, w in places
        ),
    ]


def _boxes() -> list[MovingBox]:
    return [
        MovingBox("R1", "H", 0.4, str(_("Box 12, 84 tubes, due 12:10"))),
        MovingBox("P4", "H", 0.7, str(_("Box 17, 60 tubes, due 11:40"))),
        MovingBox("P3", "H", 0.3, str(_("Box 21, 38 tubes, 25 minutes late")), is_late=True),
        MovingBox("R2", "H", 0.55, str(_("Box 9, 112 tubes, due 12:30"))),
    ]
