"""How bins are covered and packed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CoverAndPackParameters:
    """How bins are covered and packed.

    Attributes
    ----------
    margin : float
        Share of room on top of what is asked that the first cover is sought with.
    halvings : int
        Covers that are packed in each round, each in the middle between the least room that sufficed and the most that
        did not.
    proposals : int
        Moves proposed for each item in the first round; doubled in each further one.
    hot, cold : float
        Temperatures between which a packing is annealed; half of what a mean item asks for of a resource is 1.
    settled : float
        Temperature at which the bins that are not just full are annealed once more.
    settling : float
        Moves proposed for that, as a share of those before.
    mended : int
        Overload, in units, up to which mending is tried.
    repairs : int
        Calls of the exact solver in a row without less overload after which a packing is given up.
    repaired : int
        Bins that a call packs anew.
    work : float
        What a call of the exact solver may take, in its own count, about a second each.
    """

    margin: float = 0.004
    halvings: int = 4
    proposals: int = 20_000
    hot: float = 0.25
    cold: float = 0.045
    settled: float = 0.08
    settling: float = 0.2
    mended: int = 8
    repairs: int = 4
    repaired: int = 14
    work: float = 0.2
