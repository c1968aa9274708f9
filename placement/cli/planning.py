"""Making a plan at the terminal: progress on stderr, Ctrl-C for the best so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placement.cli.interrupt import interruptible
from placement.cli.progress import ProgressLine
from placement.errors import UnknownSolverError

if TYPE_CHECKING:
    from placement.cluster import Cluster
    from placement.plans import Plan
    from placement.policy import Policy


def chosen_policy(policy: str, solver: str) -> Policy:
    """The policy that the options name. Ask before a large dump is read, for a misspelt name should not take a minute.

    Raises
    ------
    PolicyError, UnknownSolverError
        If there is no such policy or solver.
    """
    from placement.policy import read_policy
    from placement.roster import solver_names

    if solver not in solver_names():
        raise UnknownSolverError(f"no solver {solver!r}; expected one of: {', '.join(solver_names())}")
    return read_policy(policy)


def make_plan(cluster: Cluster, *, policy: Policy, solver: str, time_limit: float, seed: int) -> Plan:
    """Plan a cluster, in sight of whoever waits for it."""
    from placement.planner import plan

    with ProgressLine() as line, interruptible(lambda: line.notice("stopping; Ctrl-C again gives up")) as interrupted:
        return plan(
            cluster,
            policy=policy,
            solver=solver,
            time_limit=time_limit,
            seed=seed,
            moving=True,
            interrupted=interrupted,
            progress=line.progress,
            notice=line.notice,
        )
