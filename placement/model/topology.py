"""Topology spread constraints: how unevenly pods may lie over zones, racks or hosts."""

from __future__ import annotations

from dataclasses import dataclass

from placement.model.labels import Selector

HOSTNAME = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"
REGION = "topology.kubernetes.io/region"


@dataclass(frozen=True, slots=True)
class SpreadConstraint:
    """A topology spread constraint, ``matchLabelKeys`` merged into `selector`.

    Attributes
    ----------
    required : bool
        True for DoNotSchedule, False for ScheduleAnyway.
    selector : Selector or None
        None matches no pod.
    honor_affinity, honor_taints : bool
        Whether nodes that the pod's node affinity or taints exclude are left out of the count
        (``nodeAffinityPolicy`` and ``nodeTaintsPolicy``).
    """

    topology_key: str
    max_skew: int
    selector: Selector | None
    required: bool = True
    min_domains: int = 1
    honor_affinity: bool = True
    honor_taints: bool = False
