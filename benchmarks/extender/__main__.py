"""``python -m benchmarks.extender``: time of each verb over loopback, one connection, one process on the other side.

Prints one JSON line a verb, and appends it to a file with ``--out``. Times are the client's, in ms; the server's own
processor time a call says more where the machine is shared. Bodies are made beforehand and answers not decoded.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.extender import calls
from benchmarks.extender.line import Line
from benchmarks.extender.measurement import Measurement, quantile, say
from benchmarks.extender.served import Served, serving
from benchmarks.machine import ROOT, provenance

PAIR = ("filter", "prioritize")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; the exit status."""
    asked = _parser().parse_args(arguments)
    from placement.generate import generate

    with tempfile.TemporaryDirectory() as directory:
        cluster = asked.cluster or Path(directory) / "cluster.json"
        if asked.cluster is None:
            listed = {"apiVersion": "v1", "kind": "List", "items": generate(asked.nodes, asked.pods, 0, load=0.6)}
            cluster.write_text(json.dumps(listed))
        try:
            objects = _objects(cluster)
        except BenchmarkError as error:
            print(f"benchmarks: {error}", file=sys.stderr)
            return 2
        bodies = calls.bodies(objects, random.Random(1), order=asked.order, whole=asked.whole)
        with contextlib.ExitStack() as running:
            options = ["--deadline", "5", "--look-ahead", str(asked.look_ahead)]
            if asked.events:
                kubeconfig = Path(directory) / "kubeconfig"
                options += ["--kubeconfig", str(kubeconfig)]
                running.enter_context(_api_server(cluster, asked.events, kubeconfig))
            else:
                options += ["--cluster", str(cluster)]
            try:
                served = running.enter_context(serving(options, Path(directory) / "log"))
                numbers = Counter(one["kind"] for one in objects)
                _measure(served, bodies, numbers, asked)
            except BenchmarkError as error:
                print(f"benchmarks: {error}", file=sys.stderr)
                return 1
    return 0


def _objects(cluster: Path) -> list[calls.Object]:
    """The objects of a cluster with nodes and waiting pods.

    Raises
    ------
    BenchmarkError
        If the file is no list of such.
    """
    try:
        found: list[calls.Object] = json.loads(cluster.read_text(encoding="utf-8"))["items"]
        nodes = any(one["kind"] == "Node" for one in found)
        waiting = any(one["kind"] == "Pod" and "nodeName" not in one["spec"] for one in found)
    except OSError as error:
        raise BenchmarkError(f"{cluster}: {error.strerror}") from None
    except (ValueError, TypeError, KeyError):
        raise BenchmarkError(f"{cluster}: expected JSON of kind List, as `kubectl get -o json` prints it") from None
    if not (nodes and waiting):
        raise BenchmarkError(f"{cluster}: expected nodes and pods that wait for one")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.extender", description="Time of the verbs over loopback.")
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--pods", type=int, default=50000)
    parser.add_argument("--cluster", type=Path, help="a list of objects to take instead of generating one")
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--order", choices=calls.ORDERS, default="rotated", help="of the names in a call [%(default)s]")
    parser.add_argument("--whole", action="store_true", help="send whole nodes, as with nodeCacheCapable: false")
    parser.add_argument("--events", type=float, default=0.0, help="events a second, from a stand-in API server")
    parser.add_argument("--look-ahead", type=float, default=0.0, help="seconds of search for each plan made meanwhile")
    parser.add_argument("--out", type=Path, help="JSONL to add to, such as benchmarks/results/extender/verbs.jsonl")
    return parser


def _measure(served: Served, bodies: list[bytes], numbers: Counter[str], asked: argparse.Namespace) -> None:
    line = Line(served.port)
    requests = {verb: [Line.request(verb, body) for body in bodies] for verb in PAIR}
    # Every template is met once before it counts: the first call for one costs more, once.
    for pair in zip(*requests.values(), strict=True):
        for request in pair:
            _asked(line, request)
    loads = {verb: [(one,) for one in requests[verb]] for verb in PAIR}
    for verb, load in {**loads, "+".join(PAIR): list(zip(*requests.values(), strict=True))}.items():
        say(_timed(line, served, verb, load, numbers, asked), asked.out)
    line.close()


def _timed(
    line: Line,
    served: Served,
    verb: str,
    requests: Sequence[tuple[bytes, ...]],
    numbers: Counter[str],
    asked: argparse.Namespace,
) -> Measurement:
    ran_on = provenance()
    before, began = served.cpu_seconds, time.perf_counter()
    times = [1e3 * sum(_asked(line, one) for one in requests[number % len(requests)]) for number in range(asked.calls)]
    wall, cpu = time.perf_counter() - began, served.cpu_seconds - before
    times.sort()
    return Measurement(
        verb=verb,
        nodes=numbers["Node"],
        pods=numbers["Pod"],
        order=asked.order,
        whole=asked.whole,
        events=asked.events,
        look_ahead=asked.look_ahead,
        calls=asked.calls,
        body=len(requests[0][0]),
        p50=round(quantile(times, 0.5), 3),
        p99=round(quantile(times, 0.99), 3),
        p999=round(quantile(times, 0.999), 3),
        most=round(times[-1], 3),
        calls_a_second=round(asked.calls / wall, 1),
        server_cpu=round(1e3 * cpu / asked.calls, 3),
        seconds_to_ready=round(served.seconds_to_ready, 1),
        cpu_to_ready=round(served.cpu_to_ready, 1),
        resident=served.memory("VmRSS"),
        peak=served.memory("VmHWM"),
        **ran_on,
    )


def _asked(line: Line, request: bytes) -> float:
    took, status, text = line.ask(request)
    if status != 200:
        raise BenchmarkError(f"the server answers {status}: {text[:200]!r}")
    return took


@contextlib.contextmanager
def _api_server(cluster: Path, events: float, kubeconfig: Path) -> Iterator[None]:
    """A stand-in API server with this cluster, and a kubeconfig for it."""
    path = os.pathsep.join(str(ROOT / folder) for folder in (".", "solvers", "datasets"))
    command = [sys.executable, "-m", "benchmarks.extender.api_server", str(cluster), "--events", str(events)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}) as process:
        try:
            port = process.stdout.readline().strip().decode() if process.stdout is not None else ""
            if not port:
                raise BenchmarkError("the API server ended")
            config = {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "here",
                "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
                "clusters": [{"name": "here", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
                "users": [{"name": "me", "user": {}}],
            }
            kubeconfig.write_text(json.dumps(config))
            yield
        finally:
            process.kill()


if __name__ == "__main__":
    sys.exit(main())
