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


SYSTEM_DEFAULTS = ((HOSTNAME, 3), (ZONE, 5))
"""Keys and skews of the cluster's own constraints, for pods without any (``systemDefaultConstraints``)."""


def system_defaults(siblings: Selector | None) -> tuple[SpreadConstraint, ...]:
    """The cluster's own constraints for a pod with these siblings; none where nothing selects it."""
    if siblings is None:
        return ()
    return tuple(SpreadConstraint(key, skew, siblings, required=False) for key, skew in SYSTEM_DEFAULTS)
