"""The few pieces of SVG that the charts share."""

from html import escape


def number(value: float) -> str:
    """A coordinate with at most one decimal: short, and the same on every machine."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def tag(name: str, content: str = "", **attributes: object) -> str:
    """One element; `class_`, `text_anchor` become class, text-anchor; values are escaped, content is not."""
    parts = [name]
    for key, value in attributes.items():
        text = number(value) if isinstance(value, float) else str(value)
        parts.append(f'{key.rstrip("_").replace("_", "-")}="{escape(text)}"')
    opening = " ".join(parts)
    return f"<{opening}>{content}</{name}>" if content else f"<{opening}/>"


def words(text: str, **attributes: object) -> str:
    """A text element with escaped words."""
    return tag("text", escape(text), **attributes)


def picture(content: str, *, title: str, description: str, class_: str, **attributes: object) -> str:
    """An SVG that a screen reader announces by title and description."""
    naming = tag("title", escape(title)) + tag("desc", escape(description))
    return tag(
        "svg",
        naming + content,
        class_=f"chart {class_}",
        role="img",
        aria_label=f"{title}. {description}".strip(),
        xmlns="http://www.w3.org/2000/svg",
        **attributes,
    )
