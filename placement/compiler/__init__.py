"""The dictionary between the floors: pods and nodes in, items and bins out, and back.

`compile_cluster` never excludes a placement that kube-scheduler would allow: what it cannot say exactly it leaves
out, so a lower bound of the problem is one of the cluster. What it left out the planner settles on the objects.
"""

from __future__ import annotations

from placement.compiler.compiled import Compiled
from placement.compiler.translate import compile_cluster

__all__ = ["Compiled", "compile_cluster"]
