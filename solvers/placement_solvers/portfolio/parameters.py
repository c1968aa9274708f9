"""What the default solver may use."""

from __future__ import annotations

from dataclasses import dataclass

from placement_solvers.cores import num_cores


@dataclass(frozen=True, slots=True)
class PortfolioParameters:
    """What the portfolio may use.

    Attributes
    ----------
    num_workers : int
        Threads in all.
    repeatable : bool
        Whether solvers take turns with fixed amounts of work, so that every run gives the same.
    alone : float
        Seconds the exact solver has for itself before the search of neighbourhoods joins it.
    packs_alone : float
        Seconds column generation has for itself before the exact solver joins it, where each has a core.
    packs_alone_on_one : float
        The same where they share one.
    max_pairs : int
        Pairs of class and bin beyond which no exact model of the whole is built.
    max_pairs_beside : int
        Pairs beyond which none is built while column generation runs: building would slow it down.
    pairs_a_second : int
        For each second left so many pairs may be in an exact model: building and presolving one cannot be interrupted
        everywhere, and what is too late proves nothing.
    work, steps : float, int
        With `repeatable`: the exact solver's work, and the steps of the search after it.
    min_bins_moved : int
        Bins from which local search goes first where items have a start.
    min_pairs_levelled : int
        Pairs of class and bin from which it goes first, too, where how bins are loaded is paid for.
    moving : float
        Share of the time there is that local search takes then.
    levelling, falling : float
        That share where how bins are loaded is paid for; and the share of it for a descent that makes the moves first
        that gain most, before the search and, where that finds nothing better, after it.
    max_pairs_searched : int
        With more pairs of class and bin local search has all the time there is, where it can do anything: whoever comes
        after it would take minutes to begin.
    finding : float
        Share of the time there is in which local search looks for room for what greedy left out, where no exact model
        of the whole is built.
    regrouping : float
        Share of the time there is in which first fit packs again and again, where there are many resources.
    regroupings : int
        With `repeatable`: how often it does.
    moves : int
        With `repeatable`: its iterations instead.
    turns : int
        With `repeatable`: the steps of the search for items on devices.
    packing : float
        Share of the time there is for packing without relations, before places are dealt out.
    fresh : float
        Share of the time there is for a plan from nothing, where items have a start and it is open what can be in.
    part_seconds : float
        What each independent part gets in the first round; doubled each round that leaves one open.
    """

    num_workers: int = 2
    repeatable: bool = False
    alone: float = 0.5
    packs_alone: float = 2.0
    packs_alone_on_one: float = 8.0
    max_pairs: int = 1_000_000
    max_pairs_beside: int = 50_000
    pairs_a_second: int = 50_000
    work: float = 5.0
    steps: int = 50
    min_bins_moved: int = 50
    min_pairs_levelled: int = 10_000
    moving: float = 0.5
    levelling: float = 0.9
    falling: float = 0.3
    max_pairs_searched: int = 50_000_000
    finding: float = 0.4
    regrouping: float = 0.3
    regroupings: int = 200
    moves: int = 250
    turns: int = 500
    packing: float = 0.8
    fresh: float = 0.3
    part_seconds: float = 1.0

    @property
    def before_exact(self) -> float:
        """Seconds column generation has for itself on this machine."""
        return self.packs_alone if num_cores() > 1 else self.packs_alone_on_one
