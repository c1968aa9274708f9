"""``placement serve`` in a process of its own, and what it costs."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.machine import ROOT

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Served:
    """A server that is ready.

    Attributes
    ----------
    seconds_to_ready, cpu_to_ready : float
        From its start; of the clock, and of the processor.
    """

    pid: int
    port: int
    seconds_to_ready: float
    cpu_to_ready: float

    @property
    def cpu_seconds(self) -> float:
        """Processor time so far, without that of its children."""
        return _cpu_seconds(self.pid)

    def memory(self, what: str) -> int:
        """Bytes: ``"VmRSS"`` now or ``"VmHWM"`` at most."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(what + ":"):
                return int(line.split()[1]) * 1024
        return 0


@contextlib.contextmanager
def serving(options: Sequence[str], log: Path, patience: float = 300.0) -> Iterator[Served]:
    """A server started with these options, ready to answer; it ends with the block.

    Raises
    ------
    BenchmarkError
        If it ends, or is not ready in time.
    """
    port = free_port()
    path = os.pathsep.join(str(ROOT / folder) for folder in (".", "solvers", "datasets"))
    command = [sys.executable, "-m", "placement", "serve", "--port", str(port), *options]
    began = time.perf_counter()
    with log.open("wb") as said:
        process = subprocess.Popen(command, stderr=said, env={**os.environ, "PYTHONPATH": path})
    try:
        while not is_ready(port):
            if process.poll() is not None or time.perf_counter() - began > patience:
                raise BenchmarkError(f"the server is not ready: {log.read_text()[-500:]}")
            time.sleep(0.02)
        yield Served(process.pid, port, time.perf_counter() - began, _cpu_seconds(process.pid))
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def is_ready(port: int) -> bool:
    """Whether a server there says that it is ready."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("GET", "/readyz")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
