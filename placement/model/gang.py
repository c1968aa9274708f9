"""Pod groups: how many of some pods must run for any to be worth it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PodGroup:
    """A PodGroup of scheduler-plugins or Volcano, or a pod group of a Kubernetes Workload.

    Attributes
    ----------
    min_member : int
        Least number of pods that run together.
    topology_key : str
        Node label whose value all pods must share, "" if none is asked.
    preferred_keys : tuple of str
        Node labels whose values as many of the pods as can be should share.
    native : bool
        Whether it is of Kubernetes' own API, which calls the number ``minCount``.
    """

    name: str
    namespace: str
    min_member: int
    topology_key: str = ""
    preferred_keys: tuple[str, ...] = ()
    native: bool = False
