"""The search of a tier beside others that share its watch."""

from __future__ import annotations

import numpy as np
import pytest

from placement_solvers.cp_sat import CpSatParameters, tier_by_tier
from placement_solvers.cp_sat.program import Program
from placement_solvers.cp_sat.search import Limits, Outcome
from placement_solvers.cp_sat.search import Watch as Look
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.objective import cost_of
from placement_solvers.solution import Solution
from tests.builders import ProblemBuilder


def test_ends_where_somebody_else_proves_that_its_best_cannot_be_beaten(monkeypatch: pytest.MonkeyPatch) -> None:
    build = ProblemBuilder(capacity=[[10]] * 3)
    build.items(5, demand=[4])
    problem = build.problem()
    best = Solution(np.arange(5, dtype=np.int32) // 2, np.arange(5, dtype=np.int32))
    cost = cost_of(problem, best)
    watch = Watch(lambda _: False, best, cost, lower_bound=(0,) * len(cost))
    seen: list[bool] = []

    def search(_program: Program, _limits: Limits, look: Look) -> Outcome:
        seen.append(look(None, None))
        watch.raise_bound(watch.cost)
        seen.append(look(None, None))
        return Outcome(None, None, optimal=False, infeasible=False, deterministic_time=0.0)

    monkeypatch.setattr(tier_by_tier, "search", search)
    tier_by_tier.minimise_tiers(problem, CpSatParameters(num_workers=1), watch, seed=0)

    assert seen == [False, True]
