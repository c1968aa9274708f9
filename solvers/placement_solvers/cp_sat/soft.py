"""Soft relations as cost: company that is paid for or rewarded, counts outside a range, skew.

Every auxiliary variable is bound from the side on which its cost lies: at the optimum it is exact, elsewhere it is at
least the true cost.
"""

from __future__ import annotations

import numpy as np

from placement_solvers.cp_sat.model import Model
from placement_solvers.cp_sat.program import Rule, Sum, greatest_of, least_of
from placement_solvers.problem import Int64, PairCosts, Ranges, Skews


def excess(model: Model, total: Sum, price: int) -> int:
    """A variable that pays for what a sum is above 0: at least that where the price is positive, else at most."""
    program = model.program
    most = max(program.maximum(total), 0)
    frozen = total.plus(())
    result = program.integer(0, most, greatest_of([frozen], [0]))
    if price >= 0:
        program.at_most(frozen.plus([result], -1), 0)
        return result
    # result <= total where the total is positive, else result <= 0.
    positive = program.boolean(lambda values: int(frozen.value(values) > 0))
    program.at_least(frozen.plus([result], -1), 0, [positive])
    program.linear([result], [1], 0, 0, [~positive])
    return result


def greatest(model: Model, counts: list[Sum], price: int) -> int:
    """A variable that pays for the greatest of some sums: at least that where the price is positive, else at most."""
    program = model.program
    least, most = (max(end(one) for one in counts) for end in (program.minimum, program.maximum))
    result = program.integer(least, most, greatest_of(counts))
    for one in counts:
        program.at_most(one.plus([result], -1), 0)
    if price < 0:
        _attain(model, counts, result, -1)
    return result


def add_pairs(model: Model, pairs: PairCosts, total: Sum) -> None:
    """Each item of a class pays for each member of a group in its domain but itself."""
    none = np.zeros(0, dtype=np.int64)
    for class_, group, weight in zip(pairs.class_.tolist(), pairs.group.tolist(), pairs.weight.tolist(), strict=True):
        if weight == 0:
            continue
        initial, counted, is_counted = model.initial(group), model.counted(group), model.is_counted(group)
        for domain, cells in model.in_domains(group, model.kinds_of(class_).tolist(), entering=False).items():
            members = counted.get(domain, none)
            total.add([cell for cell in cells.tolist() if is_counted[cell]], -weight)
            _add_meetings(model, cells, members, int(initial[domain]), weight, total)


def _add_meetings(model: Model, cells: Int64, members: Int64, initial: int, weight: int, total: Sum) -> None:
    """The weight times the product of two counts that may share cells."""
    program = model.program
    if initial:
        total.add(cells.tolist(), weight * initial)
    if len(members) == 0:
        return
    first, second = model.sum_of(cells), model.sum_of(members)
    most_first, most_second = program.maximum(first), program.maximum(second)
    if most_first == 0 or most_second == 0:
        return
    if most_first > 1 and most_second > 1:
        total.add([program.product(program.total(first), program.total(second))], weight)
        return
    # One of them is 0 or 1: the product is the other one or 0.
    if most_first > 1:
        first, second, most_second = second, first, most_first
    result = program.integer(0, most_second, lambda values: first.value(values) * second.value(values))
    if weight > 0:
        row = Sum().add(second.variables).add(first.variables, most_second).add([result], -1)
        program.at_most(row, most_second)
    else:
        program.at_most(Sum().add([result]).add(second.variables, -1), 0)
        program.at_most(Sum().add([result]).add(first.variables, -most_second), 0)
    total.add([result], weight)


def add_ranges(model: Model, ranges: Ranges, total: Sum) -> None:
    """Each member too few or too many in an eligible domain is paid for."""
    for group, at_least, at_most, weight in zip(
        ranges.group.tolist(), ranges.at_least.tolist(), ranges.at_most.tolist(), ranges.weight.tolist(), strict=True
    ):
        initial, counted = model.initial(group), model.counted(group)
        still = model.groups.eligible_domains(group).copy()
        still[list(counted)] = False
        there = initial[still]
        outside_still = np.maximum(at_least - there, 0).sum() + np.maximum(there - at_most, 0).sum()
        total.constant += weight * int(outside_still)
        for domain, cells in counted.items():
            missing = Sum(constant=at_least - int(initial[domain])).add(cells.tolist(), -1)
            beyond = model.sum_of(cells, int(initial[domain]) - at_most)
            for outside in (missing, beyond):
                if model.program.maximum(outside) > 0 and weight:
                    total.add([excess(model, outside, weight)], weight)


def add_skews(model: Model, skews: Skews, total: Sum) -> None:
    """The distance of the largest from the smallest count beyond the allowed skew is paid for."""
    program = model.program
    for group, max_skew, weight in zip(
        skews.group.tolist(), skews.max_skew.tolist(), skews.weight.tolist(), strict=True
    ):
        eligible = model.groups.eligible_domains(group)
        if not eligible.any() or not weight:
            continue
        initial, counted = model.initial(group), model.counted(group)
        counts = [model.sum_of(cells, int(initial[domain])) for domain, cells in counted.items()]
        still = eligible.copy()
        still[list(counted)] = False
        if still.any():
            counts += [Sum(constant=int(initial[still].min())), Sum(constant=int(initial[still].max()))]
        least, most = min(program.minimum(one) for one in counts), max(program.maximum(one) for one in counts)
        smallest = program.integer(least, most, least_of(counts))
        for one in counts:
            program.at_least(one.plus([smallest], -1), 0)
        if weight < 0:
            _attain(model, counts, smallest, 1)
        largest = greatest(model, counts, weight)
        total.add([excess(model, Sum([largest, smallest], [1, -1], -max_skew), weight)], weight)


def _attain(model: Model, counts: list[Sum], end: int, sign: int) -> None:
    """Where skew is rewarded its ends, sign 1 the smallest and -1 the largest, must be counts that occur."""
    program = model.program
    literals = []
    for one in counts:
        row = one.plus([end], -1)
        literal = program.boolean(_is_zero(row))
        if sign > 0:
            program.at_most(row, 0, [literal])
        else:
            program.at_least(row, 0, [literal])
        literals.append(literal)
    program.any_of(literals)


def _is_zero(row: Sum) -> Rule:
    return lambda values: int(row.value(values) == 0)
