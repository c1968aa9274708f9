"""Making a plan at the terminal: progress on stderr, Ctrl-C for the best so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placement.cli.interrupt import interruptible
from placement.cli.progress import ProgressLine

if TYPE_CHECKING:
    from placement.cluster import Cluster
    from placement.plans import Plan


def make_plan(cluster: Cluster, *, policy: str, solver: str, time_limit: float, seed: int) -> Plan:
    """Plan a cluster as the options say.

    Raises
    ------
    PolicyError, UnknownSolverError
        If an option names what there is not.
    """
    from placement.planner import plan
    from placement.policy import read_policy

    chosen = read_policy(policy)
    with ProgressLine() as line, interruptible(lambda: line.notice("stopping; Ctrl-C again gives up")) as interrupted:
        return plan(
            cluster,
            policy=chosen,
            solver=solver,
            time_limit=time_limit,
            seed=seed,
            interrupted=interrupted,
            progress=line.progress,
            notice=line.notice,
        )
