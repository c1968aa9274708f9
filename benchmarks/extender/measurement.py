"""What was measured of a verb, with all that is needed to measure it again."""

from __future__ import annotations

from collections.abc import Sequence

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


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that so large a share of the others does not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
