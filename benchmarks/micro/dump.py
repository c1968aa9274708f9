"""From a large dump to a checked plan: seconds by stage and peak memory, in one process.

python -m benchmarks.micro.dump --nodes 5000 --pods 110000 --pending 10000 --workloads 200
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from placement.cluster import Cluster
from placement.compiler import compile_cluster
from placement.desired import desired
from placement.generate import generate, write
from placement.manifests import read_inventory
from placement.planner import plan
from placement.policy import PRESETS


def peak_megabytes() -> float:
    """The most memory this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(dump: Path, time_limit: float) -> dict[str, float]:
    """Read, complete, compile and plan a dump.

    Returns
    -------
    dict of str to float
        Seconds by stage, megabytes, and counts.
    """
    began = time.perf_counter()
    inventory = read_inventory([dump])
    figures = {"read_seconds": time.perf_counter() - began}
    began = time.perf_counter()
    cluster = Cluster(desired(inventory))
    figures["desired_seconds"] = time.perf_counter() - began
    began = time.perf_counter()
    waiting = cluster.pending
    compiled = compile_cluster(cluster.inventory, waiting, PRESETS["default"])
    figures["compile_seconds"] = time.perf_counter() - began
    figures["peak_megabytes_compiled"] = peak_megabytes()
    # Twice, so that the second run shows the solver rather than the loading of its kernels.
    for run in ("first", "second"):
        answer = plan(cluster, solver="greedy", time_limit=time_limit)
        figures |= {f"{run}_{stage.replace(' ', '_')}_seconds": took for stage, took in answer.timings.items()}
    return {
        **figures,
        "dump_megabytes": dump.stat().st_size / 1e6,
        "peak_megabytes": peak_megabytes(),
        "classes": compiled.problem.num_classes,
        "pending": len(waiting),
        "unplaced": len(answer.unplaced),
    }


def main() -> None:
    """Generate a dump, measure it in this process and print a line a figure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.micro.dump", description=main.__doc__)
    parser.add_argument("--nodes", type=int, default=5_000)
    parser.add_argument("--pods", type=int, default=110_000, help="running and pending together")
    parser.add_argument("--pending", type=int, default=10_000)
    parser.add_argument("--workloads", type=int, default=200, help="of the pending pods")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--dump", type=Path, help="measure this file instead of a generated one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        dump = options.dump
        if dump is None:
            # In a process of its own, so that its memory is not counted.
            dump = Path(folder) / "dump.json"
            _generate(options, dump)
        for name, value in measure(dump, options.time_limit).items():
            print(f"{name:32} {value:12.3f}")


def _generate(options: argparse.Namespace, path: Path) -> None:
    import multiprocessing

    child = multiprocessing.Process(target=_write, args=(options, path))
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit("the generator failed")


def _write(options: argparse.Namespace, path: Path) -> None:
    objects = generate(
        options.nodes,
        options.pods,
        options.seed,
        pending=options.pending,
        pending_workloads=options.workloads,
    )
    with path.open("wb") as stream:
        write(objects, stream)


if __name__ == "__main__":
    main()
