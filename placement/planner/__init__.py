"""From a cluster to a checked plan."""

from __future__ import annotations

from placement.planner.planning import plan

__all__ = ["plan"]
