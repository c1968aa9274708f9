"""What was measured of a verb, with all that is needed to measure it again: lines of JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.machine import Provenance


class Measurement(Provenance, frozen=True, kw_only=True):
    """One verb under one load.

    Attributes
    ----------
    order : str
        Of the names in a call, as `calls.bodies` has it.
    whole : bool
        Whether calls held whole nodes.
    events : float
        Events a second from the API server meanwhile; 0 if the cluster came from a file and stood still.
    look_ahead : float
        Seconds of search for each plan that was made meanwhile; 0 if none was.
    p50, p99, p999, most : float
        Milliseconds from the first byte sent to the last one read, one call after the other.
    calls_a_second : float
        Of this one connection.
    server_cpu : float
        Milliseconds of the server's processor time a call, all it did meanwhile included.
    seconds_to_ready, cpu_to_ready : float
        From the start of the server's process, kernels compiled before; of the clock, and of the processor.
    resident, peak : int
        Bytes of the server's memory.
    """

    suite: str = "extender"
    verb: str
    nodes: int
    pods: int
    order: str
    whole: bool
    events: float
    look_ahead: float
    calls: int
    body: int
    p50: float
    p99: float
    p999: float
    most: float
    calls_a_second: float
    server_cpu: float
    seconds_to_ready: float
    cpu_to_ready: float
    resident: int
    peak: int


class Fuzzing(Provenance, frozen=True, kw_only=True):
    """Mutated bodies that one verb was given, none of which did harm.

    Attributes
    ----------
    bodies, bytes : int
        How many, and how long they were together.
    statuses : dict of str to int
        How many were answered by each HTTP status.
    slowest : float
        Milliseconds of the processor for the slowest answer, the look at its form included.
    checks : int
        How often the state was compared with what it was in the beginning, each time equal.
    seconds, cpu_seconds : float
        Of the whole run, the mutations included.
    """

    suite: str = "extender-fuzz"
    verb: str
    seed: int
    bodies: int
    bytes: int
    statuses: dict[str, int]
    slowest: float
    checks: int
    seconds: float
    cpu_seconds: float


def say(line: Provenance, out: Path | None) -> None:
    """Print a line, and add it to a file if there is one."""
    text = msgspec.json.encode(line)
    print(text.decode(), flush=True)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("ab") as file:
            file.write(text + b"\n")


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that so large a share of the others does not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
