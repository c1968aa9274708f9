"""The rule of temporal bin packing, followed through time; shares no code with any solver."""

from __future__ import annotations

from collections.abc import Sequence

from placement_datasets.evaluation import Evaluation, contents
from placement_datasets.temporal_binpacking import Instance


def evaluate(instance: Instance, bin_of: Sequence[int]) -> Evaluation:
    """How many bins ever hold a job, and which hold too much at some time, with the first such time.

    Raises
    ------
    ValueError
        If `bin_of` does not name one bin for each job.
    """
    start, end, size = instance.start.tolist(), instance.end.tolist(), instance.size.tolist()
    jobs_of = contents(bin_of, len(size))
    broken = []
    for bin_, jobs in jobs_of.items():
        # At one time ends come before starts: a job that ends then makes room for one that starts.
        changes = [(end[job], 0, -size[job]) for job in jobs] + [(start[job], 1, size[job]) for job in jobs]
        used = 0
        for time, _, change in sorted(changes):
            used += change
            if used > instance.capacity:
                broken.append(f"capacity: bin {bin_} holds {used} at {time}, of {instance.capacity}")
                break
    return Evaluation(len(jobs_of), tuple(broken))
