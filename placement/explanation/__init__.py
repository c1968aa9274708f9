"""Why a pod gets its node or none, what would help it, and what makes up the cost of a whole plan."""

from __future__ import annotations

from placement.explanation.pod import Alternative, Explanation, explain

__all__ = ["Alternative", "Explanation", "explain"]
