"""Assessment in the demonstration by the real actions: two evaluated rounds of our own, and one that runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from aliquot.foundation.actors import Actor, system_actor
from aliquot.foundation.context import acting
from aliquot.oversight.proficiency.actions import (
    ItemPlan,
    Returned,
    RoundPlan,
    SamplePlan,
    close_round,
    open_round,
    receive_sample,
    record_eqa_result,
    submit_results,
)
from aliquot.oversight.proficiency.models import ProficiencyItem, ProficiencyRound, ProficiencySample
from aliquot.oversight.proficiency.rules.items import Basis, Target
from aliquot.registers.network.models import Site

SCHEME = "TUL"
AHEAD = timedelta(days=9)
TESTS: Mapping[str, tuple[str, str, str]] = {
    "GLUS": ("5.20", "11.8", "0.035"),
    "K": ("3.60", "5.90", "0.03"),
    "NA": ("132", "148", "0.009"),
    "CREA": ("78", "310", "0.03"),
    "ALT": ("28", "112", "0.05"),
}
"""By test: the assigned value of either sample, and sigma as a share of it."""
METHODS = {Site.Kind.HUB: "Atellica Solution", Site.Kind.RAPID_LABORATORY: "cobas c 311"}


@dataclass(frozen=True, slots=True)
class Past:
    """An evaluated round: how long ago it ended, and by how many sigma each laboratory was off.

    Both samples of each test, in the order of TESTS.
    """

    code: str
    days_ago: int
    hub: tuple[str, ...]
    spoke: tuple[str, ...]


PAST = (
    Past(
        "TUL-1",
        100,
        ("0.4 0.2", "-0.5 0.1", "0.8 0.6", "0.3 -0.4", "-1.1 -0.7"),
        ("1.2 0.9", "1.6 1.9", "-0.2 0.4", "-0.9 0.5", "0.6 1.3"),
    ),
    Past(
        "TUL-2",
        10,
        ("-0.3 0.5", "0.2 -0.6", "1.1 0.9", "-0.2 0.1", "0.4 -0.9"),
        ("0.7 1.4", "2.6 3.4", "0.3 -0.8", "0.4 -1.2", "1.8 2.3"),
    ),
)
"""The potassium of the rapid-response laboratory drifts until it fails."""


def install_rounds(hub: Site, *, at: datetime) -> None:
    """The rounds of the hub with its rapid-response laboratories; what is there stays."""
    by = _organiser()
    with acting(by, reason="set up the demonstration"):
        known = set(ProficiencyRound.objects.values_list("code", flat=True))
        for past in PAST:
            if past.code not in known:
                _run(past, hub, by, at - timedelta(days=past.days_ago))
        if "TUL-3" not in known:
            open_round(_plan("TUL-3", hub, at + AHEAD), organiser=hub, by=by, at=at)


def _organiser() -> Actor:
    with acting(system_actor("installation")):
        sites = frozenset(Site.objects.values_list("pk", flat=True))
    return system_actor("installation", sites)


def _plan(code: str, hub: Site, until: datetime) -> RoundPlan:
    spokes = Site.objects.filter(kind=Site.Kind.RAPID_LABORATORY, laboratory=hub).order_by("code")
    samples = tuple(
        SamplePlan(name, tuple(_item(test, at) for test in TESTS), "pooled serum")
        for at, name in enumerate(("S1", "S2"))
    )
    places = [hub, *spokes]
    return RoundPlan(
        code=code,
        submit_by=until,
        samples=samples,
        participants={one.pk: f"{at:02d}" for at, one in enumerate(places, start=1)},
        scheme=SCHEME,
    )


def _item(test: str, sample: int) -> ItemPlan:
    assigned, sigma = _target(test, sample)
    u = round(sigma / 10, 6)
    return ItemPlan(test, Target(Basis.REFERENCE, assigned, u, sigma))


def _target(test: str, sample: int) -> tuple[Decimal, Decimal]:
    """The assigned value and sigma of a sample, from 0."""
    assigned, share = Decimal(TESTS[test][sample]), Decimal(TESTS[test][2])
    return assigned, round(assigned * share, 6)


def _run(past: Past, hub: Site, by: Actor, ended: datetime) -> None:
    """A round that ended then: sent two weeks before, received, returned and evaluated."""
    sent = ended - timedelta(days=14)
    found = open_round(_plan(past.code, hub, ended), organiser=hub, by=by, at=sent)
    for part in found.participations.select_related("laboratory").order_by("id"):
        place = part.laboratory
        off = dict(zip(TESTS, past.hub if place == hub else past.spoke, strict=True))
        for sample in ProficiencySample.objects.filter(round=found).order_by("id"):
            receive_sample(sample, place, "good", by=by, at=sent + timedelta(days=1))
        for item in (
            ProficiencyItem.objects.filter(round=found).select_related("test", "sample").order_by("id")
        ):
            record_eqa_result(item, place, _returned(item, off, place), by=by, at=sent + timedelta(days=2))
        submit_results(found, place, by=by, at=sent + timedelta(days=2))
    close_round(found, by=by, at=ended)


def _returned(item: ProficiencyItem, off: Mapping[str, str], place: Site) -> Returned:
    sample = 0 if item.sample.code == "S1" else 1
    assigned, sigma = _target(item.test.code, sample)
    value = round(assigned + Decimal(off[item.test.code].split()[sample]) * sigma, item.test.decimals)
    return Returned(str(value), method=METHODS[Site.Kind(place.kind)])
