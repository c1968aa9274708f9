"""Seeded cells like Google's: few kinds of machine, jobs of one task or of thousands, three bands of priority.

What the numbers are drawn from; amounts are thousandths of the largest machine, after the public traces of Borg:

- *Machines*: CPU and memory of the ten kinds of the trace of 2011 in their proportions (`MACHINES`), each on one of
  three platforms.
- *Jobs*: tasks in a job are 1 for three jobs in four, else Pareto (shape 1, from 2) up to a fiftieth of all tasks. So
  many are drawn as there are classes; then each stands for as many like it as make all ask for `load` of what is
  scarcer in the cell, CPU or memory.
- *Demand* of a task: CPU log-normal (median 40, sigma 0.8), memory the same times a log-normal (sigma 0.5); both at
  most half of the largest machine.
- *Bands*: a fifth of the jobs is production, half is batch, the rest is free. The cost: tasks left out of production,
  then of batch, then free ones, then machines in use.
- *Constraints*: one job in sixteen runs on one platform only (the one with most machines, or else any, half and half);
  the fifty largest production jobs have at most two tasks on a machine.

C. Reiss, A. Tumanov, G. Ganger, R. Katz, M. Kozuch, "Heterogeneity and Dynamicity of Clouds at Scale: Google Trace
Analysis", SoCC 2012 (machines, many small jobs and few huge ones); B. Sharma et al., "Modeling and Synthesizing Task
Placement Constraints in Google Compute Clusters", SoCC 2011 (share of constrained tasks); M. Tirmazi et al., "Borg: the
Next Generation", EuroSys 2020 (heavy tails, bands). The shapes are theirs, the figures only near them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from placement_datasets.plain import problem_of_classes
from placement_solvers.problem import EVERYWHERE, Groups, Limits, Problem, Tier

Int64 = NDArray[np.int64]

MACHINES = (
    # number in the trace, platform, CPU, memory
    (6732, 1, 500, 500),
    (3863, 1, 500, 250),
    (1001, 1, 500, 750),
    (795, 2, 1000, 1000),
    (126, 0, 250, 250),
    (52, 1, 500, 120),
    (5, 1, 500, 30),
    (5, 1, 500, 970),
    (3, 2, 1000, 500),
    (1, 1, 500, 60),
)

PRODUCTION, BATCH, FREE = range(3)
BANDS = ("production", "batch", "free")
SHARES = (0.2, 0.5, 0.3)
"""Of the jobs, by band."""

NUM_PLATFORMS = 3
CONSTRAINED = 1 / 16
APART, AT_MOST = 50, 2


def borg_cell(num_bins: int, load: float, seed: int, num_classes: int = 500) -> Problem:
    """A cell with all of its tasks waiting; equal arguments give equal problems.

    Raises
    ------
    ValueError
        If there is no machine, no class, or no load.
    """
    if num_bins < 1 or num_classes < 1 or not load > 0:
        raise ValueError(f"a cell of {num_bins} machines, {num_classes} classes and load {load} is none")
    rng = np.random.default_rng(seed)
    kinds = np.array(MACHINES, dtype=np.int64)
    kind = rng.choice(len(kinds), num_bins, p=kinds[:, 0] / kinds[:, 0].sum())
    capacity, platform = kinds[kind, 2:], kinds[kind, 1]
    tasks, demand, band, wanted = _jobs(rng, load * capacity.sum(axis=0), num_classes)
    class_of = rng.permutation(np.repeat(np.arange(len(tasks), dtype=np.int32), tasks))
    production = np.flatnonzero(band == PRODUCTION)
    largest = production[np.argsort(-tasks[production], kind="stable")][:APART]
    apart = np.sort(largest).astype(np.int32)
    num_groups = len(apart)
    counted = np.isin(np.arange(len(tasks)), apart)
    problem = problem_of_classes(
        class_of,
        demand,
        capacity,
        np.ones(num_bins, dtype=np.int64),
        "machines",
        groups=Groups(
            topology=np.zeros(num_groups, dtype=np.int32),
            scope=np.full(num_groups, EVERYWHERE, dtype=np.int32),
            start=num_bins * np.arange(num_groups + 1, dtype=np.int64),
            initial=np.zeros(num_bins * num_groups, dtype=np.int32),
            class_start=np.concatenate([[0], np.cumsum(counted)]).astype(np.int64),
            of_class=np.arange(num_groups, dtype=np.int32),
        ),
        limits=Limits(apart, np.arange(num_groups, dtype=np.int32), np.full(num_groups, AT_MOST, dtype=np.int32)),
    )
    # The last row of signatures is of jobs that run anywhere.
    eligible = np.concatenate([np.eye(NUM_PLATFORMS, dtype=np.bool_), np.ones((1, NUM_PLATFORMS), dtype=np.bool_)])
    left_out = [Tier(f"unplaced {name}", unplaced=(band == level).astype(np.int64)) for level, name in enumerate(BANDS)]
    return replace(
        problem,
        class_signature=wanted.astype(np.int32),
        bin_signature=platform.astype(np.int32),
        eligible=eligible,
        tiers=(*left_out, problem.tiers[-1]),
        class_priority=(FREE - band).astype(np.int32),
    )


def _jobs(rng: np.random.Generator, total: NDArray[np.float64], num_classes: int) -> tuple[Int64, Int64, Int64, Int64]:
    """Tasks (C,), demand (C, 2), band (C,) and wanted platform (C,) of jobs that ask for `total` of either resource."""
    mean = 40 * np.exp(0.8**2 / 2)
    most = max(int(total.min() / mean) // 50, 1)
    tasks = np.where(rng.random(num_classes) < 0.75, 1, np.minimum(2 / (1 - rng.random(num_classes)), most))
    cpu = rng.lognormal(np.log(40), 0.8, num_classes)
    memory = cpu * rng.lognormal(0, 0.5, num_classes)
    demand = np.clip(np.round(np.column_stack([cpu, memory])), 1, 500).astype(np.int64)
    # As many like each of these as the cell has room for, whole jobs and at least one.
    scale = float((total / (tasks @ demand)).min())
    tasks = np.maximum(np.round(tasks * scale), 1).astype(np.int64)
    band = rng.choice(len(BANDS), num_classes, p=SHARES)
    constrained = rng.random(num_classes) < CONSTRAINED
    common = rng.random(num_classes) < 0.5
    platform = np.where(common, 1, rng.integers(0, NUM_PLATFORMS, num_classes))
    large = (demand > 250).any(axis=1)  # for the machines of platform 0
    platform = np.where(large & (platform == 0), 1, platform)
    return tasks, demand, band, np.where(constrained, platform, NUM_PLATFORMS)
