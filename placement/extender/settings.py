"""What an extender can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the extender behaves.

    Attributes
    ----------
    deadline : float
        Seconds after which a verb gives up judging and lets everything through; below the scheduler's timeout.
    assume_for : float
        Seconds for which a pod that was sent to its only node counts there before it is seen there.
    plan_for : float
        Seconds for which a plan keeps room for pods that have not come.
    max_body : int
        Bytes; longer bodies are refused with 413.
    steering : str
        "authoritative": filter leaves a planned pod its planned node alone; "advisory": prioritize only prefers it.
    look_ahead : float
        Seconds of search for each plan of all pending pods; 0 plans nothing.
    bind : bool
        Whether the verb ``bind`` binds.
    lease : str
        ``namespace/name`` of the Lease by which replicas elect the one that plans and writes; "" elects nobody.
    publish : bool
        Whether the plan is written to ``status.nominatedNodeName`` of the waiting pods.
    queue : int
        Plans asked for over REST that may wait; more are refused with 429.
    """

    deadline: float = 0.5
    assume_for: float = 30.0
    plan_for: float = 60.0
    max_body: int = 128 * 2**20
    steering: Literal["authoritative", "advisory"] = "authoritative"
    look_ahead: float = 0.0
    bind: bool = False
    lease: str = ""
    publish: bool = False
    queue: int = 8
