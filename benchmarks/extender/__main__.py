"""``python -m benchmarks.extender``: time of each verb over HTTP, one connection, one process on the other side.

Prints one JSON line a verb: wall time at the client in ms, and the server's own cpu time a call, which says more where
the machine is shared. Bodies are made beforehand; names come in the cluster's order, or mixed with ``--mixed``.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks.extender")
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--pods", type=int, default=50000)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--whole", action="store_true", help="send whole nodes, as with nodeCacheCapable: false")
    parser.add_argument("--mixed", action="store_true", help="mix the names anew for each body")
    asked = parser.parse_args()
    from placement.generate import generate

    objects = generate(asked.nodes, asked.pods, 0, load=0.6)
    with tempfile.TemporaryDirectory() as directory:
        cluster = Path(directory) / "cluster.json"
        cluster.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
        port = _free_port()
        command = [sys.executable, "-m", "placement", "serve", "--cluster", str(cluster), "--port", str(port)]
        began = time.perf_counter()
        with (Path(directory) / "log").open("wb") as log:
            server = subprocess.Popen([*command, "--deadline", "5"], stderr=log)
        try:
            line = _ready(port, server)
            started = time.perf_counter() - began
            bodies = _bodies(objects, random.Random(1), mixed=asked.mixed, whole=asked.whole)
            # Every template is met once before it counts: the first call for one costs more, once.
            for body in bodies:
                _ask(line, "filter", body)
            for verb in ("filter", "prioritize"):
                found = _measured(line, verb, bodies, asked.calls, server.pid)
                found |= {"nodes": asked.nodes, "pods": asked.pods, "mixed": asked.mixed, "whole": asked.whole}
                found |= {"seconds_to_ready": round(started, 1), "resident_mb": _resident(server.pid)}
                print(json.dumps(found), flush=True)
        finally:
            server.terminate()
            server.wait(20)
    return 0


def _bodies(objects: list[dict[str, Any]], rng: random.Random, *, mixed: bool, whole: bool) -> list[bytes]:
    nodes = [one for one in objects if one["kind"] == "Node"]
    names = [one["metadata"]["name"] for one in nodes]
    waiting = [one for one in objects if one["kind"] == "Pod" and "nodeName" not in one["spec"]]
    found = []
    for pod in rng.sample(waiting, min(100, len(waiting))):
        if mixed:
            rng.shuffle(names)
        offered = {"Nodes": {"metadata": {}, "items": nodes}} if whole else {"Nodes": None, "NodeNames": names}
        found.append(json.dumps({"Pod": pod, **offered}, separators=(",", ":")).encode())
    return found


def _measured(line: http.client.HTTPConnection, verb: str, bodies: list[bytes], calls: int, pid: int) -> dict[str, Any]:
    before, began = _cpu(pid), time.perf_counter()
    times = []
    for number in range(calls):
        start = time.perf_counter()
        _ask(line, verb, bodies[number % len(bodies)])
        times.append(1e3 * (time.perf_counter() - start))
    wall, cpu = time.perf_counter() - began, _cpu(pid) - before
    times.sort()
    return {
        "verb": verb,
        "calls": calls,
        "p50_ms": round(times[calls // 2], 3),
        "p99_ms": round(times[calls * 99 // 100], 3),
        "most_ms": round(times[-1], 3),
        "calls_a_second": round(calls / wall),
        "server_cpu_ms_a_call": round(1e3 * cpu / calls, 3),
    }


def _ask(line: http.client.HTTPConnection, verb: str, body: bytes) -> None:
    line.request("POST", f"/{verb}", body, {"Content-Type": "application/json"})
    answer = line.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{verb} answers {answer.status}: {text[:200]!r}")


def _ready(port: int, server: subprocess.Popen[bytes]) -> http.client.HTTPConnection:
    while server.poll() is None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            line.request("GET", "/readyz")
            if line.getresponse().read() == b"ok":
                if line.sock is not None:
                    line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return line
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("the server ended before it was ready")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


if __name__ == "__main__":
    sys.exit(main())
