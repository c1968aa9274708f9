"""Text that cannot play tricks on a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with control characters spelled out, since names and labels come from files nobody vetted."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
