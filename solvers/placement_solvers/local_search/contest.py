"""Which start temperature suits an instance, found by trying.

No formula tells how hot to begin: where moved items go on holding transient resources a hot beginning scatters what no
cooling gathers again, and where little fits a cool one never leaves the start. So each of a few heats is tried shortly,
the better ones again for longer, and the best one gets most of the time: successive halving; Jamieson, Talwalkar,
"Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016, section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Reading = tuple[float, int]
"""Temperature and cost."""


@dataclass(slots=True)
class Entrant:
    """A heat, and what its last trial showed.

    Attributes
    ----------
    heat : float
        Start temperature in mean costs of a move.
    cost : int or None
        The best of its last trial, None before the first.
    readings : list of (temperature, cost)
        Of its last trial, one after each iteration.
    """

    heat: float
    cost: int | None = None
    readings: list[Reading] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Leg:
    """One cooling within a run.

    Attributes
    ----------
    entrant : Entrant
    begins, ends : float
        Shares of the run.
    """

    entrant: Entrant
    begins: float
    ends: float

    def share(self, of_run: float) -> float:
        """Share of the leg that is over, by that of the run."""
        return min(max((of_run - self.begins) / (self.ends - self.begins), 0.0), 1.0)


class Contest:
    """The legs of a run, each known once those before it ended.

    Parameters
    ----------
    heats : sequence of float
    rounds : sequence of (int, float)
        How many entrants take part in each round, all of them in the first, and the share of the run for them together.
    growth : float
        What heats are multiplied by from round to round.
    """

    def __init__(self, heats: Sequence[float], rounds: Sequence[tuple[int, float]], growth: float = 1.0) -> None:
        self._rounds, self._growth = rounds, growth
        self._round, self._position, self._began = 0, 0, 0.0
        self._entrants = [Entrant(heat) for heat in heats]

    @property
    def leg(self) -> Leg:
        """The leg now."""
        count, share = self._rounds[self._round]
        size = share / count
        begins = self._began + size * self._position
        return Leg(self._entrants[self._position], begins, begins + size)

    @property
    def is_last(self) -> bool:
        """Whether the leg now goes on to the end of the run."""
        return self._round == len(self._rounds) - 1 and self._position == self._rounds[-1][0] - 1

    def go_on(self, cost: int, readings: list[Reading]) -> None:
        """End the leg now, which reached a cost, and begin the next one."""
        entrant = self._entrants[self._position]
        entrant.cost, entrant.readings = cost, readings
        count, share = self._rounds[self._round]
        self._position += 1
        if self._position < count:
            return
        self._began += share
        self._round, self._position = self._round + 1, 0
        # The sort is stable: of equals the one that comes first goes on.
        self._entrants.sort(key=lambda entrant: entrant.cost if entrant.cost is not None else 0)
        del self._entrants[self._rounds[self._round][0] :]
        for entrant in self._entrants:
            entrant.heat *= self._growth
