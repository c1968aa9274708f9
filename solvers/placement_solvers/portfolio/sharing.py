"""Runs within a run: what one finds the other knows at once."""

from __future__ import annotations

from placement_solvers.cp_sat.watch import Watch
from placement_solvers.stop import Progress


def shared(watch: Watch) -> Watch:
    """A watch for one more run that begins with what another holds and hands on what it finds."""

    def hand_on(_: Progress) -> None:
        watch.offer(*own.incumbent())
        if own.lower_bound is not None:
            watch.raise_bound(own.lower_bound, own.witness)

    solution, cost = watch.incumbent()
    own = Watch(lambda _: watch.should_end(), solution, cost, watch.lower_bound, watch.witness, hand_on)
    return own
