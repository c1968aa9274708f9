"""What a local search may be told."""

from __future__ import annotations

from dataclasses import dataclass

from placement_solvers.cores import num_cores


@dataclass(frozen=True, slots=True)
class LocalSearchParameters:
    """Settings that hold for all instances; what differs between instances is measured.

    Attributes
    ----------
    num_workers : int
        Walks side by side at most, each in a thread of its own with its own seed; no more than there are cores. Where
        the iterations are counted all of them take turns in one thread instead, so that every run gives the same.
    iterations : int or None
        Iterations of each walk after which the search ends by itself; None leaves that to the criterion.
    proposals : int
        Moves proposed in one iteration.
    homesick : float
        How many temperatures more a move of an item back to its start may cost, where resources are transient.
    nowhere : float
        Share of the bins set against others that place or leave out, while items wait.
    heat : float
        Start temperature in mean costs of a move, at forty thousand proposals an item.
    apart : float
        What the start temperature of each further walk side by side is multiplied by.
    near : float
        The same for the first walks but for one: they stay near where they begin.
    levelled : float
        The highest start temperature where bins are loaded alike from the beginning, in mean costs of an exchange.
    first : float
        Share of the run for a first, short cooling, so that a run that is cut off has something good to show.
    cooled : float
        Share of each cooling after which only moves that cost nothing are made.
    regions : float
        Share of the run after the walks in which regions of a few bins are solved exactly, where that gains much.
    first_walk, probe : float
        Shares of the run for a first walk and for regions after it, which show what these gain.
    convincing : float
        Gain of the probe, as a share of the cost, from which on regions get all of their share.
    most_walked : int
        Movable items of which a walk makes the most in the rest of the time. Where there are more the share of regions
        is smaller, in inverse ratio, and none at all with ten times as many.
    """

    num_workers: int = 2
    iterations: int | None = None
    proposals: int = 100_000
    homesick: float = 4.0
    nowhere: float = 0.2
    heat: float = 2.0
    apart: float = 0.5
    near: float = 0.1
    levelled: float = 0.15
    first: float = 0.1
    cooled: float = 0.98
    regions: float = 0.35
    first_walk: float = 0.06
    probe: float = 0.04
    convincing: float = 0.02
    most_walked: int = 2000

    def walks(self, *, counted: bool) -> int:
        """How many walks a run has, by whether its iterations are counted."""
        if counted:
            return self.num_workers
        return min(self.num_workers, num_cores())

    def share_of_regions(self, items: int) -> float:
        """Share of a run for regions, where so many items may be moved."""
        if items >= 10 * self.most_walked:
            return 0.0
        return self.regions * min(1.0, self.most_walked / max(items, 1))
