"""What a run ran on: commit, versions, processor."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("kube-placement", "numpy", "numba", "ortools")
ROOT = Path(__file__).parents[1]
CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Machine:
    """What a run ran on.

    Attributes
    ----------
    modified : bool
        Whether the code differs from the commit.
    cores : int
        That this process may use.
    """

    commit: str
    modified: bool
    versions: dict[str, str]
    cpu: str
    cores: int


@cache
def this_machine() -> Machine:
    """The machine and the code at hand."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    code = ["solvers", "datasets", "placement", "benchmarks", ":!benchmarks/results"]
    return Machine(
        commit=_git("rev-parse", "HEAD"),
        modified=bool(_git("status", "--porcelain", "--", *code)),
        versions={"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
        cpu=_cpu(),
        cores=cores,
    )


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _cpu() -> str:
    if CPU_INFO.exists():
        for line in CPU_INFO.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
