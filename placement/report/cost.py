"""What a tier costs, in its own unit."""

from __future__ import annotations

from placement.report.amount import size

PRICE_UNIT = 10_000
IN_BYTES = ("utilisation", "balance")


def cost(tier: str, value: int) -> str:
    """A tier's value for people: prices in money, load in bytes, all else counted."""
    if tier == "price":
        return f"{value / PRICE_UNIT:,.4f}".rstrip("0").rstrip(".")
    return size(value) if tier in IN_BYTES else f"{value:,}"


def change(tier: str, value: int) -> str:
    """A difference of a tier's values, with its sign."""
    return cost(tier, value) if value < 0 else f"+{cost(tier, value)}"
