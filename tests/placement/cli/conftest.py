"""The command, run inside the test and outside of it, on clusters small enough to count by hand."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from placement.cli.app import main

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"

CLUSTER = """\
apiVersion: v1
kind: Node
metadata: {name: node-1, labels: {kubernetes.io/hostname: node-1}}
status: {allocatable: {cpu: "4", memory: 8Gi, pods: "10"}}
---
apiVersion: v1
kind: Node
metadata: {name: node-2, labels: {kubernetes.io/hostname: node-2}}
status: {allocatable: {cpu: "4", memory: 8Gi, pods: "10"}}
"""

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: main, image: web, resources: {requests: {cpu: "1", memory: 1Gi}}}]
"""

HUGE = """\
apiVersion: v1
kind: Pod
metadata: {name: huge, namespace: lab}
spec:
  containers: [{name: main, image: huge, resources: {requests: {cpu: "64"}}}]
"""


@dataclass(frozen=True)
class Done:
    """What a run of the command left behind."""

    status: int
    out: str
    err: str


@pytest.fixture
def placement(capfd):
    """Runs the command in this process."""

    def run(*arguments):
        status = main([str(each) for each in arguments])
        captured = capfd.readouterr()
        return Done(status, captured.out, captured.err)

    return run


@pytest.fixture
def process():
    """Starts the command in a process of its own, as `subprocess.Popen` does; `salt` seeds the order of sets."""

    def start(*arguments, salt="0", **options):
        command = [sys.executable, "-m", "placement", *(str(each) for each in arguments)]
        path = os.pathsep.join(str(ROOT / part) for part in (".", "solvers", "datasets"))
        environment = {**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", "PYTHONHASHSEED": salt}
        # A shell has its background jobs ignore SIGINT, and so would what they start.
        ignored = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, **options
            )
        finally:
            signal.signal(signal.SIGINT, ignored)

    return start


@pytest.fixture
def cluster(tmp_path):
    """Two nodes and three pods that fit."""
    path = tmp_path / "cluster.yaml"
    path.write_text(f"{CLUSTER}---\n{WEB}")
    return path


@pytest.fixture
def crowded(tmp_path):
    """The same with a pod that fits nowhere."""
    path = tmp_path / "crowded.yaml"
    path.write_text(f"{CLUSTER}---\n{WEB}---\n{HUGE}")
    return path
