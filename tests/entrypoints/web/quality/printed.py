"""What stands on a printed page."""

import pypdfium2


def text_of(content: bytes) -> str:
    """The words of a PDF in one line."""
    pages = pypdfium2.PdfDocument(content)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)
