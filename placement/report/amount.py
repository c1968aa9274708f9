"""Amounts for people: short, rounded, never used to decide anything."""

from __future__ import annotations

from collections.abc import Mapping

from placement.model.node import CPU, EPHEMERAL_STORAGE, MEMORY

_BYTES = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


def cores(millicores: int) -> str:
    """Processor time: ``250m`` below one core, else cores to one place."""
    return f"{millicores}m" if abs(millicores) < 1000 and millicores else f"{millicores / 1000:.1f}".removesuffix(".0")


def size(amount: int) -> str:
    """Bytes with a binary suffix, to one place: ``1.5Gi``."""
    number, rank = float(amount), 0
    while abs(number) >= 1024 and rank < len(_BYTES) - 1:
        number, rank = number / 1024, rank + 1
    return f"{number:.1f}".removesuffix(".0") + _BYTES[rank]


def amount(resource: str, value: int) -> str:
    """An amount of any resource, in its usual unit."""
    if resource == CPU:
        return cores(value)
    sized = resource in (MEMORY, EPHEMERAL_STORAGE) or resource.startswith("hugepages-")
    return size(value) if sized else str(value)


def amounts(requests: Mapping[str, int]) -> str:
    """All that a pod asks for: ``cpu 250m, memory 1.5Gi``; "nothing" if nothing."""
    order = sorted(requests, key=lambda resource: (resource != CPU, resource != MEMORY, resource))
    named = [f"{resource} {amount(resource, requests[resource])}" for resource in order if requests[resource]]
    return ", ".join(named) or "nothing"
