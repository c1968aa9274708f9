"""A minimal set of things that cannot be had together.

Junker, "QuickXplain: preferred explanations and relaxations for over-constrained problems", AAAI 2004, section 4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def quickxplain(candidates: Sequence[T], impossible: Callable[[list[T]], bool]) -> list[T]:
    """Candidates that are impossible together, while any of them less is not known to be; earlier ones are preferred.

    Asks O(k log(n / k)) times for k of n candidates. All candidates together are impossible; an `impossible` that
    says no where it cannot tell makes the set larger than need be, but never wrong.
    """
    return [] if impossible([]) else _needed([], [], list(candidates), impossible)


def _needed(
    background: list[T], added: Sequence[T], candidates: list[T], impossible: Callable[[list[T]], bool]
) -> list[T]:
    if added and impossible(background):
        return []
    if len(candidates) == 1:
        return candidates
    middle = len(candidates) // 2
    first, second = candidates[:middle], candidates[middle:]
    late = _needed(background + first, first, second, impossible)
    early = _needed(background + late, late, first, impossible)
    return early + late
