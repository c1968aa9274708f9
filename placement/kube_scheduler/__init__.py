"""The default scheduler, simulated on objects: the baseline of every comparison.

One pod after the other, filters, scores and choice as kube-scheduler v1.36 does it, without preemption. The columns
here are the simulation's own and speed up nothing else: what they say equals `placement.predicates` and
`placement.scores`, which the tests hold them to.
"""

from __future__ import annotations

from placement.kube_scheduler.simulation import simulate

__all__ = ["simulate"]
