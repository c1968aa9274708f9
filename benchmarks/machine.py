"""What a run ran on: commit, versions, processor."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from placement_solvers.cores import num_cores

PACKAGES = ("kube-placement", "numpy", "numba", "ortools")
ROOT = Path(__file__).parents[1]
CPU_INFO = Path("/proc/cpuinfo")


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """What every line of results says of code, machine and time.

    Attributes
    ----------
    modified : bool
        Whether the code differs from the commit.
    versions : dict
        Of Python and the packages that count.
    cores : int
        That this process may use.
    load : float
        The machine's load average, over a minute, before the run began: more than its own work tells of company.
    started : str
        UTC.
    """

    commit: str = ""
    modified: bool = False
    versions: dict[str, str] = {}
    cpu: str = ""
    cores: int = 0
    load: float = 0.0
    started: str = ""


def provenance() -> dict[str, Any]:
    """The fields of `Provenance` as they are now, before a run."""
    started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {**_machine(), "load": round(os.getloadavg()[0], 2), "started": started}


@cache
def _machine() -> dict[str, Any]:
    code = ["solvers", "datasets", "placement", "benchmarks", ":!benchmarks/results"]
    return {
        "commit": _git("rev-parse", "HEAD"),
        "modified": bool(_git("status", "--porcelain", "--", *code)),
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
        "cpu": _cpu(),
        "cores": num_cores(),
    }


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
