"""The far side of `benchmarks.peers.rebalancing`: ``PYTHON rebalancing_side.py FOLDER``, in its own environment.

Knows neither numpy nor this project. Reads ``asked.json``, writes ``found.json``: the host of each object.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

# Of its enumerations version 1.0.4 takes numbers only, no names.
ABSOLUTE = 1


def main(folder: Path) -> None:
    """Solve what the folder says."""
    from rebalancer import ProblemSolver  # type: ignore[import-not-found, unused-ignore]

    asked = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    capacity, start = asked["capacity"], asked["start"]
    hosts = [f"h{host}" for host in range(len(capacity))]
    objects = [f"o{number}" for number in range(len(start))]
    assignment: dict[str, list[str]] = {host: [] for host in hosts}
    for number, host in enumerate(start):
        assignment[hosts[host]].append(objects[number])
    solver = ProblemSolver(service_name="rebalancer", service_scope="benchmark")
    solver.set_object_name("object").set_container_name("host").set_assignment(assignment)
    solver.set_log_level("ERROR")
    for resource, weight in enumerate(asked["over_target"]):
        name = f"r{resource}"
        largest = max(row[resource] for row in capacity)
        solver.add_object_dimension(name, {o: float(asked["demand"][n][resource]) for n, o in enumerate(objects)})
        solver.add_container_dimension(name, {h: float(capacity[n][resource]) for n, h in enumerate(hosts)})
        solver.add_constraint({"capacitySpec": {"name": f"{name} fits", "scope": "host", "dimension": name}})
        limits = {host: float(asked["target"][number][resource]) for number, host in enumerate(hosts)}
        goal = {"type": ABSOLUTE, "scopeItemLimits": limits}
        # A goal counts in shares of a host, so its weight is that of a whole host.
        solver.add_goal(
            {"capacitySpec": {"name": f"{name} even", "scope": "host", "dimension": name, "limit": goal}},
            float(weight * largest),
        )
    movement = {"scope": "host", "dimension": "object_count", "magicScaling": False, "doNotNormalize": True}
    solver.add_goal({"minimizeMovementSpec": {"name": "moves", **movement}}, float(asked["move"]))
    services: dict[str, list[str]] = {}
    for number, service in enumerate(asked["service"]):
        if service >= 0:
            services.setdefault(f"s{service}", []).append(objects[number])
    if services:
        solver.add_partition("service", services)
        one = {"type": ABSOLUTE, "globalLimit": 1.0}
        apart = {"name": "apart", "scope": "host", "partitionName": "service", "limit": one}
        solver.add_constraint({"groupCountSpec": apart})
    kinds = ("singleGreedyMoveTypeSpec", "singleRandomBatchesMoveTypeSpec", "singleMoveTypeSpec", "swapMoveTypeSpec")
    moves: list[dict[str, object]] = [{kind: {}} for kind in kinds]
    search = {"solveTime": asked["seconds"], "randomSeed": asked["seed"], "moveTypeList": moves}
    solver.add_solver({"localSearchSolverSpec": search})
    solution = solver.solve()
    host_of = {name: number for number, name in enumerate(hosts)}
    found = {
        "host_of": [host_of[solution["assignment"][name]] for name in objects],
        "objective": solution["finalObjective"]["value"],
    }
    (folder / "found.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
