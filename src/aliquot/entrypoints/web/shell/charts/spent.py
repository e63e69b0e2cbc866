"""How much of an allowed time is spent: a bar with the limit in it."""

from aliquot.entrypoints.web.shell.charts import svg

WIDTH, HEIGHT, LIMIT_AT = 160.0, 10.0, 0.75


def spent(minutes: float, allowed: float, *, title: str, description: str) -> str:
    """SVG of the minutes against those allowed, in the same unit; what is beyond the limit stands out.

    The limit stands at three quarters, so that what is beyond it has room.
    """
    share = min(minutes / allowed, 1 / LIMIT_AT) if allowed > 0 else 1 / LIMIT_AT
    limit = WIDTH * LIMIT_AT
    reached = min(share * limit, WIDTH)
    drawing = svg.tag("rect", x=0, y=1, width=WIDTH, height=HEIGHT - 2, rx=3, class_="spent-track")
    drawing += svg.tag(
        "rect", x=0, y=1, width=max(min(reached, limit), 1.0), height=HEIGHT - 2, rx=3, class_="spent-good"
    )
    if reached > limit:
        drawing += svg.tag(
            "rect", x=limit, y=1, width=reached - limit, height=HEIGHT - 2, class_="spent-over"
        )
    drawing += svg.tag("line", x1=limit, x2=limit, y1=0, y2=HEIGHT, class_="spent-limit")
    return svg.picture(
        drawing,
        title=title,
        description=description,
        class_="spent",
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
    )
