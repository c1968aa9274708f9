"""One bin as constraints of an integer program: what a pattern of its type may hold."""

from __future__ import annotations

import numpy as np

from placement_solvers.cp_sat.program import Program, Sum
from placement_solvers.packing_view import PackingView


def add_bin(program: Program, view: PackingView, type_: int) -> dict[int, int]:
    """Add a bin of a type to a program; the variable of each class that fits: its number of items in the bin."""
    most = np.minimum(view.most[type_], view.count)
    classes = np.flatnonzero(most)
    inside = {class_: program.integer(0, int(most[class_])) for class_ in classes.tolist()}
    for resource, capacity in enumerate(view.capacity[type_].tolist()):
        demand = view.demand[classes, resource]
        if int(demand @ most[classes]) > capacity:
            program.linear(list(inside.values()), demand.tolist(), 0, capacity)
    for joint in view.joints:
        shared = Sum.of(inside[class_] for class_ in joint.classes.tolist() if class_ in inside)
        program.at_most(shared, int(joint.at_most[type_]))
    for conflict in view.conflicts:
        others = [inside[class_] for class_ in conflict.others.tolist() if class_ in inside]
        if conflict.holds[type_] and conflict.class_ in inside and others:
            program.at_most_one([program.holds_any([inside[conflict.class_]]), program.holds_any(others)])
    return inside
