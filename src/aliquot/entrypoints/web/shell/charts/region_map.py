"""A region as a drawing: sites where they lie, a line from each to its hub, boxes on their way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import cos, radians, sqrt
from typing import Literal

from aliquot.entrypoints.web.shell.charts import svg

KM_PER_DEGREE = 111.2  # mean length of a degree of latitude, WGS 84
SIDE, EDGE = 70.0, 26.0
BOX, LONGEST_BAR = 5.0, 130
Rectangle = tuple[float, float, float, float]
Places = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Site:
    """A place in degrees (WGS 84); `hub` is the code of the site its boxes go to.

    `note` is hover text; `label` is drawn where the whole name is too long.
    """

    code: str
    name: str
    latitude: float
    longitude: float
    kind: Literal["hub", "rapid", "point"] = "point"
    hub: str = ""
    weight: float = 0
    needs_attention: bool = False
    note: str = ""
    label: str = ""


@dataclass(frozen=True)
class MovingBox:
    """A box between two sites; `progress` runs from 0 (left) to 1 (arrived)."""

    origin: str
    destination: str
    progress: float
    text: str
    is_late: bool = False


@dataclass(frozen=True)
class _Projection:
    """Equirectangular about the region's middle: true to scale within a percent at a region's size."""

    west: float
    north: float
    stretch: float
    scale: float
    left: float
    top: float

    def place(self, latitude: float, longitude: float) -> tuple[float, float]:
        return (
            self.left + (longitude - self.west) * self.stretch * self.scale,
            self.top + (self.north - latitude) * self.scale,
        )


def region_map(
    sites: Sequence[Site],
    boxes: Sequence[MovingBox] = (),
    *,
    title: str,
    kilometres: str = "km",
    width: int = 640,
    height: int = 420,
) -> str:
    """SVG of the region with a bar of scale; a name that would cover another is left to the hover text."""
    if not sites:
        return ""
    projection = _fit(sites, width, height)
    at = {site.code: projection.place(site.latitude, site.longitude) for site in sites}
    top = max(site.weight for site in sites) or 1.0
    ordered = sorted(sites, key=lambda site: (site.kind != "hub", site.kind != "rapid", -site.weight))
    drawing = svg.tag("rect", x=0, y=0, width=width, height=height, rx=8, class_="map-ground")
    drawing += "".join(_link(site, at) for site in sites)
    drawing += "".join(_circle(site, at[site.code], _radius(site, top)) for site in reversed(ordered))
    moving = [box for box in boxes if box.origin in at and box.destination in at]
    taken = [_around(_place(box, at), BOX) for box in moving]
    drawing += "".join(_names(ordered, at, top, (width, height), taken))
    drawing += "".join(_box(box, _place(box, at)) for box in moving)
    drawing += _scale_bar(projection, kilometres, height)
    description = "; ".join([site.name for site in ordered] + [box.text for box in boxes])
    return svg.picture(
        drawing, title=title, description=description, class_="map", viewBox=f"0 0 {width} {height}"
    )


def _fit(sites: Sequence[Site], width: int, height: int) -> _Projection:
    west, east = min(s.longitude for s in sites), max(s.longitude for s in sites)
    south, north = min(s.latitude for s in sites), max(s.latitude for s in sites)
    stretch = cos(radians((south + north) / 2))
    across, down = (east - west) * stretch, north - south
    rooms = [(width - 2 * SIDE) / across if across else 0.0, (height - 2 * EDGE) / down if down else 0.0]
    scale = min((room for room in rooms if room), default=100.0)
    return _Projection(west, north, stretch, scale, (width - across * scale) / 2, (height - down * scale) / 2)


def _radius(site: Site, top: float) -> float:
    least = {"hub": 11.0, "rapid": 6.5, "point": 4.5}[site.kind]
    return max(least, 10.0 * sqrt(site.weight / top)) if site.kind != "hub" else least


def _link(site: Site, at: Places) -> str:
    if site.hub not in at or site.hub == site.code:
        return ""
    (x1, y1), (x2, y2) = at[site.code], at[site.hub]
    return svg.tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_="map-link")


def _circle(site: Site, place: tuple[float, float], radius: float) -> str:
    class_ = {"hub": "map-hub", "rapid": "map-rapid", "point": "map-site"}[site.kind]
    class_ += " map-notice" if site.needs_attention else ""
    hover = svg.tag("title", escape(f"{site.name}: {site.note}" if site.note else site.name))
    return svg.tag("circle", hover, cx=place[0], cy=place[1], r=radius, class_=class_)


def _names(
    sites: Sequence[Site], at: Places, top: float, frame: tuple[int, int], taken: list[Rectangle]
) -> Iterator[str]:
    """Place names greedily, the weightiest first, in the first free one of four positions."""
    taken = taken + [_around(at[site.code], _radius(site, top)) for site in sites]
    said: set[str] = set()
    for site in sites:
        label = site.label or site.name
        if label in said:  # two sites of one town: one name is enough
            continue
        size = 14.0 if site.kind == "hub" else 12.0
        own = _around(at[site.code], _radius(site, top))
        for anchor, box in _positions(at[site.code], _radius(site, top) + 4, len(label) * size * 0.6, size):
            inside = box[0] >= 0 and box[1] >= 0 and box[2] <= frame[0] and box[3] <= frame[1]
            if inside and not any(_overlap(box, other) for other in taken if other != own):
                taken.append(box)
                class_ = "map-hub-name" if site.kind == "hub" else "map-name"
                x = {"start": box[0], "middle": (box[0] + box[2]) / 2, "end": box[2]}[anchor]
                said.add(label)
                yield svg.words(label, x=x, y=box[3] - 2, text_anchor=anchor, class_=class_)
                break


def _around(place: tuple[float, float], radius: float) -> Rectangle:
    return (place[0] - radius, place[1] - radius, place[0] + radius, place[1] + radius)


def _positions(
    place: tuple[float, float], gap: float, wide: float, high: float
) -> tuple[tuple[str, Rectangle], ...]:
    x, y = place
    return (
        ("start", (x + gap, y - high / 2, x + gap + wide, y + high / 2)),
        ("end", (x - gap - wide, y - high / 2, x - gap, y + high / 2)),
        ("middle", (x - wide / 2, y + gap, x + wide / 2, y + gap + high)),
        ("middle", (x - wide / 2, y - gap - high, x + wide / 2, y - gap)),
    )


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _place(box: MovingBox, at: Places) -> tuple[float, float]:
    (x1, y1), (x2, y2) = at[box.origin], at[box.destination]
    share = max(0.0, min(1.0, box.progress))
    return x1 + (x2 - x1) * share, y1 + (y2 - y1) * share


def _box(box: MovingBox, place: tuple[float, float]) -> str:
    x, y = place
    class_ = "map-box map-box-late" if box.is_late else "map-box"
    return svg.tag(
        "rect",
        svg.tag("title", escape(box.text)),
        x=x - BOX,
        y=y - BOX,
        width=2 * BOX,
        height=2 * BOX,
        rx=2,
        class_=class_,
    )


def _scale_bar(projection: _Projection, kilometres: str, height: int) -> str:
    per_km = projection.scale / KM_PER_DEGREE
    length = next((km for km in (500, 200, 100, 50, 20, 10, 5, 2, 1) if km * per_km <= LONGEST_BAR), 1)
    y, end = height - 14.0, 14.0 + length * per_km
    bar = svg.tag(
        "path",
        d=f"M14 {svg.number(y - 4)}V{svg.number(y)}H{svg.number(end)}V{svg.number(y - 4)}",
        class_="map-scale",
    )
    return bar + svg.words(f"{length} {kilometres}", x=end + 6, y=y + 1)
