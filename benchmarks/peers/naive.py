"""The naive model: one boolean for each item and each bin it may enter, and every rule written down as it reads.

What a first attempt with CP-SAT looks like (google/or-tools discussion 1799 asks for 50 tasks on 1,000 nodes this way).
The tiers are minimised one after the other. Nothing is hinted, scoped or merged; all else, workers and seed, is as for
this project's own models.
"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from placement_solvers.counting import in_scope, is_member
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.feasibility import Replay
from placement_solvers.objective import Cost, cost_of
from placement_solvers.problem import NOWHERE, Problem, Tier
from placement_solvers.result import Incumbent, Result, Status, StopReason
from placement_solvers.solution import Solution
from placement_solvers.stop import Progress, StoppingCriterion

NUM_WORKERS = 2


class NaiveCpSat:
    """Booleans of item and bin."""

    @property
    def name(self) -> str:
        """The name users choose it by."""
        return "naive_cp_sat"

    def solve(
        self, problem: Problem, stop: StoppingCriterion, *, start: Solution | None = None, seed: int = 0
    ) -> Result:
        """Build the model and minimise tier after tier until the criterion ends it; `start` plays no part.

        Raises
        ------
        UnsupportedProblemError
            If the problem has gangs, items with a start, relations of the plan as a whole, or a cost of anything but
            items left out and bins opened.
        """
        began = time.perf_counter()
        _check(problem)
        best = Solution.nothing_placed(problem.num_items)
        cost = cost_of(problem, best)
        bound: Cost | None = None
        trace = [Incumbent(0.0, cost, None)]
        model = _Model(problem)
        proven = 0
        for index, tier in enumerate(problem.tiers):
            left = _seconds_left(stop, time.perf_counter() - began, cost, bound)
            if left <= 0:
                break
            value, solved, lower = model.minimise(tier, left, seed)
            if value is None:
                break
            found = _admitted(problem, value)
            if cost_of(problem, found) < cost:
                best, cost = found, cost_of(problem, found)
            bound = (*cost[:index], max(lower, 0), *([0] * (len(cost) - index - 1)))
            trace.append(Incumbent(time.perf_counter() - began, cost, bound))
            if not solved or cost[index] != lower:
                break
            proven += 1
        optimal = proven == len(problem.tiers)
        return Result(
            status=Status.OPTIMAL if optimal else Status.FEASIBLE,
            stopped_by=StopReason.PROOF if optimal else StopReason.CRITERION,
            solution=best,
            cost=cost,
            lower_bound=bound,
            elapsed=time.perf_counter() - began,
            trace=tuple(trace),
            statistics={"booleans": model.num_booleans},
        )


def _check(problem: Problem) -> None:
    if len(problem.gangs) or len(problem.start) or len(problem.breadths) or len(problem.dependencies):
        raise UnsupportedProblemError("the naive model knows no gangs, starts, breadths or dependencies")
    if any(tier.unplaced is None and tier.open is None for tier in problem.tiers):
        raise UnsupportedProblemError("the naive model counts only items left out and bins opened")


def _seconds_left(stop: StoppingCriterion, elapsed: float, cost: Cost, bound: Cost | None) -> float:
    """How long a criterion that looks at time alone lets the run go on, by bisection; at most an hour."""
    shortest, longest = 0.0, 3600.0
    while longest - shortest > 0.01:
        middle = (shortest + longest) / 2
        if stop(Progress(elapsed + middle, 0, 0, cost, bound)):
            longest = middle
        else:
            shortest = middle
    return shortest


class _Model:
    """The booleans and the rules."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.of_item: list[dict[int, Any]] = []
        self.of_bin: dict[int, list[tuple[int, Any]]] = defaultdict(list)
        for item, class_ in enumerate(problem.class_of):
            may = np.flatnonzero(problem.eligible_bins(int(class_)))
            self.of_item.append({int(bin_): self.model.new_bool_var("") for bin_ in may})
            for bin_, variable in self.of_item[item].items():
                self.of_bin[bin_].append((item, variable))
            if self.of_item[item]:
                self.model.add_at_most_one(self.of_item[item].values())
        self.num_booleans = sum(map(len, self.of_item))
        self.used = {bin_: self.model.new_bool_var("") for bin_ in self.of_bin if not problem.in_use[bin_]}
        for bin_, inside in self.of_bin.items():
            if bin_ in self.used:
                for _, variable in inside:
                    self.model.add_implication(variable, self.used[bin_])
        self._capacity()
        self._relations()

    def _capacity(self) -> None:
        problem = self.problem
        for bin_, inside in self.of_bin.items():
            for resource in range(problem.num_resources):
                demands = [int(problem.demand[problem.class_of[item], resource]) for item, _ in inside]
                room = max(int(problem.capacity[bin_, resource]), 0)
                self.model.add(
                    sum(demand * variable for demand, (_, variable) in zip(demands, inside, strict=True)) <= room
                )

    def _members(self, group: int) -> dict[int, list[Any]]:
        """The booleans of a group's members in each domain of its topology."""
        problem = self.problem
        classes = {class_ for class_ in range(problem.num_classes) if is_member(problem, class_, group)}
        inside = in_scope(problem, group)
        domains = problem.domain_of[problem.groups.topology[group]]
        found: dict[int, list[Any]] = defaultdict(list)
        for item, class_ in enumerate(problem.class_of):
            if int(class_) in classes:
                for bin_, variable in self.of_item[item].items():
                    if inside[bin_]:
                        found[int(domains[bin_])].append(variable)
        return found

    def _relations(self) -> None:
        problem = self.problem
        initial, start = problem.groups.initial, problem.groups.start
        tables = (problem.limits, problem.attractions, problem.spreads)
        members = {int(group): self._members(int(group)) for table in tables for group in table.group}
        for class_, group, at_most in zip(
            problem.limits.class_, problem.limits.group, problem.limits.at_most, strict=True
        ):
            # An item that is a member counts itself, and finds one less than there are in the end.
            most = int(at_most) - 1 + is_member(problem, int(class_), int(group))
            if self._all_ask(int(group), int(at_most)):
                for domain, here in members[int(group)].items():
                    self.model.add(sum(here) <= max(int(at_most) - int(initial[start[group] + domain]), 0))
                continue
            own = self._by_domain(int(class_), int(group))
            for domain, here in members[int(group)].items():
                for variable in own.get(domain, []):
                    there = int(initial[start[group] + domain])
                    self.model.add(sum(here) + there <= most).only_enforce_if(variable)
        for class_, group in zip(problem.attractions.class_, problem.attractions.group, strict=True):
            for domain, own_here in self._by_domain(int(class_), int(group)).items():
                if domain == NOWHERE:
                    self.model.add(sum(own_here) == 0)
                elif initial[start[group] + domain] == 0:
                    some = self.model.new_bool_var("")
                    self.model.add_bool_or([*members[int(group)].get(domain, []), some.negated()])
                    for variable in own_here:
                        self.model.add_implication(variable, some)
        for row, (class_, group, skew) in enumerate(
            zip(problem.spreads.class_, problem.spreads.group, problem.spreads.max_skew, strict=True)
        ):
            domains = problem.domain_of[problem.groups.topology[group]]
            eligible = sorted({int(domain) for domain in domains[in_scope(problem, int(group))]})
            few = len(eligible) < problem.spreads.min_domains[row]
            smallest = self.model.new_int_var(0, 0 if few else problem.num_items, "")
            for domain in eligible:
                count = sum(members[int(group)].get(domain, [])) + int(initial[start[group] + domain])
                if not few:
                    self.model.add(smallest <= count)
                self.model.add(count <= smallest + int(skew))
            outside = self._by_domain(int(class_), int(group)).get(NOWHERE, [])
            if outside:
                self.model.add(sum(outside) == 0)

    def _all_ask(self, group: int, at_most: int) -> bool:
        """Whether all members of a group, and nobody else, ask that no domain hold more than so many of it."""
        problem, limits = self.problem, self.problem.limits
        asking = set(limits.class_[(limits.group == group) & (limits.at_most == at_most)].tolist())
        return asking == {c for c in range(problem.num_classes) if is_member(problem, c, group)} and asking == set(
            limits.class_[limits.group == group].tolist()
        )

    def _by_domain(self, class_: int, group: int) -> dict[int, list[Any]]:
        """The booleans of a class in each domain of a group's topology."""
        domains = self.problem.domain_of[self.problem.groups.topology[group]]
        found: dict[int, list[Any]] = defaultdict(list)
        for item in np.flatnonzero(self.problem.class_of == class_):
            for bin_, variable in self.of_item[item].items():
                found[int(domains[bin_])].append(variable)
        return found

    def minimise(self, tier: Tier, seconds: float, seed: int) -> tuple[np.ndarray[Any, Any] | None, bool, int]:
        """The bins of the best solution found, whether it is proven, and the bound; the tier is held from then on."""
        problem = self.problem
        terms: list[Any] = []
        if tier.unplaced is not None:
            for item, class_ in enumerate(problem.class_of):
                terms.append(int(tier.unplaced[class_]) * (1 - sum(self.of_item[item].values())))
        if tier.open is not None:
            terms += [int(tier.open[bin_]) * variable for bin_, variable in self.used.items()]
        self.model.minimize(sum(terms))
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = NUM_WORKERS
        solver.parameters.random_seed = seed
        status = solver.solve(self.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None, False, 0
        bin_of = np.full(problem.num_items, NOWHERE, dtype=np.int32)
        for item, bins in enumerate(self.of_item):
            for bin_, variable in bins.items():
                if solver.boolean_value(variable):
                    bin_of[item] = bin_
        self.model.add(sum(terms) <= round(solver.objective_value))
        return bin_of, status == cp_model.OPTIMAL, int(np.ceil(solver.best_objective_bound - 1e-6))


def _admitted(problem: Problem, bin_of: np.ndarray[Any, Any]) -> Solution:
    """A placement in an order in which its items may enter; those that never may are left out."""
    replay = Replay(problem)
    sequence: list[int] = []
    waiting = [int(item) for item in np.flatnonzero(bin_of != NOWHERE)]
    while waiting:
        refused = []
        for item in waiting:
            class_, bin_ = int(problem.class_of[item]), int(bin_of[item])
            if replay.refusal(class_, bin_) is None:
                replay.enter(class_, bin_)
                sequence.append(item)
            else:
                refused.append(item)
        if len(refused) == len(waiting):
            break
        waiting = refused
    left_out = np.setdiff1d(np.arange(problem.num_items), sequence)
    bin_of = bin_of.copy()
    bin_of[left_out] = NOWHERE
    return Solution(bin_of, np.array(sequence, dtype=np.int32))
