"""A region as a constraint program: every cost and rule that items of free classes meet.

Variables are the items of each kind in each bin. What the fixed items take is read off the state of the search by
taking the free items out of its sums.
"""

from __future__ import annotations

import numpy as np

from placement_solvers.cp_sat.program import UNBOUNDED, Program, Sum, greatest_of
from placement_solvers.local_search.state import MOST_MOVED, State
from placement_solvers.local_search.tables import Tables
from placement_solvers.problem import NOWHERE, Bool, Int64
from placement_solvers.regions.cells import CellRules
from placement_solvers.regions.region import Region


class RegionProgram:
    """The program of a region, its objective the sum of all tiers but for a constant.

    Attributes
    ----------
    program : Program
    variable : (K, M) int64
        Variable of a kind in a bin, -1 where it may not lie.
    """

    def __init__(self, tables: Tables, state: State, region: Region) -> None:
        self._tables, self._state, self._region = tables, state, region
        self.program = Program()
        self._objective = Sum()
        self._demand = tables.demand[region.class_]
        self._held = self._demand & tables.transient
        self._rows = np.arange(len(region.bins))
        self.variable = self._variables(self._may_lie())
        self._lie_somewhere()
        self._keep_capacity()
        self._pay_for_lying()
        self._pay_for_what_is_over()
        self._pay_for_opening()
        self._pay_for_most_moved()
        CellRules(tables, state, region, self.program, self.variable).add()
        self.program.minimise(self._objective)
        self.hint = self.program.complete(region.now[self.variable >= 0].tolist())
        self.program.hint(self.hint)

    def cost(self, values: list[int]) -> int:
        """The objective where the variables have these values, its constant included."""
        return self._objective.value(values)

    def completed(self, values: list[int]) -> list[int]:
        """The values with all auxiliary variables as small as they may be."""
        return self.program.complete(values[: int((self.variable >= 0).sum())])

    def counts(self, values: list[int]) -> Int64:
        """Items of each kind in each bin, (K, M) int64."""
        there = self.variable >= 0
        counts = np.zeros_like(self.variable)
        counts[there] = np.array(values[: int(there.sum())], dtype=np.int64)
        return counts

    def _may_lie(self) -> Bool:
        tables, region = self._tables, self._region
        class_ = region.class_
        eligible = tables.eligible[tables.class_signature[class_][:, None], tables.bin_signature[region.bins]]
        pin = tables.pinned_to[class_][:, None]
        room = self._room()
        short = np.zeros(region.now.shape, dtype=np.bool_)
        for resource in range(room.shape[1]):
            needed = self._demand[:, resource, None] - np.where(
                region.home[:, None] == self._rows, self._held[:, resource, None], 0
            )
            short |= (needed > 0) & (needed > room[:, resource])
        may: Bool = (eligible & ((pin == NOWHERE) | (pin == region.bins)) & ~short) | (region.now > 0)
        return may

    def _variables(self, may_lie: Bool) -> Int64:
        variable = np.full(may_lie.shape, -1, dtype=np.int64)
        variable[may_lie] = np.arange(int(may_lie.sum()))
        most = np.broadcast_to(self._region.count[:, None], may_lie.shape)[may_lie]
        for upper in most.tolist():
            self.program.integer(0, upper)
        return variable

    def _lie_somewhere(self) -> None:
        for row, count in zip(self.variable, self._region.count.tolist(), strict=True):
            variables = row[row >= 0].tolist()
            if count == 1 and len(variables) > 1:
                self.program.proto.constraints.add().exactly_one.literals.extend(variables)
            else:
                self.program.linear(variables, [1] * len(variables), count, count)

    def _room(self) -> Int64:
        """Room of each bin for the free items, without what those that start there hold anyway, (M, R)."""
        region = self._region
        room = self._state.room[region.bins] + region.now.T @ self._demand
        for kind in np.flatnonzero(region.home >= 0).tolist():
            bin_ = region.home[kind]
            # Those that lie there hold it as a part of their demand, the others beside it.
            room[bin_] -= region.now[kind, bin_] * self._held[kind]
        return room

    def _keep_capacity(self) -> None:
        region, room = self._region, self._room()
        for bin_ in self._rows.tolist():
            there = np.flatnonzero(self.variable[:, bin_] >= 0)
            variables = self.variable[there, bin_]
            weights = self._demand[there] - np.where((region.home[there] == bin_)[:, None], self._held[there], 0)
            most = region.count[there] @ weights
            now = region.now[there, bin_] @ weights
            for resource in np.flatnonzero(most > room[bin_]).tolist():
                column = weights[:, resource]
                some = column > 0
                # An overfull bin may stay so, but nothing enters that makes it fuller.
                upper = max(int(room[bin_, resource]), int(now[resource]))
                self.program.linear(variables[some], column[some], -UNBOUNDED, upper)
                if int(now[resource]) > int(room[bin_, resource]):
                    for kind, variable in zip(there[some].tolist(), variables[some].tolist(), strict=True):
                        self.program.linear([variable], [1], 0, int(region.now[kind, bin_]))

    def _pay_for_lying(self) -> None:
        tables, region = self._tables, self._region
        cost = tables.placed_cost[tables.class_signature[region.class_][:, None], tables.bin_signature[region.bins]]
        moves = region.start != len(tables.open_cost) - 1
        away = moves[:, None] & (region.home[:, None] != self._rows)
        cost = cost + np.where(away, tables.moved_cost[region.class_][:, None], 0)
        if tables.between_cost.size:
            between = tables.between_cost[np.where(moves, region.start, 0)[:, None], region.bins]
            cost = cost + np.where(away, between, 0)
        self._pay(self.variable, cost)

    def _pay(self, variables: Int64, weights: Int64) -> None:
        some = (variables >= 0) & (weights != 0)
        self._objective.variables += variables[some].tolist()
        self._objective.weights += weights[some].tolist()

    def _pay_for_what_is_over(self) -> None:
        region, tables = self._region, self._tables
        amount = tables.amount[region.class_]
        fixed = self._state.over[region.bins] - region.now.T @ amount
        for quantity, price in enumerate(tables.price.tolist()):
            for bin_ in self._rows.tolist():
                self._pay_above(bin_, amount[:, quantity], int(fixed[bin_, quantity]), price)

    def _pay_above(self, bin_: int, amounts: Int64, fixed: int, weight: int) -> None:
        """Pay for each unit by which what is fixed and what enters are together above 0."""
        variables = self.variable[:, bin_]
        some = (variables >= 0) & (amounts != 0)
        variables, amounts, count = variables[some], amounts[some], self._region.count[some]
        most = fixed + int(count @ np.maximum(amounts, 0))
        least = fixed + int(count @ np.minimum(amounts, 0))
        if most <= 0:
            return
        total = Sum(variables.tolist(), amounts.tolist(), fixed)
        if least >= 0:
            self._objective.variables += total.variables
            self._objective.weights += (weight * amounts).tolist()
            self._objective.constant += weight * fixed
            return
        above = self.program.integer(0, most, greatest_of([total], [0]))
        self.program.linear([*total.variables, above], [*total.weights, -1], -UNBOUNDED, -fixed)
        self._objective.add([above], weight)

    def _pay_for_opening(self) -> None:
        region, tables = self._region, self._tables
        fixed = self._state.num_items[region.bins] - region.now.sum(axis=0)
        for bin_ in np.flatnonzero((tables.open_cost[region.bins] != 0) & (fixed == 0)).tolist():
            variables = self.variable[:, bin_]
            opened = self.program.holds_any(variables[variables >= 0].tolist())
            self._objective.add([opened], int(tables.open_cost[region.bins[bin_]]))

    def _pay_for_most_moved(self) -> None:
        region, tables = self._region, self._tables
        if tables.most_moved == 0:
            return
        sets = tables.relations.set_of[region.class_]
        counted = (sets >= 0) & (region.start != len(tables.open_cost) - 1)
        moved_now = region.count.copy()
        at_home = np.flatnonzero(region.home >= 0)
        moved_now[at_home] -= region.now[at_home, region.home[at_home]]
        moved = self._state.moved.astype(np.int64)
        np.subtract.at(moved, sets[counted], moved_now[counted])
        least = moved.copy()
        np.add.at(least, sets[counted & (region.home < 0)], region.count[counted & (region.home < 0)])
        base = int(least.max(initial=0))
        totals = []
        for part in np.unique(sets[counted]).tolist():
            own = np.flatnonzero(counted & (sets == part))
            if int(moved[part]) + int(region.count[own].sum()) > base:
                at_home = own[region.home[own] >= 0]
                stays = self.variable[at_home, region.home[at_home]]
                total = Sum(constant=int(moved[part]) + int(region.count[own].sum()))
                totals.append(total.add(stays[stays >= 0].tolist(), -1))
        if not totals:
            return
        highest = max(base, int(self._state.numbers[MOST_MOVED]), *(total.constant for total in totals))
        most = self.program.integer(base, highest, greatest_of(totals, [base]))
        for total in totals:
            self.program.linear([*total.variables, most], [*total.weights, -1], -UNBOUNDED, -total.constant)
        self._objective.add([most], int(tables.most_moved))
